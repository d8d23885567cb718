"""A model as data: its kind, its settings, its weights, its card. Engines turn it into a computation.

A model folder holds `model.json` (this class without the weights) and `model.safetensors` (the weights;
absent where there are none). Nothing is ever unpickled.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np

from streamsep.errors import CheckpointError, EngineError
from streamsep.spec import NATIVE_RATES, Profile

FORMAT_VERSION = 1
"""Version of the model folder's layout; a reader refuses any other."""

MODEL_FILE = "model.json"
"""What makes a folder a model folder."""

KINDS = ("classic", "open_unmix", "cue_lstm", "cue_bilstm")
"""Kinds of models that there are."""

OFFLINE_KINDS = ("cue_bilstm",)
"""Kinds that hear the future: they separate files, and no engine runs them hop by hop."""


@dataclass(frozen=True)
class Model:
    """A separation model, independent of any engine.

    Attributes:
        kind: One of `KINDS`.
        profile: The window pair it was made for.
        targets: Stems it separates, the residual last.
        channels: Channels it sees: 1, 2, or None for either.
        sample_rates: Engine rates in Hz that it serves.
        settings: Settings of its kind, JSON values.
        weights: Arrays by name; empty for models without weights.
        card: Licence, sources, scores: JSON values for people.
    """

    kind: str
    profile: Profile
    targets: tuple[str, ...]
    channels: int | None = None
    sample_rates: tuple[int, ...] = NATIVE_RATES
    settings: Mapping[str, Any] = field(default_factory=dict)
    weights: Mapping[str, np.ndarray] = field(default_factory=dict)
    card: Mapping[str, Any] = field(default_factory=dict)

    @property
    def n_weights(self) -> int:
        """Count of weights, for people and tables."""
        return sum(w.size for w in self.weights.values())

    @property
    def classes(self) -> tuple[str, ...]:
        """Stems that its weights know: its targets, or more where its residual is the sum of several."""
        return tuple(self.settings.get("classes", self.targets))

    @property
    def is_offline(self) -> bool:
        """Whether it hears the future and so separates files only."""
        return self.kind in OFFLINE_KINDS

    def require_stream(self) -> None:
        """Refuse what no stream can run.

        Raises:
            EngineError: The model hears the future.
        """
        if self.is_offline:
            raise EngineError(
                f"a {self.kind} model hears the future and separates files only; use: "
                "streamsep separate SONG --model MODEL, or stream with another model"
            )

    def fits(self, profile: Profile, targets: tuple[str, ...]) -> bool:
        """Whether `at` gives a model for these windows and stems."""
        if (profile, targets) == (self.profile, self.targets):
            return True
        n = len(targets) - 1
        is_sum = targets == self.targets or 0 < n < len(self.targets) - 1
        return (
            self.kind == "cue_lstm"
            and profile.n_fft == self.profile.n_fft
            and is_sum
            and targets[:n] == self.targets[:n]
        )

    def at(self, profile: Profile, targets: tuple[str, ...]) -> Model:
        """The same weights with other windows, or with several stems as the residual.

        A cue model hears seconds and hertz, not frames: with the same analysis window it serves other
        hops (docs/models.md has the scores). Its masks add up, so its last stems may be one.

        Args:
            profile: Window pair.
            targets: Stems, the residual last.

        Raises:
            CheckpointError: Its weights do not fit.
        """
        if not self.fits(profile, targets):
            raise CheckpointError(
                f"this {self.kind} model separates {', '.join(self.targets)} at '{self.profile.name}', "
                f"not {', '.join(targets)} at '{profile.name}'; train one for them"
            )
        settings = dict(self.settings)
        if targets != self.targets:
            settings["classes"] = list(self.classes)
        return replace(self, profile=profile, targets=targets, settings=settings)


