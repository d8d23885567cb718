"""The limiter's loop, compiled by numba.

This file imports nothing of ours, so numba's cache on disk, which looks only at this file, never
goes stale.
"""

from __future__ import annotations

import numba
import numpy as np


@numba.njit(cache=True, nogil=True)
def limiter_gain(peaks: np.ndarray, ceiling: float, attack: float, release: float) -> np.ndarray:
    """Gains at the borders of blocks; on straight lines between them no block passes the ceiling.

    Args:
        peaks: Largest absolute value of each block. [blocks]
        ceiling: What no sample may pass.
        attack: Factor by which the gain may fall from one border to the next, below 1.
        release: Pole with which it comes back to 1, 0 to 1.

    Returns:
        [blocks + 1]
    """
    n_blocks = len(peaks)
    gains = np.ones(n_blocks + 1)
    for k in range(n_blocks):
        needed = ceiling / peaks[k] if peaks[k] > ceiling else 1.0
        gains[k] = min(gains[k], needed)
        gains[k + 1] = needed
    for k in range(n_blocks):  # come back slowly
        slow = 1.0 - release * (1.0 - gains[k])
        gains[k + 1] = min(gains[k + 1], slow)
    for k in range(n_blocks - 1, -1, -1):  # look ahead: begin to fall before the peak
        gains[k] = min(gains[k], gains[k + 1] / attack)
    return gains
