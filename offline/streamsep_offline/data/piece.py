"""A file, or one stream of it, as a summand of a stem: how it is opened, and what its header says."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from streamsep.audio.reader import AudioReader, FileReader
from streamsep.errors import AudioFileError
from streamsep_offline.files.av_reader import AvReader

SUFFIXES = (".wav", ".flac", ".aif", ".aiff", ".ogg", ".opus", ".mp3", ".caf", ".w64")
"""Of files that libsndfile reads; first come those that a song's stem is looked for as."""

AV_SUFFIXES = (".m4a", ".mp4", ".aac", ".mka", ".webm", ".wma")
"""Of files that PyAV reads (extra `formats`)."""


@dataclass(frozen=True)
class Piece:
    """A summand of a stem.

    Attributes:
        path: The file.
        stream: Index among its audio streams; None takes the first.
        gain: Factor; -1 takes it away.
    """

    path: Path
    stream: int | None = None
    gain: float = 1.0

    def __str__(self) -> str:
        return str(self.path) if self.stream is None else f"{self.path} (stream {self.stream})"


@dataclass(frozen=True)
class Facts:
    """What a file's header says.

    Attributes:
        sample_rate: In Hz.
        channels: 1 or 2.
        n_frames: Samples per channel; None where only the end will tell.
        format_name: "FLAC PCM_24".
    """

    sample_rate: int
    channels: int
    n_frames: int | None
    format_name: str


def open_piece(piece: Piece) -> AudioReader:
    """A reader of a piece from its start.

    Raises:
        AudioFileError: The file is missing, unreadable, empty, truncated, or neither mono nor stereo.
        MissingExtraError: It needs PyAV, which is not installed.
    """
    path = piece.path
    if not path.is_file():
        raise AudioFileError(f"{path} does not exist; render or copy it again")
    if piece.stream is None and path.suffix.lower() not in AV_SUFFIXES:
        return FileReader(path)
    reader = AvReader(path, piece.stream or 0)
    if reader.channels > 2:
        reader.close()
        raise AudioFileError(f"{path} has {reader.channels} channels; mix it down to one or two")
    return reader


def look(piece: Piece) -> Facts:
    """What the header says; raises as `open_piece` does."""
    with open_piece(piece) as reader:
        return Facts(reader.sample_rate, reader.channels, reader.n_frames, reader.format_name)
