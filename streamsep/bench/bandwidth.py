"""The floor: how fast one thread reads memory, for a step reads every weight once."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from streamsep.engine.compiled.cache import kernel


@kernel
def _sum(buffer: np.ndarray) -> np.float32:
    """Sum of a buffer; numba makes it a loop of vector loads and additions, bound by the loads."""
    total = np.float32(0.0)
    for i in range(buffer.shape[0]):
        total += buffer[i]
    return total


def make_reader(n_bytes: int) -> Callable[[], object]:
    """A job that reads a buffer of that many bytes once, front to back."""
    buffer = np.ones(n_bytes // 4, np.float32)
    return lambda: _sum(buffer)
