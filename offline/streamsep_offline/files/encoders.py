"""Blocks of samples into one finished file: through libsndfile, or through PyAV for AAC."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any, Protocol

import numpy as np

from streamsep.audio.writer import AudioWriter
from streamsep.errors import AudioFileError
from streamsep_offline.files.av_reader import require_av
from streamsep_offline.files.bitrate import compression_level
from streamsep_offline.files.stem_atom import add_stem_atom

_LAYOUTS = {1: "mono", 2: "stereo", 3: "3.0", 4: "4.0", 5: "5.0", 6: "5.1", 8: "7.1"}


class Encoder(Protocol):
    """A file that is being written, block by block.

    Attributes:
        n_clipped: Samples beyond full scale that were clipped.
    """

    n_clipped: int

    def write(self, samples: np.ndarray) -> None:
        """Append a block: float32 [channels, any], for several streams [streams, channels, any]."""

    def close(self) -> None:
        """Complete the file."""

    def discard(self) -> None:
        """Leave no half file behind."""


def open_soundfile(
    path: Path,
    sample_rate: int,
    channels: int,
    bits: int | None,
    kbps: float | None,
    n_frames: int,
) -> Encoder:
    """A file of libsndfile's.

    Args:
        path: Its extension decides about the format.
        sample_rate: In Hz.
        channels: Of every block.
        bits: Depth; None for lossy formats.
        kbps: Bitrate of the file; None for lossless formats.
        n_frames: Samples per channel to come, about.

    Raises:
        AudioFileError: It cannot be written.
    """
    level = None
    if kbps is not None:
        level = compression_level(path.suffix, kbps, sample_rate, channels)
    return AudioWriter(path, sample_rate, channels, bits, n_frames, level)


class AacFile:
    """An MP4 of one or several AAC streams; see `Encoder`.

    Args:
        path: Where to.
        sample_rate: In Hz.
        channels: Of every stream.
        names: Of the streams; players show them.
        kbps: Bitrate of a stream.
        is_stem_file: Add what DJ software looks for; the first stream is the mixture.

    Raises:
        AudioFileError: It cannot be written.
        MissingExtraError: PyAV is not installed.
    """

    def __init__(
        self,
        path: Path,
        sample_rate: int,
        channels: int,
        names: Sequence[str],
        kbps: float,
        *,
        is_stem_file: bool,
    ) -> None:
        self._av = require_av(f"writing {path.name}")
        self._path, self._sample_rate, self._layout = path, sample_rate, _LAYOUTS[channels]
        self._names, self._is_stem_file = names, is_stem_file
        self._position, self.n_clipped = 0, 0
        # Lengths in an MP4's edit list count ticks of the movie's clock, by default of 1 ms.
        options = {"movie_timescale": str(sample_rate)}
        with self._named_errors():
            self._container = self._av.open(str(path), "w", format="ipod", options=options)
            self._streams = [self._add_stream(name, kbps) for name in names]

    def _add_stream(self, name: str, kbps: float) -> Any:
        stream = self._container.add_stream("aac", rate=self._sample_rate, layout=self._layout)
        stream.bit_rate = round(1000 * kbps)
        stream.metadata["handler_name"] = name
        return stream

    def write(self, samples: np.ndarray) -> None:
        """Append a block, float32 [streams, channels, any]."""
        if not samples.shape[-1]:
            return
        with self._named_errors():
            for stream, rows in zip(self._streams, samples, strict=True):
                rows = np.ascontiguousarray(rows)
                frame = self._av.AudioFrame.from_ndarray(rows, format="fltp", layout=self._layout)
                frame.sample_rate = self._sample_rate
                frame.time_base, frame.pts = Fraction(1, self._sample_rate), self._position
                self._container.mux(stream.encode(frame))
        self._position += samples.shape[-1]

    def close(self) -> None:
        """Complete the file."""
        with self._named_errors():
            for stream in self._streams:
                self._container.mux(stream.encode(None))
            self._container.close()
            if self._is_stem_file:
                add_stem_atom(self._path, self._names[1:])

    def discard(self) -> None:
        """Leave no half file behind."""
        with contextlib.suppress(self._av.error.FFmpegError, OSError):
            self._container.close()
        self._path.unlink(missing_ok=True)

    @contextlib.contextmanager
    def _named_errors(self) -> Iterator[None]:
        try:
            yield
        except (self._av.error.FFmpegError, OSError) as error:
            reason = error.strerror or "the encoder refused it"
            raise AudioFileError(
                f"{self._path} cannot be written ({reason}); choose --format wav"
            ) from error
