"""Test-time shifts: the song is separated several times, each time a little later, and the mean is taken.

What depends on where frames and hops happen to fall averages out; what the model knows stays. The amounts
are drawn from a seed, so that a second run gives the same bits.
"""

from __future__ import annotations

import numpy as np

MAX_SHIFT_S = 0.5
"""Longest shift in seconds."""


def shift_amounts_s(shifts: int, seed: int) -> tuple[float, ...]:
    """Delays in seconds, 0 to `MAX_SHIFT_S`, one for each separation; for 0 shifts one that is 0.

    Source: Défossez et al., "Music Source Separation in the Waveform Domain", 2019, section 4.4, whose
    shifts are not seeded.
    """
    if shifts == 0:
        return (0.0,)
    return tuple(np.random.default_rng(seed).uniform(0.0, MAX_SHIFT_S, shifts).tolist())
