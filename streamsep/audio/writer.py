"""Writing audio block by block; a file gets its name only as a playable file.

A file is written beside its place under a hidden name. `close` completes it and moves it into
place, replacing what was there; `discard` removes it. Left by an error, a `with` block discards;
left by Ctrl-C, it keeps what was written so far. So a name never holds half a file, and what it
held before an error (a full disk, a damaged input) is still there afterwards.
"""

from __future__ import annotations

import contextlib
import os
import sys
from pathlib import Path
from types import TracebackType
from typing import Any, BinaryIO

import numpy as np
import soundfile

from streamsep.audio.paths import native_path
from streamsep.audio.pcm import PcmFormat, encode
from streamsep.audio.wav_pipe import make_head
from streamsep.errors import AudioFileError, ParameterError

EXTENSIONS = (".wav", ".flac", ".ogg", ".mp3", ".opus")
"""What can be written, by extension."""

_SUBTYPES: dict[str, dict[int | None, str]] = {
    ".wav": {16: "PCM_16", 24: "PCM_24", 32: "FLOAT"},
    ".flac": {16: "PCM_16", 24: "PCM_24"},
    ".ogg": {None: "VORBIS"},
    ".mp3": {None: "MPEG_LAYER_III"},
    ".opus": {None: "OPUS"},
}
_DEFAULT_BITS = {".wav": 32, ".flac": 24}

_WAV_LIMIT = 2**32 - 2**16
"""Bytes of samples in a WAV file; beyond, RF64 is written."""

_PIECE = 8192
"""Samples written at a time: libsndfile's Vorbis encoder overflows the stack on very long ones."""


class AudioWriter:
    """A file of one extension of `EXTENSIONS`, or "-" for WAV to standard output.

    Args:
        target: Path or "-". Devices and named pipes are written like standard output.
        sample_rate: In Hz.
        channels: Of every block.
        bits: 16, 24 or 32 (float, WAV only); None is 32 for WAV and 24 for FLAC.
        n_frames: Samples per channel to come, if known: a WAV file beyond 4 GiB becomes RF64.
        compression: Of a lossy format, from 0 (best) to 1 (smallest); None is the encoder's default.

    Attributes:
        n_frames: Samples per channel written so far.
        n_clipped: Samples beyond full scale that an integer format had to clip, all channels
            together.

    Raises:
        AudioFileError: The target cannot be written, or cannot hold this rate.
        ParameterError: The extension or the bits are not supported.
    """

    def __init__(
        self,
        target: str | Path,
        sample_rate: int,
        channels: int,
        bits: int | None = None,
        n_frames: int | None = None,
        compression: float | None = None,
    ) -> None:
        self.name, self.n_frames, self.n_clipped = str(target), 0, 0
        path = None if self.name == "-" else Path(os.path.realpath(target))
        is_pipe = path is None or (path.exists() and not path.is_file() and not path.is_dir())
        extension = ".wav" if is_pipe else check_target(self.name, bits)
        bits = _DEFAULT_BITS.get(extension) if bits is None else bits
        self._clips = bits in (16, 24)
        self._top = np.float32(2 ** ((bits or 0) - 1))
        self._sink: _PipeSink | _FileSink
        if is_pipe:
            encoding = "f32" if bits == 32 else f"s{bits}"
            self._sink = _PipeSink(path, self.name, PcmFormat(sample_rate, channels, encoding))
        else:
            assert path is not None
            container = "OGG" if extension == ".opus" else extension[1:].upper()
            if extension == ".wav" and (n_frames or 0) * channels * (bits or 0) // 8 > _WAV_LIMIT:
                container = "RF64"
            options: dict[str, Any] = {"subtype": _SUBTYPES[extension][bits], "format": container}
            if compression is not None:
                options["compression_level"] = compression
                options["bitrate_mode"] = "CONSTANT" if extension == ".mp3" else None
            self._sink = _FileSink(path, sample_rate, channels, options)

    def write(self, samples: np.ndarray) -> None:
        """Append a block, float32 [channels, n].

        Raises:
            AudioFileError: It could not be written, for example because the disk is full.
        """
        if self._clips:
            self.n_clipped += int(np.count_nonzero(np.abs(samples) > 1.0))
            # libsndfile rounds down, which would shift the sound by half a step.
            samples = np.clip(np.rint(samples * self._top), -self._top, self._top - 1) / self._top
        self._sink.write(samples)
        self.n_frames += samples.shape[1]

    def close(self) -> None:
        """Complete the file and put it in its place; nothing if nothing was written."""
        if self.n_frames:
            self._sink.close()
        else:
            self._sink.discard()

    def discard(self) -> None:
        """Leave no trace of the file."""
        self._sink.discard()

    def __enter__(self) -> AudioWriter:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if kind is None or issubclass(kind, KeyboardInterrupt):
            self.close()
        else:
            self.discard()


