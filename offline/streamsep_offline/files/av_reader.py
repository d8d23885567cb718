"""Reading what libsndfile cannot: m4a, mp4, stem.mp4, aac, webm and others through PyAV.

The first audio stream is read unless another is named; in a stem.mp4 the first is the mixture. An
MP4's edit list says how long the music is, so the encoder's padding is cut off and the length
survives.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import numpy as np

from streamsep.audio.reader import AudioReader
from streamsep.errors import AudioFileError, MissingExtraError
from streamsep_offline.files.regroup import regroup

_SLACK_S = 1.0
"""Seconds that may lack at the end: players disagree about an edit list's delay and an encoder's padding."""


def require_av(feature: str) -> ModuleType:
    """The module `av`.

    Raises:
        MissingExtraError: It is not installed.
    """
    try:
        import av
        import av.error
    except ImportError as error:
        raise MissingExtraError(feature, "av", "formats") from error
    return av


class AvReader(AudioReader):
    """A file that FFmpeg's libraries read; see `AudioReader`.

    Args:
        path: The file.
        stream: Index among its audio streams.

    Raises:
        AudioFileError: The file is missing, damaged, empty or without sound.
        MissingExtraError: PyAV is not installed.
    """

    def __init__(self, path: Path, stream: int = 0) -> None:
        self.name = str(path)
        self._av = require_av(f"reading {path.suffix or path.name} files")
        try:
            if os.path.getsize(path) == 0:
                raise AudioFileError(f"{path} is empty (0 bytes); name an audio file")
            self._container = self._av.open(str(path))
        except (self._av.error.FFmpegError, OSError) as error:
            if isinstance(error, AudioFileError):
                raise
            reason = error.strerror or "unknown format"
            raise AudioFileError(
                f"{path} is not audio that can be read ({reason}); check the file"
            ) from error
        streams = self._container.streams.audio
        if not streams or not streams[0].codec_context.sample_rate:
            self.close()
            raise AudioFileError(f"{path} has no sound; name an audio file")
        if stream >= len(streams):
            self.close()
            raise AudioFileError(
                f"{path} has {len(streams)} audio streams, expected more than {stream}; get it again"
            )
        self._stream = streams[stream]
        codec = self._stream.codec_context
        self.sample_rate, self.channels = int(codec.sample_rate), int(codec.layout.nb_channels)
        self.format_name = f"{path.suffix[1:].upper()} {codec.name} {codec.format.name}"
        self.n_frames = self._length()

    def _length(self) -> int | None:
        """Samples that an MP4 promises; other containers only guess."""
        stream = self._stream
        if "mp4" not in self._container.format.name or not stream.duration:
            return None
        return round(stream.duration * stream.time_base * self.sample_rate)

    def blocks(self, n: int) -> Iterator[np.ndarray]:
        """See `AudioReader.blocks`."""
        n_read = 0
        for block in regroup(self._decoded(), n):
            n_read += block.shape[1]
            yield block
        if not n_read:
            raise AudioFileError(f"{self.name} is empty: it holds no samples")
        missing = (self.n_frames or 0) - n_read
        if missing > _SLACK_S * self.sample_rate:
            raise self._damaged(n_read, "no more samples")

    def _decoded(self) -> Iterator[np.ndarray]:
        n_read, n_due = 0, self.n_frames
        convert = self._av.AudioResampler(format="fltp")
        frames = self._container.decode(self._stream)
        while n_due is None or n_read < n_due:
            try:
                frame = next(frames, None)
                pieces = [] if frame is None else convert.resample(frame)
            except self._av.error.FFmpegError as error:
                raise self._damaged(n_read, error.strerror) from error
            if frame is None:
                return
            for piece in pieces:
                if (
                    piece.sample_rate != self.sample_rate
                    or piece.layout.nb_channels != self.channels
                ):
                    raise self._damaged(n_read, "its rate or channels change")
                samples = piece.to_ndarray()
                samples = samples[:, : None if n_due is None else n_due - n_read]
                n_read += samples.shape[1]
                yield samples

    def _damaged(self, n_read: int, reason: str) -> AudioFileError:
        return AudioFileError(
            f"{self.name} is truncated or damaged after {n_read / self.sample_rate:.1f} s "
            f"({reason}); get it again"
        )

    def close(self) -> None:
        """Close the file."""
        with contextlib.suppress(self._av.error.FFmpegError):
            self._container.close()
