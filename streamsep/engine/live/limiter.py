"""A soft limiter without delay: untouched below its threshold, never above full scale.

The envelope e follows the loudest channel at once and falls slowly. Below the threshold T the gain is
exactly 1. Above it the envelope is bent, g = (T + (1 - T) tanh((e - T) / (1 - T))) / e; because the bend is
continuous with slope 1 at T and the envelope rises with the signal itself, the output has no jump.
"""

from __future__ import annotations

import math

from streamsep.engine.compiled.cache import kernel

THRESHOLD = 0.891251
"""-1 dBFS."""

RELEASE_S = 0.05
"""Time in seconds in which the envelope falls to 1/e."""


@kernel
def limit(samples, n, envelope, release):
    """Limit n samples of all channels together.

    Args:
        samples: Changed. float64 [channels, >= n]
        n: How many.
        envelope: Remembered; 0 at the start. [1]
        release: Factor of the envelope per sample.

    Returns:
        The lowest gain.

    Latency: 0. Thread: audio. Allocates: no. In place: samples, envelope.
    """
    level, lowest = envelope[0], 1.0
    for k in range(n):
        level *= release
        for c in range(samples.shape[0]):
            level = max(level, abs(samples[c, k]))
        if level > THRESHOLD:
            room = 1.0 - THRESHOLD
            gain = (THRESHOLD + room * math.tanh((level - THRESHOLD) / room)) / level
            lowest = min(lowest, gain)
            for c in range(samples.shape[0]):
                samples[c, k] *= gain
    envelope[0] = level if level > 1e-9 else 0.0
    return lowest
