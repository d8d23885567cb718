"""Constants of the recursive Wiener filter, apart from it because the engine must not import torch.

Measured on the select list, they hardly matter: memories of 0.5 to 4 s lie within 0.4 points of share
closed, backgrounds of 0 to 0.05 and spreads of 0.01 to 0.2 within 0.1.
"""

from __future__ import annotations

import numpy as np

from streamsep.spec import StreamSpec

MEMORY_S = 2.0
"""Time constant in seconds with which the filter forgets where the stems were."""

BACKGROUND = 0.05
"""Share of the mixture in the memory of every stem: one that has hardly sounded is where the mixture is."""

SPREAD = 0.05
"""Share of a stem's power that may come from anywhere. It bounds the filter where stems share a place."""

SILENCE = 1e-30
"""Mean power of a bin below which it leaves no trace: 230 dB below the dither of 16 bits."""

FLUSH = 1e-20
"""Memory below this is 0, so that it never becomes denormal."""


def memory_weight(spec: StreamSpec) -> float:
    """Weight of the newest frame in the filter's memory, 1 - exp(-hop / tau)."""
    return float(1.0 - np.exp(-spec.hop_s / MEMORY_S))
