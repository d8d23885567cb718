"""Two clocks that nobody can compare directly: when frames come and go, and the ratio that keeps pace.

A callback comes at about the time of its block, earlier or later by what the system did meanwhile. A
delay-locked loop finds the steady clock behind: the time at which a block is due, and what a frame lasts.
Both callbacks have one. So the delay in the ring is a smooth number, not one that jumps with the blocks, and
a controller can hold it with corrections of a few parts in a million.

Both loops begin fast and become slow as their age grows, as an average over all that was heard would.

Source: F. Adriaensen, "Using a DLL to filter time", LAC 2005; "Controlling adaptive resampling", LAC 2012.
"""

from __future__ import annotations

import math

from streamsep.engine.compiled.cache import kernel
from streamsep.engine.live.intake import (
    AGE,
    AT,
    CORRECTION,
    FRACTION,
    INTEGRAL,
    MARK,
    N_MARKS,
    SMOOTHED,
)
from streamsep.engine.live.machine import load_acquire

TIME, STEP, FOLLOWED = range(3)
"""A clock: time of the newest block in s, seconds per frame, seconds that it was followed."""

LARGEST = 0.005
"""Largest correction of the ratio, as a share: no sound card is that wrong."""

_CLOCK_HZ, _FIRST_CLOCK_HZ = 0.05, 2.0
"""Bandwidth of a clock's loop, and of one that begins."""

_STEER_HZ, _FIRST_STEER_HZ = 0.01, 0.5
"""The same of the controller."""

_LOST_S = 0.05
"""A block that is earlier or later than this, and two blocks, begins a clock anew."""

_SETTLED_S = 0.25
"""A clock is believed when it was followed for so long."""


@kernel
def follow(clock, now, n, nominal):
    """A block came: n frames after the one before.

    Args:
        clock: float64 [3]
        now: In s.
        n: Frames since the last block.
        nominal: What a frame should last, in s.

    Latency: 0. Thread: the clock's callback. Allocates: no. In place: clock.
    """
    due = clock[TIME] + n * clock[STEP]
    error, interval = now - due, n * nominal
    if clock[STEP] == 0.0 or abs(error) > _LOST_S + 2.0 * interval:
        clock[TIME], clock[STEP], clock[FOLLOWED] = now, nominal, 0.0
        return
    bandwidth = max(_CLOCK_HZ, _FIRST_CLOCK_HZ / (1.0 + clock[FOLLOWED]))
    omega = min(2.0 * math.pi * bandwidth * interval, 0.5)
    clock[TIME] = due + math.sqrt(2.0) * omega * error
    clock[STEP] += omega * omega * error / max(n, 1)
    clock[FOLLOWED] += interval


@kernel
def find_end(intake):
    """Frames that the writer will have written by now, with a fraction, by both clocks; -1: not known.

    Latency: 0. Thread: the reader's. Allocates: no. In place: no.
    """
    mark = intake.marks[load_acquire(intake.counts, MARK) & (N_MARKS - 1)]
    if min(mark[3], intake.clock_out[FOLLOWED]) < _SETTLED_S:
        return -1.0
    return mark[0] + (intake.clock_out[TIME] - mark[1]) / mark[2]


@kernel
def steer(intake, end, target, n):
    """Correct the ratio so that the delay stays at its target.

    Args:
        intake: Whose reader plays.
        end: From `find_end`; below 0 keeps the ratio.
        target: Frames between what is read and what is written.
        n: Frames that are played with it.

    Latency: 0. Thread: the reader's. Allocates: no. In place: intake.
    """
    if end < 0.0:
        return
    numbers, seconds = intake.numbers, n / intake.rate_out
    error = (end - intake.state[AT]) - numbers[FRACTION] - target
    omega = 2.0 * math.pi * max(_STEER_HZ, _FIRST_STEER_HZ / (1.0 + numbers[AGE]))
    numbers[SMOOTHED] += min(10.0 * omega * seconds, 1.0) * (error - numbers[SMOOTHED])
    numbers[INTEGRAL] += omega * omega * seconds / intake.rate_in * numbers[SMOOTHED]
    numbers[INTEGRAL] = min(max(numbers[INTEGRAL], -LARGEST), LARGEST)
    correction = numbers[INTEGRAL] + 2.0 * omega / intake.rate_in * numbers[SMOOTHED]
    numbers[CORRECTION] = min(max(correction, -LARGEST), LARGEST)
    numbers[AGE] += seconds
