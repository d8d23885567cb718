"""Multitracks on disk: a folder per song with one file per stem."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import soundfile

from streamsep.errors import AudioFileError, ShapeError

STEMS = ("vocals", "drums", "bass", "other")
"""Stems of a multitrack, in the order of the targets axis."""

SAMPLE_RATE = 44100
"""Rate of every multitrack in Hz."""

_SUFFIXES = (".flac", ".wav", ".ogg", ".mp3")


@dataclass(frozen=True)
class Song:
    """One multitrack.

    Attributes:
        name: Of its folder.
        files: One per stem.
        n_samples: Samples of the shortest stem.
    """

    name: str
    files: tuple[Path, ...]
    n_samples: int

    def read(self, stem: int, start: int, n: int) -> np.ndarray:
        """An excerpt of a stem, float32 [2, n]; a mono file is both sides.

        Raises:
            ShapeError: The file is not at `SAMPLE_RATE`.
        """
        samples, rate = soundfile.read(
            self.files[stem], frames=n, start=start, dtype="float32", always_2d=True
        )
        if rate != SAMPLE_RATE:
            raise ShapeError(f"{self.files[stem]} is at {rate} Hz; resample it to {SAMPLE_RATE} Hz")
        return np.ascontiguousarray(np.broadcast_to(samples.T, (2, len(samples))))


def open_song(folder: Path, stems: tuple[str, ...] = STEMS) -> Song:
    """A multitrack from its folder.

    Raises:
        AudioFileError: A stem is missing.
    """
    files = []
    for stem in stems:
        found = [folder / f"{stem}{suffix}" for suffix in _SUFFIXES]
        found = [path for path in found if path.is_file()]
        if not found:
            raise AudioFileError(f"{folder} has no file of '{stem}'; render or copy it again")
        files.append(found[0])
    return Song(folder.name, tuple(files), min(soundfile.info(path).frames for path in files))


def find_songs(root: Path) -> list[Song]:
    """Every whole multitrack below a folder, by name."""
    folders = sorted(path for path in root.iterdir() if path.is_dir())
    return [open_song(f) for f in folders if all(any(f.glob(f"{stem}.*")) for stem in STEMS)]
