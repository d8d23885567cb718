"""Songs with known stems: a folder per song, an audio file per stem, as MUSDB18-HQ lays them out."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import soundfile

from streamsep.errors import AudioFileError

STEM_NAMES = ("vocals", "drums", "bass", "piano", "other", "accompaniment")
"""Stems that a song's folder may hold."""

SUFFIXES = (".wav", ".flac", ".ogg", ".mp3")


@dataclass(frozen=True)
class Song:
    """A folder with at least two stems that sum to the song.

    Attributes:
        name: Of the folder.
        paths: File of each stem, in the order of `STEM_NAMES`.
        kind: Of music, "" if unknown.
    """

    name: str
    paths: dict[str, Path]
    kind: str = ""

    @property
    def stems(self) -> tuple[str, ...]:
        """Names of the stems."""
        return tuple(self.paths)

    def read(self, start_s: float = 0.0, duration_s: float | None = None) -> tuple[np.ndarray, int]:
        """The stems, float32 [stems, 2, n], and their sample rate in Hz; mono files are doubled.

        Raises:
            AudioFileError: A file is unreadable, or rates differ within the song.
        """
        parts, rates = [], set()
        for path in self.paths.values():
            try:
                with soundfile.SoundFile(path) as file:
                    rates.add(file.samplerate)
                    file.seek(min(round(start_s * file.samplerate), file.frames))
                    n = -1 if duration_s is None else round(duration_s * file.samplerate)
                    audio = file.read(n, dtype="float32", always_2d=True).T
            except soundfile.LibsndfileError as error:
                raise AudioFileError(f"cannot read {path}: {error.error_string}") from error
            parts.append(np.repeat(audio, 2, axis=0) if len(audio) == 1 else audio[:2])
        if len(rates) != 1:
            raise AudioFileError(
                f"the stems of '{self.name}' have rates {sorted(rates)}; make them one"
            )
        n = min(
            part.shape[1] for part in parts
        )  # lossy files may differ by a few samples at the end
        return np.stack([part[:, :n] for part in parts]), rates.pop()


def find_songs(folder: Path) -> Iterator[Song]:
    """Songs below a folder (or the folder itself), by name.

    Raises:
        AudioFileError: There is none.
    """
    found = 0
    for directory in sorted({folder, *(p for p in folder.rglob("*") if p.is_dir())}):
        files = {p.stem: p for p in sorted(directory.iterdir()) if p.suffix.lower() in SUFFIXES}
        paths = {name: files[name] for name in STEM_NAMES if name in files}
        if len(paths) >= 2:
            found += 1
            yield Song(directory.name, paths)
    if not found:
        raise AudioFileError(
            f"no songs below {folder}; expected folders with two or more of "
            f"{', '.join(STEM_NAMES)} ({', '.join(SUFFIXES)})"
        )
