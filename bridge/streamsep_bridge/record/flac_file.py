"""`FlacFile`: a FLAC file that can be read at every moment.

libFLAC writes a block as soon as one sample beyond it is known, but tells the file's length only when it
is closed; until then the head says "unknown", and libsndfile then promises a length without end. So the
count of the blocks that are in the file is put into the head as they come. After a kill the last block
(93 ms at 44.1 kHz) is missing as well, and the checksum over all samples is left out (zero), which decoders
accept; every block has its own.

Source: RFC 9639, 8.2 (STREAMINFO).
"""

from __future__ import annotations

import contextlib
import os
from pathlib import Path

import numpy as np
import soundfile

_BLOCK_SIZE_AT, _COUNT_AT = 8, 21
"""Bytes before the block's size (16 bits) and before the count of samples."""

_COUNT_BITS = 2**36 - 1
"""The count in five bytes, of which the upper four bits are something else."""

_SILENCE = 1 << 16
"""Samples of silence written at a time."""


class FlacFile:
    """A file that must not be there yet.

    Args:
        path: Where.
        sample_rate: In Hz.
        channels: Of every block.
        bits: 16 or 24.

    Attributes:
        n_frames: Samples per channel that were written.

    Raises:
        OSError: It cannot be made, or is there already.

    Thread: one. Allocates: yes. In place: the head.
    """

    def __init__(self, path: Path, sample_rate: int, channels: int, bits: int) -> None:
        path.open("xb").close()
        self.n_frames, self._bits, self._channels = 0, bits, channels
        try:
            self._file = soundfile.SoundFile(
                path, "w", sample_rate, channels, f"PCM_{bits}", format="FLAC"
            )
        except (soundfile.LibsndfileError, ValueError) as error:
            path.unlink()
            raise OSError(f"FLAC does not take {channels} channels at {sample_rate} Hz") from error
        self._raw = path.open("r+b", buffering=0)
        self._n_whole, self._whole_bytes, self._has_failed = 0, 0, False

    def write(self, samples: np.ndarray) -> None:
        """Append float32 [channels, n].

        Raises:
            OSError: Not all fits; what was there before stays readable.
        """
        top = 2.0 ** (self._bits - 1)
        whole = np.clip(np.rint(samples.T.astype(np.float64) * top), -top, top - 1)
        self._write(np.ascontiguousarray(whole).astype(np.int32) << (32 - self._bits))

    def add_silence(self, n: int) -> None:
        """Append n samples of zeros.

        Raises:
            OSError: They do not fit.
        """
        zeros = np.zeros((min(n, _SILENCE), self._channels), np.int32)
        for start in range(0, n, _SILENCE):
            self._write(zeros[: n - start])

    def sync(self) -> None:
        """Let the head count all blocks that are in the file.

        Raises:
            OSError: The head cannot be written.
        """
        if self._n_whole:
            shared = self._count() & ~_COUNT_BITS
            self._raw.seek(_COUNT_AT)
            self._raw.write((shared | self._n_whole).to_bytes(5, "big"))

    def close(self) -> None:
        """Complete the file; after an error, with what was in it before.

        Raises:
            OSError: Its end could not be written.
        """
        try:
            with contextlib.suppress(soundfile.LibsndfileError):
                self._file.close()
            # libsndfile may fail to write the end without a word; then the head has another count.
            if self._has_failed or self._count() & _COUNT_BITS != self.n_frames:
                self._raw.truncate(self._whole_bytes)
                self.sync()
                if not self._has_failed:
                    raise OSError("there is no room for its last samples")
        finally:
            self._raw.close()

    def _write(self, frames: np.ndarray) -> None:
        """Append int32 [n, channels], scaled to 32 bits."""
        try:
            self._file.write(frames)
        except soundfile.LibsndfileError as error:
            self._has_failed = True
            raise OSError(error.error_string) from error
        self.n_frames += len(frames)
        self._raw.seek(_BLOCK_SIZE_AT)
        block = int.from_bytes(self._raw.read(2), "big")
        if block:  # the head comes with the first samples
            self._n_whole = (self.n_frames - 1) // block * block
            self._whole_bytes = os.fstat(self._raw.fileno()).st_size

    def _count(self) -> int:
        """The five bytes that hold the count."""
        self._raw.seek(_COUNT_AT)
        return int.from_bytes(self._raw.read(5), "big")
