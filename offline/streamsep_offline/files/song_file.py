"""A song to separate: a part of a file, openable as often as needed, with what the stems shall keep."""

from __future__ import annotations

import contextlib
import stat
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from streamsep.audio.reader import AudioReader, open_audio
from streamsep.commands.stream import excerpt
from streamsep.errors import AudioFileError
from streamsep_offline.files.av_reader import AvReader
from streamsep_offline.files.inputs import AV_EXTENSIONS

MAX_CHANNELS = 64

_BLOCK = 1 << 16
"""Samples per block: 1.5 s at 44.1 kHz."""

_BITS = {
    **dict.fromkeys(("PCM_S8", "PCM_U8", "PCM_16"), 16),
    "PCM_24": 24,
    **dict.fromkeys(("PCM_32", "FLOAT", "DOUBLE"), 32),
    **dict.fromkeys(("s16", "s16p"), 16),
    **dict.fromkeys(("s32", "s32p"), 24),
}
"""Depth that keeps all that a file holds, as far as float32 does, by libsndfile's subtype or FFmpeg's sample
format, in which 24 bits travel in 32; lossy codecs are not here."""


@dataclass(frozen=True)
class SongFile:
    """A part of a file.

    Attributes:
        path: The file.
        start_s: Seconds to skip.
        duration_s: Seconds to take; None takes the rest.
        sample_rate: In Hz.
        channels: In the file.
        n_frames: Samples per channel in the part; None where only the end will tell.
        bits: Depth of the file, 32 meaning float; None for a lossy one.
    """

    path: Path
    start_s: float
    duration_s: float | None
    sample_rate: int
    channels: int
    n_frames: int | None
    bits: int | None

    def blocks(self, n: int = _BLOCK) -> Iterator[np.ndarray]:
        """The part from its start, in a fresh reading of the file.

        Yields:
            float32 [channels, at most n]

        Raises:
            AudioFileError: The file is damaged, or ends before the part.
        """
        with _open(self.path) as reader, contextlib.closing(reader.blocks(n)) as blocks:
            yield from excerpt(blocks, *self.span, str(self.path))

    @property
    def span(self) -> tuple[int, int | None]:
        """Samples to skip, and to take; None takes the rest."""
        first = round(self.start_s * self.sample_rate)
        if self.duration_s is None:
            return first, None
        return first, max(1, round(self.duration_s * self.sample_rate))


def look_at(path: Path, start_s: float = 0.0, duration_s: float | None = None) -> SongFile:
    """Look at a file.

    Args:
        path: The file.
        start_s: Seconds to skip, 0 or more.
        duration_s: Seconds to take, above 0; None takes the rest.

    Raises:
        AudioFileError: It is missing, unreadable, empty, no audio, truncated, or ends before the start.
        MissingExtraError: PyAV is needed and not installed.
    """
    with _open(path) as reader:
        rate, channels, n_frames = reader.sample_rate, reader.channels, reader.n_frames
        bits = _BITS.get(reader.format_name.split()[-1])
    song = SongFile(path, start_s, duration_s, rate, channels, None, bits)
    if n_frames is None:
        return song
    first, count = song.span
    if not n_frames:
        raise AudioFileError(f"{path} is empty: it holds no samples")
    if n_frames <= first:
        raise AudioFileError(
            f"{path} ends after {n_frames / rate:.3f} s, before --start {start_s:g}; start earlier"
        )
    left = n_frames - first
    return replace(song, n_frames=left if count is None else min(left, count))


def _open(path: Path) -> AudioReader:
    try:
        mode = path.stat().st_mode
    except OSError as error:
        raise AudioFileError(f"{path} cannot be read ({error.strerror}); check the name") from error
    if not stat.S_ISREG(mode):
        raise AudioFileError(f"{path} is not a file; name an audio file")
    if path.suffix.lower() in AV_EXTENSIONS:
        return AvReader(path)
    name = str(path.absolute()) if str(path) == "-" else str(path)  # "-" alone is standard input
    return open_audio(name, max_channels=MAX_CHANNELS)
