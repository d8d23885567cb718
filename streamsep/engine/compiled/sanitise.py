"""What reaches the engine is finite, in range and never denormal."""

from __future__ import annotations

import math

import numpy as np

from streamsep.engine.compiled.cache import kernel

LIMIT = 256.0
"""Largest magnitude let through: +48 dBFS. More is a fault of the sender and is clamped."""


@kernel
def sanitise(samples, clean):
    """Copy samples; replace NaN and Inf by 0, clamp to +-LIMIT, and flush what is below -400 dBFS to 0.

    Args:
        samples: Anything a host may send. [channels, n]
        clean: Written. [channels, n]

    Latency: 0. Thread: any. Allocates: no. In place: writes clean.
    """
    for c in range(samples.shape[0]):
        for n in range(samples.shape[1]):
            value = samples[c, n]
            size = abs(value)
            if not math.isfinite(value) or size < 1e-20:
                value = np.float32(0.0)
            elif size > LIMIT:
                value = np.float32(math.copysign(LIMIT, value))
            clean[c, n] = value