def check_target(name: str, bits: int | None = None) -> str:
    """Extension of an output's name, in lower case.

    Raises:
        ParameterError: It is none of `EXTENSIONS`, or cannot have these bits.
    """
    extension = Path(name).suffix.lower()
    if extension not in EXTENSIONS:
        raise ParameterError(
            f"output '{name}' has no known extension; end it in one of: {', '.join(EXTENSIONS)}"
        )
    if bits is not None and bits not in _SUBTYPES[extension]:
        known = ", ".join(str(b) for b in _SUBTYPES[extension] if b) or "no choice of bits"
        raise ParameterError(f"{bits} bits do not go with '{name}'; {extension} has {known}")
    return extension


def check_not_input(source: str, targets: list[str]) -> None:
    """Refuse to write over the input.

    Raises:
        AudioFileError: A target is the source.
    """
    for target in targets:
        both_exist = os.path.exists(source) and os.path.exists(target)
        if both_exist and os.path.samefile(source, target):
            raise AudioFileError(f"output {target} is the input; choose another name")


def _unwritable(name: str, reason: object) -> AudioFileError:
    text = reason.strerror if isinstance(reason, OSError) and reason.strerror else str(reason)
    return AudioFileError(f"{name} cannot be written ({text.rstrip('.')}); choose another place")


class _FileSink:
    """A hidden file of libsndfile's beside its final place."""

    def __init__(
        self, path: Path, sample_rate: int, channels: int, options: dict[str, Any]
    ) -> None:
        self._path = path
        self._hidden = path.with_name(f".{path.name}.{os.getpid()}.part")
        if path.is_dir():
            raise _unwritable(str(path), "it is a folder")
        try:
            self._hidden.touch()  # libsndfile hides the reason, the system tells it
        except OSError as error:
            raise _unwritable(str(path), error) from error
        try:
            self._file = soundfile.SoundFile(
                native_path(self._hidden), "w", sample_rate, channels, **options
            )
        except (soundfile.LibsndfileError, ValueError) as error:
            self._hidden.unlink()
            raise AudioFileError(
                f"{path} cannot be written: {options['subtype']} does not hold {channels} channels at "
                f"{sample_rate} Hz; choose .wav or .flac"
            ) from error

    def write(self, samples: np.ndarray) -> None:
        try:
            for start in range(0, samples.shape[1], _PIECE):
                self._file.write(np.ascontiguousarray(samples[:, start : start + _PIECE].T))
        except soundfile.LibsndfileError as error:
            raise self._failed() from error

    def close(self) -> None:
        try:
            self._file.close()
            os.replace(self._hidden, self._path)
        except (soundfile.LibsndfileError, OSError) as error:
            self.discard()
            raise self._failed() from error

    def discard(self) -> None:
        with contextlib.suppress(soundfile.LibsndfileError):
            self._file.close()
        self._hidden.unlink(missing_ok=True)

    def _failed(self) -> AudioFileError:
        return AudioFileError(
            f"{self._path} cannot be written on (is the disk full?); nothing of it was kept"
        )


class _PipeSink:
    """WAV of unknown length into a stream of bytes."""

    def __init__(self, path: Path | None, name: str, pcm: PcmFormat) -> None:
        self._name, self._encoding = name, pcm.encoding
        self._is_ours = path is not None
        self._stream: BinaryIO = sys.stdout.buffer
        if path is not None:
            try:
                self._stream = path.open("wb")
            except OSError as error:
                raise _unwritable(name, error) from error
        self._head = make_head(pcm)

    def write(self, samples: np.ndarray) -> None:
        try:
            self._stream.write(self._head + encode(samples, self._encoding))
            self._stream.flush()
        except BrokenPipeError:  # the reader has heard enough
            raise
        except OSError as error:
            raise _unwritable(self._name, error) from error
        self._head = b""

    def close(self) -> None:
        if self._is_ours:
            self._stream.close()

    def discard(self) -> None:
        with contextlib.suppress(OSError):
            self.close()
