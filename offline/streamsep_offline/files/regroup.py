"""Blocks of any lengths to blocks of one length."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import numpy as np


def regroup(blocks: Iterable[np.ndarray], n: int) -> Iterator[np.ndarray]:
    """The same signal in blocks of n samples, the last one shorter.

    Args:
        blocks: [..., any]
        n: Samples per block that comes out, at least 1.

    Yields:
        [..., n], copies of what came in.
    """
    waiting: list[np.ndarray] = []
    n_waiting = 0
    for block in blocks:
        start = 0
        while n_waiting + block.shape[-1] - start >= n:
            end = start + n - n_waiting
            yield np.concatenate([*waiting, block[..., start:end]], axis=-1)
            waiting, n_waiting, start = [], 0, end
        if start < block.shape[-1]:
            waiting.append(np.array(block[..., start:]))
            n_waiting += block.shape[-1] - start
    if waiting:
        yield np.concatenate(waiting, axis=-1)
