"""A first-in, first-out buffer of samples in fixed memory, for one thread."""

from __future__ import annotations

import numpy as np


class Fifo:
    """Ring of samples, time last.

    Args:
        rows: Leading shape, e.g. (stems, channels).
        capacity: Samples it can hold.

    Latency: what is in it. Thread: one. Allocates: in the constructor only. In place: yes.
    """

    def __init__(self, rows: tuple[int, ...], capacity: int) -> None:
        self._ring = np.zeros((*rows, capacity), np.float32)
        self._read = 0
        self.n_held = 0

    @property
    def capacity(self) -> int:
        """Samples it can hold."""
        return self._ring.shape[-1]

    def clear(self, n_zeros: int = 0) -> None:
        """Empty it, then hold `n_zeros` samples of silence."""
        self._ring[...] = 0.0
        self._read, self.n_held = 0, n_zeros

    def push(self, samples: np.ndarray) -> None:
        """Append samples [*rows, n]; n must fit (`capacity - n_held`)."""
        n = samples.shape[-1]
        start = (self._read + self.n_held) % self.capacity
        first = min(n, self.capacity - start)
        self._ring[..., start : start + first] = samples[..., :first]
        self._ring[..., : n - first] = samples[..., first:]
        self.n_held += n

    def pop(self, out: np.ndarray) -> None:
        """Move the oldest samples into out [*rows, n]; n must be there (`n_held`)."""
        n = out.shape[-1]
        first = min(n, self.capacity - self._read)
        out[..., :first] = self._ring[..., self._read : self._read + first]
        out[..., first:] = self._ring[..., : n - first]
        self._read = (self._read + n) % self.capacity
        self.n_held -= n
