"""Resampling for files, which can wait: soxr in constant memory, aligned with sample 0."""

from __future__ import annotations

import numpy as np
import soxr

from streamsep.errors import ShapeError
from streamsep.resample import check_rate


class FileResampler:
    """Streaming resampler of high quality with a variable, unhurried output.

    The output starts at time 0 like the input, and n inputs give round(n rate_out / rate_in)
    samples in all (halves up), so that a file keeps its place and length on the way there and back.

    Args:
        rate_in: Input rate in Hz.
        rate_out: Output rate in Hz.
        n_rows: Independent signals.
    """

    def __init__(self, rate_in: int, rate_out: int, n_rows: int) -> None:
        check_rate(rate_in)
        check_rate(rate_out)
        self.rate_in, self.rate_out, self.n_rows = int(rate_in), int(rate_out), n_rows
        self._stream = soxr.ResampleStream(
            rate_in, rate_out, n_rows, dtype="float32", quality="VHQ"
        )
        self._n_in = 0
        self._n_out = 0

    def push(self, x: np.ndarray) -> np.ndarray:
        """Take a block; return the outputs that soxr lets go, which may be none.

        Args:
            x: Block of any length. float32 [rows, n]

        Returns:
            float32 [rows, any]

        Raises:
            ShapeError: The rows differ.
        """
        if x.ndim != 2 or len(x) != self.n_rows:
            raise ShapeError(f"expected [{self.n_rows}, samples], got {x.shape}")
        self._n_in += x.shape[1]
        return self._take(x, last=False)

    def finish(self) -> np.ndarray:
        """The rest, so that the total is the promised count; uses the object up. [rows, any]."""
        total = (2 * self._n_in * self.rate_out + self.rate_in) // (2 * self.rate_in)
        rest = self._take(np.zeros((self.n_rows, 0), np.float32), last=True)
        missing = total - self._n_out
        if missing < 0:
            return rest[:, :missing]
        return np.pad(rest, ((0, 0), (0, missing)))

    def _take(self, x: np.ndarray, last: bool) -> np.ndarray:
        frames = np.ascontiguousarray(x.T, np.float32)
        y = self._stream.resample_chunk(frames, last=last).T
        self._n_out += y.shape[1]
        return y