def save_model(model: Model, folder: str | Path, is_half: bool = False) -> None:
    """Write a model folder that `load_model` reads.

    Args:
        model: What to write.
        folder: Created when missing; its two files are replaced.
        is_half: Store weights with 11 bits of precision, in half of the space; they are read as float32.

    Raises:
        CheckpointError: A weight is too large for half precision; nothing is written.
    """
    from safetensors.numpy import save_file

    stored = {name: np.array(w, order="C") for name, w in model.weights.items()}
    if is_half:
        stored = {name: _halved(name, w) for name, w in stored.items()}

    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    digest = None
    if stored:
        path = folder / "model.safetensors"
        save_file(stored, path)
        digest = hashlib.sha256(path.read_bytes()).hexdigest()
    description = {
        "format": "streamsep-model",
        "version": FORMAT_VERSION,
        "kind": model.kind,
        "profile": {
            "name": model.profile.name,
            "n_fft": model.profile.n_fft,
            "synthesis_length": model.profile.synthesis_length,
            "hop": model.profile.hop,
        },
        "targets": list(model.targets),
        "channels": model.channels,
        "sample_rates": list(model.sample_rates),
        "settings": dict(model.settings),
        "weights_sha256": digest,
        "card": dict(model.card),
    }
    (folder / MODEL_FILE).write_text(json.dumps(description, indent=2) + "\n", encoding="utf-8")


def load_model(folder: str | Path) -> Model:
    """Read a model folder.

    Raises:
        CheckpointError: The folder or a file is missing, damaged, foreign, or of another version.
    """
    folder = Path(folder)
    description = _read_description(folder / MODEL_FILE)
    try:
        weights = _read_weights(folder / "model.safetensors", description["weights_sha256"])
        return Model(
            kind=description["kind"],
            profile=Profile(**description["profile"]),
            targets=tuple(description["targets"]),
            channels=description["channels"],
            sample_rates=tuple(description["sample_rates"]),
            settings=description["settings"],
            weights=weights,
            card=description["card"],
        )
    except (KeyError, TypeError, ValueError) as error:
        if isinstance(error, CheckpointError):
            raise
        raise CheckpointError(
            f"{folder / MODEL_FILE} is damaged ({error}); export it again"
        ) from error


def _read_description(path: Path) -> dict[str, Any]:
    if not path.is_file():
        raise CheckpointError(
            f"no model at {path.parent}: it holds no {MODEL_FILE}; name a model folder"
        )
    try:
        description = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise CheckpointError(
            f"{path} is not readable JSON ({error}); export the model again"
        ) from error
    if not isinstance(description, dict) or description.get("format") != "streamsep-model":
        raise CheckpointError(
            f'{path} is not a streamsep model; expected "format": "streamsep-model"'
        )
    if description.get("version") != FORMAT_VERSION:
        raise CheckpointError(
            f"{path} has version {description.get('version')}, this program reads {FORMAT_VERSION}; "
            "export the model again or update streamsep"
        )
    if description.get("kind") not in KINDS:
        raise CheckpointError(
            f"{path} has kind '{description.get('kind')}', known are: {', '.join(KINDS)}; update streamsep"
        )
    return description


def _read_weights(path: Path, digest: str | None) -> dict[str, np.ndarray]:
    if digest is None:
        return {}
    if not path.is_file():
        raise CheckpointError(f"{path} is missing; copy the whole model folder")
    from safetensors import SafetensorError
    from safetensors.numpy import load

    data = path.read_bytes()
    if hashlib.sha256(data).hexdigest() != digest:
        raise CheckpointError(
            f"{path} does not match its recorded sha256: damaged or altered; copy it again"
        )
    try:
        weights = load(data)
    except SafetensorError as error:
        raise CheckpointError(
            f"{path} is not a safetensors file ({error}); copy it again"
        ) from error
    return {
        name: w.astype(np.float32) if w.dtype == np.float16 else w for name, w in weights.items()
    }


def _halved(name: str, weight: np.ndarray) -> np.ndarray:
    if weight.dtype != np.float32:
        return weight
    if np.abs(weight).max(initial=0.0) > np.finfo(np.float16).max:
        raise CheckpointError(
            f"weight '{name}' reaches {np.abs(weight).max():g}, beyond half precision; store it whole"
        )
    return weight.astype(np.float16)
