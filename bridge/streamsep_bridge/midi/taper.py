"""From a controller's way to a level and back: fine around 0 dB, silent at the lower end."""

from __future__ import annotations

import math

import numpy as np

TOP = 127.0
"""Upper end of the way; coarse and fine together have steps of 1 / 128."""

_WAY = (1.0, 25.0, 60.0, 100.0, TOP)
_LEVELS_DB = (-60.0, -30.0, -12.0, 0.0, 10.0)


def level_of(position: float) -> float:
    """Level in dB of a position, 0 to 127; below 1 it is -inf."""
    if position < 1.0:
        return -math.inf
    return float(np.interp(position, _WAY, _LEVELS_DB))


def position_of(level_db: float) -> float:
    """Position of a level in dB; the nearest end for those that a controller cannot reach."""
    if level_db == -math.inf:
        return 0.0
    return float(np.interp(level_db, _LEVELS_DB, _WAY))
