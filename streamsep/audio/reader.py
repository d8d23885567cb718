"""Reading audio block by block: files through libsndfile, pipes of WAV, raw samples."""

from __future__ import annotations

import os
import stat
import sys
from abc import ABC, abstractmethod
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import BinaryIO

import numpy as np
import soundfile

from streamsep.audio.completeness import true_length
from streamsep.audio.paths import native_path
from streamsep.audio.pcm import PcmFormat, decode, parse_raw
from streamsep.audio.wav_pipe import read_head
from streamsep.errors import AudioFileError, StreamsepError

MAX_CHANNELS = 2
"""Channels that the live path separates."""

_MP3_SLACK = 3 * 1152
"""Samples an MP3 may lack at its end: a decoder drops a last frame that leans on the next."""


_MP3_LEAD = 9 * 1152
"""Samples that an MP3 decoder has to hear before a place: a frame may lean on the nine before it."""


class AudioReader(ABC):
    """A source of audio; closes on leaving a `with` block.

    Attributes:
        name: For messages.
        format_name: For reports, "FLAC PCM_24".
        sample_rate: In Hz.
        channels: As allowed at opening; 1 or 2 unless said otherwise.
        n_frames: Samples per channel; None where only the end will tell.
    """

    name: str
    format_name: str
    sample_rate: int
    channels: int
    n_frames: int | None

    @abstractmethod
    def blocks(self, n: int) -> Iterator[np.ndarray]:
        """Blocks float32 [channels, n], the last one shorter.

        Raises:
            AudioFileError: The source is damaged, ends before its promised length, or is empty.
        """

    @abstractmethod
    def close(self) -> None:
        """Let go of the source."""

    def __enter__(self) -> AudioReader:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()


def open_audio(
    source: str, raw: str | None = None, max_channels: int = MAX_CHANNELS
) -> AudioReader:
    """Open a file or a pipe.

    Args:
        source: A path, or "-" for standard input. Named pipes are read as pipes.
        raw: RATE:CHANNELS:ENCODING of samples without any header; None reads WAV from pipes.
        max_channels: Refuse more.

    Raises:
        AudioFileError: The source is missing, unreadable, empty, not audio, truncated, or has more
            channels than allowed.
        ParameterError: `raw` is not of that form.
    """
    if source == "-":
        return PipeReader(sys.stdin.buffer, "standard input", raw, max_channels)
    path = Path(source)
    try:
        mode = os.stat(path).st_mode
        if stat.S_ISDIR(mode):
            raise AudioFileError(f"{path} is a folder; name an audio file")
        if raw is None and stat.S_ISREG(mode):
            return FileReader(path, max_channels)
        stream = path.open("rb")
    except FileNotFoundError:
        raise AudioFileError(f"{path} does not exist; check the name") from None
    except PermissionError:
        raise AudioFileError(f"{path} may not be read; check its permissions") from None
    try:
        return PipeReader(stream, str(path), raw, max_channels)
    except StreamsepError:
        stream.close()
        raise


class _Sequential(soundfile.SoundFile):
    """A file read from front to back.

    soundfile seeks to where it already is after every read. libsndfile's MP3 decoder then starts
    anew without its past and returns wrong samples around every block's edge.
    """

    def seekable(self) -> bool:
        return False


