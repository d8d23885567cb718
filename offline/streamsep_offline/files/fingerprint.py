"""What decides about the samples of the stems, as one short text: only the same text may resume a spool."""

from __future__ import annotations

import hashlib
import importlib.metadata
import json
import platform
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from streamsep.errors import AudioFileError
from streamsep_offline.files.song_file import SongFile
from streamsep_offline.separation.settings import SeparationSettings

_PACKAGES = ("streamsep", "numpy", "numba", "soxr", "soundfile", "torch", "norbert", "av")


def fingerprint(song: SongFile, settings: SeparationSettings, stems: Sequence[str]) -> str:
    """Digest of a song's bytes, the part taken, the settings, the model and the versions in use.

    Args:
        song: The input.
        settings: What separates.
        stems: What comes out.

    Raises:
        AudioFileError: The input cannot be read.
    """
    facts = {
        "input": _digest_of_file(song.path),
        "part": (song.start_s, song.duration_s, song.n_frames, song.sample_rate, song.channels),
        "settings": asdict(settings),
        "stems": tuple(stems),
        "model": _look_of_model(settings.chosen_model),
        "versions": [_version(name) for name in _PACKAGES],
        "machine": platform.machine(),
    }
    text = json.dumps(facts, sort_keys=True)
    return hashlib.blake2b(text.encode(), digest_size=16).hexdigest()


def model_name(settings: SeparationSettings) -> str:
    """Name of the model for files: a preset's or a set's own, or that of its file or folder."""
    path = Path(settings.chosen_model)
    return path.stem if path.is_file() else path.name or path.resolve().name


def _digest_of_file(path: Path) -> str:
    state = hashlib.blake2b(digest_size=16)
    try:
        with path.open("rb") as file:
            while piece := file.read(1 << 20):
                state.update(piece)
    except OSError as error:
        raise AudioFileError(f"{path} cannot be read ({error.strerror}); check it") from error
    return state.hexdigest()


def _look_of_model(model: str) -> Any:
    """Names, sizes and times of a model's files where it is a path: weights that were trained on differ."""
    if not Path(model).exists():
        return model
    path = Path(model)
    files = sorted(path.iterdir()) if path.is_dir() else [path]
    return [(f.name, f.stat().st_size, f.stat().st_mtime_ns) for f in files]


def _version(package: str) -> str:
    try:
        return importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError:
        return "absent"
