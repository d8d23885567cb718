"""The live path: a song block by block through a `Separator`, its latency taken off afterwards."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from streamsep import Separator, find_preset
from streamsep.model import Model, load_model
from streamsep.presets import Preset
from streamsep.units import samples_to_ms
from streamsep_offline.data.song import Song
from streamsep_offline.evaluation.excerpt import score_excerpt
from streamsep_offline.evaluation.method import Estimate
from streamsep_offline.evaluation.results import SongResult
from streamsep_offline.evaluation.score import SongAudio

_BLOCK = 4096
"""Samples of a block; stems do not depend on it."""


def hear_live(separator: Separator, mixture: np.ndarray) -> np.ndarray:
    """Stems as a live stream gives them, aligned with the mixture.

    Args:
        separator: Reset by this.
        mixture: At its rate. [channels, n]

    Returns:
        float32 [stems, channels, n]
    """
    separator.reset()
    blocks = range(0, mixture.shape[1], _BLOCK)
    parts = [separator.process(mixture[:, at : at + _BLOCK]) for at in blocks]
    early = separator.latency_samples
    return np.concatenate([*parts, separator.flush()], axis=-1)[..., early:]


def score_live(
    separator: Separator, song: Song, start_s: float = 0.0, duration_s: float | None = None
) -> SongResult:
    """Scores of a song on the scale of share closed; stems that hardly sound are left out.

    Args:
        separator: At the song's rate, stereo; reset by this.
        song: With known stems.
        start_s: Where to start.
        duration_s: How much to take; None takes all.
    """

    def estimate(audio: SongAudio) -> tuple[tuple[str, ...], np.ndarray]:
        return separator.stems, hear_live(separator, audio.mixture)

    return score_excerpt(estimate, song, start_s, duration_s)


@dataclass(frozen=True)
class LiveMethod:
    """A model of the real-time engine.

    Attributes:
        model: Name or file of a preset, or a model folder; None is the best preset that has the rest.
        profile: Of a preset; None is its default.
        stem_set: Of a preset; None is its default.
        engine: "compiled" or "torch".
        precision: "float32" or "int8".
        wiener: Whether the recursive Wiener filter follows; None is what the preset says.
    """

    model: str | None = None
    profile: str | None = None
    stem_set: str | None = None
    engine: str = "compiled"
    precision: str = "float32"
    wiener: bool | None = None

    @property
    def title(self) -> str:
        """One line for people."""
        model, preset = self._load()
        name = Path(str(self.model)).name if preset is None else f"{preset.name}, {preset.stem_set}"
        return f"{name} at {model.profile.name}, {self.engine} {self.precision}, live"

    @property
    def settings(self) -> Mapping[str, Any]:
        """All attributes, and the delay at 44.1 kHz where nothing is promised about blocks."""
        latency_ms = samples_to_ms(self._load()[0].profile.latency_samples(), 44100)
        return {"path": "live", **asdict(self), "latency_ms": round(latency_ms, 2)}

    def open(self) -> Estimate:
        """A separator per sample rate, made when the first song of the rate comes."""
        model, preset = self._load()
        wiener = self.wiener if preset is None or self.wiener is not None else preset.has_wiener
        separators: dict[int, Separator] = {}

        def estimate(song: SongAudio) -> tuple[tuple[str, ...], np.ndarray]:
            rate = song.sample_rate
            if rate not in separators:
                separators[rate] = Separator(
                    model,
                    sample_rate=rate,
                    channels=len(song.mixture),
                    engine=self.engine,
                    precision=self.precision,
                    wiener=bool(wiener),
                )
            return separators[rate].stems, hear_live(separators[rate], song.mixture)

        return estimate

    def _load(self) -> tuple[Model, Preset | None]:
        if self.model is not None and (Path(self.model) / "model.json").is_file():
            return load_model(self.model), None
        preset = find_preset(self.model, self.profile, self.stem_set)
        return preset.load(), preset