class FileReader(AudioReader):
    """A file that libsndfile reads; see `AudioReader`."""

    def __init__(self, path: Path, max_channels: int = MAX_CHANNELS) -> None:
        self.name = str(path)
        if os.path.getsize(path) == 0:
            raise AudioFileError(f"{path} is empty (0 bytes); name an audio file")
        try:
            self._file = _Sequential(native_path(path))
        except soundfile.LibsndfileError as error:
            raise AudioFileError(
                f"{path} is not audio that libsndfile reads ({error.error_string.rstrip('.')}); "
                "convert it to WAV or FLAC first"
            ) from error
        self.format_name = f"{self._file.format} {self._file.subtype}"
        self.sample_rate, self.channels = self._file.samplerate, self._file.channels
        self._at = 0
        self._slack = _MP3_SLACK if self._file.format in ("MP3", "MPEG") else 0
        try:
            _check_channels(self.name, self.channels, max_channels)
            self.n_frames = true_length(path, self._file.format, self._file.frames)
        except AudioFileError:
            self.close()
            raise

    def blocks(self, n: int) -> Iterator[np.ndarray]:
        """See `AudioReader.blocks`; after `seek`, those from there on."""
        n_read, n_due = self._at, self.n_frames or 0
        while n_read < n_due:
            try:
                frames = self._file.read(min(n, n_due - n_read), "float32", always_2d=True)
            except soundfile.LibsndfileError as error:
                raise self._ended(n_read, error.error_string.rstrip(".")) from error
            if not len(frames):
                if n_due - n_read <= self._slack:
                    break
                raise self._ended(n_read, "no more samples")
            n_read += len(frames)
            yield np.ascontiguousarray(frames.T)
        _check_not_empty(self.name, n_read)

    def seek(self, frame: int) -> None:
        """Where the next `blocks` begin; those that are under way are void.

        Args:
            frame: 0 to `n_frames`.
        """
        lead = min(frame, _MP3_LEAD) if self._slack else 0
        self._file.seek(frame - lead)
        self._file.read(lead, "float32")
        self._at = frame

    def _ended(self, n_read: int, reason: str) -> AudioFileError:
        return AudioFileError(
            f"{self.name} is truncated or damaged after {n_read / self.sample_rate:.1f} s "
            f"({reason}); get it again"
        )

    def close(self) -> None:
        """Close the file."""
        self._file.close()


class PipeReader(AudioReader):
    """A stream of bytes that cannot be rewound: WAV, or raw samples; see `AudioReader`."""

    def __init__(
        self,
        stream: BinaryIO,
        name: str,
        raw: str | None = None,
        max_channels: int = MAX_CHANNELS,
    ) -> None:
        self.name, self._stream = name, stream
        self._pcm: PcmFormat
        n_bytes: int | None = None
        if raw is None:
            self._pcm, n_bytes = read_head(stream, name)
        else:
            self._pcm = parse_raw(raw)
        self.format_name = f"{'WAV' if raw is None else 'raw'} {self._pcm.encoding}"
        self.sample_rate, self.channels = self._pcm.sample_rate, self._pcm.channels
        _check_channels(name, self.channels, max_channels)
        self.n_frames = None if n_bytes is None else n_bytes // self._pcm.frame_bytes

    def blocks(self, n: int) -> Iterator[np.ndarray]:
        """See `AudioReader.blocks`."""
        width, n_read = self._pcm.frame_bytes, 0
        while self.n_frames is None or n_read < self.n_frames:
            wanted = n if self.n_frames is None else min(n, self.n_frames - n_read)
            data = self._stream.read(wanted * width)
            n_got = len(data) // width  # half a frame at the very end is no sound
            if n_got:
                n_read += n_got
                yield decode(data[: n_got * width], self._pcm)
            if n_got < wanted:
                break
        _check_not_empty(self.name, n_read)
        if self.n_frames is not None and n_read < self.n_frames:
            raise AudioFileError(
                f"{self.name} is truncated: it ended after {n_read} of the {self.n_frames} samples "
                "that its header promises; send the whole stream"
            )

    def close(self) -> None:
        """Close the stream, but not standard input, which is not ours."""
        if self._stream is not sys.stdin.buffer:
            self._stream.close()


def _check_channels(name: str, channels: int, max_channels: int) -> None:
    if not 1 <= channels <= max_channels:
        raise AudioFileError(
            f"{name} has {channels} channels; at most {max_channels} are taken here: "
            "mix it down first"
        )


def _check_not_empty(name: str, n_read: int) -> None:
    if not n_read:
        raise AudioFileError(f"{name} is empty: it holds no samples")
