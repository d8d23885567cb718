"""`Take`: the files of one recording, `{take}-{stem}.wav`, all as long as each other."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Protocol

import numpy as np

from streamsep.audio.pcm import PcmFormat
from streamsep.engine.live.memory import MAX_TARGETS
from streamsep.errors import AudioFileError, ParameterError
from streamsep_bridge.record.flac_file import FlacFile
from streamsep_bridge.record.wav_file import WavFile

INPUT, MIX = "input", "mix"
"""Names of the files beside the stems'."""

_BITS = {"wav": (32, 24, 16), "flac": (24, 16)}
"""What a format can have, first what it takes by itself."""


class TakeFile(Protocol):
    """What `WavFile` and `FlacFile` have in common."""

    @property
    def n_frames(self) -> int:
        """Samples per channel."""

    def write(self, samples: np.ndarray) -> None:
        """Append float32 [channels, n]."""

    def add_silence(self, n: int) -> None:
        """Append n samples of zeros."""

    def sync(self) -> None:
        """Let the head count what is there."""

    def close(self) -> None:
        """Complete the file."""


@dataclass(frozen=True)
class FileForm:
    """How the files of a take are.

    Attributes:
        sample_rate: In Hz.
        channels: Of each.
        format: "wav" or "flac".
        bits: 32 (float, WAV only), 24 or 16.
    """

    sample_rate: int
    channels: int
    format: str
    bits: int

    @classmethod
    def choose(cls, sample_rate: int, channels: int, format: str, bits: int | None) -> FileForm:
        """A form that exists; no bits take the format's own.

        Raises:
            ParameterError: There is no such format, or not with these bits.
        """
        if format not in _BITS:
            raise ParameterError(f"format '{format}' cannot be recorded; take wav or flac")
        bits = _BITS[format][0] if bits is None else bits
        if bits not in _BITS[format]:
            known = ", ".join(map(str, _BITS[format]))
            raise ParameterError(f"{format} has no {bits} bits; take one of {known}")
        return cls(sample_rate, channels, format, bits)

    def make(self, path: Path) -> TakeFile:
        """A new file.

        Raises:
            AudioFileError: It cannot be made.
        """
        try:
            if self.format == "flac":
                return FlacFile(path, self.sample_rate, self.channels, self.bits)
            encoding = "f32" if self.bits == 32 else f"s{self.bits}"
            return WavFile(path, PcmFormat(self.sample_rate, self.channels, encoding))
        except FileExistsError:
            raise AudioFileError(f"{path} is there already; choose another take") from None
        except OSError as error:
            raise unwritable(path, error) from error


def take_name(now: datetime) -> str:
    """Name of a take that begins now: "2026-11-20_21-15-03"."""
    return now.strftime("%Y-%m-%d_%H-%M-%S")


def unwritable(path: Path, error: OSError) -> AudioFileError:
    """An error that names the file, what the system says, and the remedy."""
    reason = (error.strerror or str(error)).rstrip(".")
    return AudioFileError(
        f"{path} cannot be written ({reason}); make room or choose another folder"
    )


class Take:
    """Files that grow together.

    Args:
        folder: Made where it is missing.
        name: Letters, digits, ".", "_" and "-"; see `take_name`.
        stems: Names of the first stems.
        form: Of every file.

    Attributes:
        n_frames: Samples per channel so far.
        n_clipped: Samples beyond full scale that an integer format had to clip.
        paths: Files by name: input, stems, mix.

    Raises:
        AudioFileError: A file cannot be made, or is there already; none is left behind.
        ParameterError: The name is none for a file.

    Thread: one. Allocates: yes.
    """

    def __init__(self, folder: Path, name: str, stems: tuple[str, ...], form: FileForm) -> None:
        if not re.fullmatch(r"\w[\w.-]*", name):
            raise ParameterError(
                f"'{name}' is no name for a take; use letters, digits, '.', '_', '-'"
            )
        self._folder, self._name, self._form = folder, name, form
        self._files: dict[str, TakeFile] = {}
        self.paths: dict[str, Path] = {}
        self.n_frames = self.n_clipped = 0
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise unwritable(folder, error) from error
        try:
            self.add_files((INPUT, *stems, MIX))
        except AudioFileError:
            with contextlib.suppress(AudioFileError):
                self.close()
            raise

    def add_files(self, names: tuple[str, ...]) -> None:
        """Begin files that are not there yet, with silence up to now.

        Raises:
            AudioFileError: One cannot be made.
        """
        for name in names:
            if name not in self._files:
                path = self._folder / f"{self._name}-{name}.{self._form.format}"
                self._files[name] = self._form.make(path)
                self.paths[name] = path
                with self._open(name) as file:
                    file.add_silence(self.n_frames)

    def write(self, stems: tuple[str, ...], frames: np.ndarray) -> None:
        """Append frames to all files; those that have none in it get silence.

        Args:
            stems: Names of the frames' stems.
            frames: Input, stems, mix. float32 [n, MAX_TARGETS + 2, channels]

        Raises:
            AudioFileError: Not all fits.
        """
        rows = {INPUT: 0, MIX: MAX_TARGETS + 1} | {name: 1 + i for i, name in enumerate(stems)}
        for name in self._files:
            with self._open(name) as file:
                if name not in rows:
                    file.add_silence(len(frames))
                    continue
                samples = frames[:, rows[name]].T
                if self._form.bits != 32:
                    self.n_clipped += int(np.count_nonzero(np.abs(samples) > 1.0))
                file.write(samples)
        self.n_frames += len(frames)

    def add_silence(self, n: int) -> None:
        """Append n samples of silence to all files.

        Raises:
            AudioFileError: They do not fit.
        """
        for name in self._files:
            with self._open(name) as file:
                file.add_silence(n)
        self.n_frames += n

    def sync(self) -> None:
        """Let all heads count what is there.

        Raises:
            AudioFileError: One cannot be written.
        """
        for name in self._files:
            with self._open(name) as file:
                file.sync()

    def close(self) -> None:
        """Complete all files; a take without a frame leaves none.

        Raises:
            AudioFileError: The end of one could not be written; the others are complete.
        """
        first: AudioFileError | None = None
        for name in self._files:
            try:
                with self._open(name) as file:
                    file.close()
            except AudioFileError as error:
                first = first or error
        if not self.n_frames:
            for path in self.paths.values():
                path.unlink()
            self.paths = {}
        if first is not None:
            raise first

    @contextlib.contextmanager
    def _open(self, name: str) -> Iterator[TakeFile]:
        """A file; errors name it."""
        try:
            yield self._files[name]
        except OSError as error:
            raise unwritable(self.paths[name], error) from error
