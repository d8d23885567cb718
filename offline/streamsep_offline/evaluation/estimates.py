"""Somebody else's estimates as files in museval's layout: `[test/]<track>/<stem>.wav`.

Estimates are of whole songs; the part that is scored is cut out of them. Like museval, one that is a
little short is padded with silence, one that is long is cut.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import soundfile

from streamsep.errors import AudioFileError
from streamsep_offline.evaluation.method import Estimate
from streamsep_offline.evaluation.score import SongAudio

SUFFIXES = (".wav", ".flac", ".ogg", ".mp3")

_SLACK_S = 0.5
"""Seconds by which the length of an estimate may differ from that of its song."""


@dataclass(frozen=True)
class EstimatesMethod:
    """A folder of estimates.

    Attributes:
        folder: The folder.
        split: Subfolder in which tracks may lie.
    """

    folder: str
    split: str = "test"

    @property
    def title(self) -> str:
        """One line for people."""
        return f"estimates in {Path(self.folder).name}"

    @property
    def settings(self) -> Mapping[str, Any]:
        """The folder."""
        return {"path": "estimates", "model": self.folder}

    def open(self) -> Estimate:
        """Nothing is read before a song comes."""
        return self._read

    def _read(self, song: SongAudio) -> tuple[tuple[str, ...], np.ndarray]:
        places = [Path(self.folder) / self.split / song.name, Path(self.folder) / song.name]
        place = next((p for p in places if p.is_dir()), None)
        files = {} if place is None else _stems(place)
        if not files:
            raise AudioFileError(
                f"no estimates of '{song.name}' at {places[0]} or {places[1]}; expected "
                f"<track>/<stem>.wav, stems named like the song's: {', '.join(song.stems)}"
            )
        return tuple(files), np.stack([_read_part(path, song) for path in files.values()])


def has_estimates(folder: Path) -> bool:
    """Whether a folder looks like one of estimates: folders of audio files, but no model."""
    places = [p for pattern in ("*", "*/*") for p in folder.glob(pattern) if p.is_dir()]
    return any(_stems(place) for place in places)


def _stems(place: Path) -> dict[str, Path]:
    """Files by stem; a mixture that lies beside them is none."""
    found = {p.stem: p for p in sorted(place.iterdir()) if p.suffix.lower() in SUFFIXES}
    return {name: path for name, path in found.items() if name not in ("mixture", "linear_mixture")}


def _read_part(path: Path, song: SongAudio) -> np.ndarray:
    """[channels, n], as long as the song's part; mono is doubled."""
    channels, n = song.references.shape[1:]
    try:
        with soundfile.SoundFile(path) as file:
            if file.samplerate != song.sample_rate:
                raise AudioFileError(
                    f"{path} is at {file.samplerate} Hz, its song at {song.sample_rate} Hz; "
                    "resample the estimates"
                )
            start = round(song.start_s * file.samplerate)
            missing = start + n - file.frames
            if missing > _SLACK_S * file.samplerate:
                raise AudioFileError(
                    f"{path} lasts {file.frames / file.samplerate:.1f} s, the part to score ends at "
                    f"{(start + n) / file.samplerate:.1f} s; estimates are of whole songs"
                )
            file.seek(min(start, file.frames))
            audio = file.read(n, dtype="float32", always_2d=True).T
    except soundfile.LibsndfileError as error:
        raise AudioFileError(f"cannot read {path}: {error.error_string}") from error
    if len(audio) not in (1, channels):
        raise AudioFileError(f"{path} has {len(audio)} channels; expected 1 or {channels}")
    audio = np.broadcast_to(audio, (channels, audio.shape[1]))
    return np.pad(audio, [(0, 0), (0, n - audio.shape[1])])
