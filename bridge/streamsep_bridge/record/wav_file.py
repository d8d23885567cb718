"""`WavFile`: a WAV file that can be read at every moment, and that may outgrow 4 GB.

Its head holds a chunk JUNK that readers skip. The head is written anew in place as the file grows; where a
size no longer fits in 32 bits, RIFF becomes RF64 and JUNK becomes ds64, which has 64. So a short file is
plain WAV for every program, a long one is RF64, and neither is ever copied or left half done: what is
beyond the sizes in the head is not there for a reader. (libsndfile's own RF64 with downgrade is RF64 until
it is closed, which is too late for a process that is killed.)

Source: EBU Tech 3306, "MBWF / RF64", on-the-fly conversion; Microsoft, "Multimedia Programming Interface".
"""

from __future__ import annotations

import contextlib
import struct
from pathlib import Path

import numpy as np

from streamsep.audio.pcm import PcmFormat, encode

RIFF_LIMIT = 2**32 - 2**16
"""Largest size in a plain head; some programs take the last numbers below 2^32 for "unknown"."""

_IN_DS64 = 0xFFFFFFFF


class WavFile:
    """A file that must not be there yet.

    Args:
        path: Where.
        pcm: Encoding "f32", "s24" or "s16".
        riff_limit: Largest size in a plain head, in bytes.

    Attributes:
        n_frames: Whole samples per channel that the file has.

    Raises:
        OSError: It cannot be made, or is there already.

    Thread: one. Allocates: yes. In place: the head.
    """

    def __init__(self, path: Path, pcm: PcmFormat, riff_limit: int = RIFF_LIMIT) -> None:
        self._pcm, self._riff_limit = pcm, riff_limit
        self._n_bytes = 0
        self._file = path.open("xb", buffering=0)
        self._start = len(self._head())
        self.sync()

    @property
    def n_frames(self) -> int:
        """See the class."""
        return self._n_bytes // self._pcm.frame_bytes

    def write(self, samples: np.ndarray) -> None:
        """Append float32 [channels, n].

        Raises:
            OSError: Not all fits; `n_frames` counts what did.
        """
        data = memoryview(encode(samples, self._pcm.encoding))
        self._file.seek(self._start + self._n_bytes)
        while data:
            n = self._file.write(data)
            self._n_bytes += n
            data = data[n:]

    def add_silence(self, n: int) -> None:
        """Append n samples of zeros; most systems keep them without room on the disk.

        Raises:
            OSError: The file may not become so long.
        """
        longer = self._n_bytes + n * self._pcm.frame_bytes
        self._file.truncate(self._start + longer)
        self._n_bytes = longer

    def sync(self) -> None:
        """Let the head count all that was written.

        Raises:
            OSError: The head cannot be written.
        """
        self._file.seek(0)
        self._file.write(self._head())

    def close(self) -> None:
        """Complete the file.

        Raises:
            OSError: The head cannot be written; it is as it was.
        """
        try:
            self._n_bytes = self.n_frames * self._pcm.frame_bytes
            self._file.truncate(self._start + self._n_bytes)
            self.sync()
            with contextlib.suppress(
                OSError
            ):  # a byte that makes the size even; few readers miss it
                self._file.truncate(self._start + self._n_bytes + self._n_bytes % 2)
        finally:
            self._file.close()

    def _head(self) -> bytes:
        pcm, n_frames = self._pcm, self.n_frames
        is_float, bits = pcm.encoding == "f32", int(pcm.encoding[1:])
        about = struct.pack(
            "<HHIIHH",
            3 if is_float else 1,
            pcm.channels,
            pcm.sample_rate,
            pcm.sample_rate * pcm.frame_bytes,
            pcm.frame_bytes,
            bits,
        )
        if is_float:  # what is not PCM has an (empty) extension and a count of samples
            about += struct.pack("<H", 0)
        n_data = n_frames * pcm.frame_bytes
        size = 4 + 36 + 8 + len(about) + 12 * is_float + 8 + n_data + n_data % 2
        is_long = size > self._riff_limit
        parts = [
            struct.pack("<4sI4s", b"RF64", _IN_DS64, b"WAVE")
            if is_long
            else struct.pack("<4sI4s", b"RIFF", size, b"WAVE"),
            struct.pack("<4sIQQQI", b"ds64", 28, size, n_data, n_frames, 0)
            if is_long
            else struct.pack("<4sI28x", b"JUNK", 28),
            struct.pack("<4sI", b"fmt ", len(about)) + about,
        ]
        if is_float:
            parts.append(struct.pack("<4sII", b"fact", 4, min(n_frames, _IN_DS64)))
        parts.append(struct.pack("<4sI", b"data", _IN_DS64 if is_long else n_data))
        return b"".join(parts)
