"""Ramps of bypass, master and change: a value on a straight line to where it is wanted.

A ramp is [value, target, step, samples left].
"""

from __future__ import annotations

from streamsep.engine.compiled.cache import kernel


@kernel
def aim(ramp, wanted, n):
    """Send a ramp on its way.

    Args:
        ramp: Changed. [4]
        wanted: Value to reach.
        n: In so many samples, at least 1.

    Latency: 0. Thread: audio. Allocates: no. In place: ramp.
    """
    ramp[1], ramp[2], ramp[3] = wanted, (wanted - ramp[0]) / n, n


@kernel
def next_value(ramp):
    """Its value one sample on.

    Latency: 0. Thread: audio. Allocates: no. In place: ramp.
    """
    if ramp[3] > 0.0:
        ramp[3] -= 1.0
        ramp[0] = ramp[1] if ramp[3] == 0.0 else ramp[0] + ramp[2]
    return ramp[0]
