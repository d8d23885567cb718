"""Frames out of an intake's ring, for the output's callback; where there are none, silence without a click.

The reader is `FILLING` (silent, until there is enough) or `RUNNING`. It never uses the ring up: it keeps what
a fade needs, so that it can leave gently when nothing more comes.
"""

from __future__ import annotations

import numpy as np

from streamsep.engine.compiled.cache import kernel
from streamsep.engine.live.clock import find_end, follow, steer
from streamsep.engine.live.intake import (
    AT,
    FADED_IN,
    FILLING,
    FLUSH,
    FLUSHED,
    FRACTION,
    GAPS,
    HAS_ENDED,
    IS_PAUSED,
    LAST_TAKEN,
    LATENCY_NS,
    LONGEST_DRAWN,
    LONGEST_GIVEN,
    LONGEST_TAKEN,
    READ,
    RUNNING,
    STATE,
    WRITTEN,
    load_intake,
)
from streamsep.engine.live.interpolate import n_playable, render
from streamsep.engine.live.machine import load_acquire, store_release

MARGIN_S = 0.002
"""What a device's blocks may be late by."""

EXCESS_S = 0.1
"""Where more than this has piled up beyond the target, it is left out."""


@kernel
def draw(address, n, now_ns):
    """A callback's input, for a stream without one.

    Args:
        address: Of the intake; 0 where there is none.
        n: Frames.
        now_ns: Time in ns.

    Returns:
        Address of the frames; 0 where there is nothing to play.

    Latency: see `take`. Thread: the output's callback. Allocates: no. In place: the intake.
    """
    if address == 0 or n > LONGEST_DRAWN:
        return 0
    intake = load_intake(address)
    take(intake, intake.drawn[:n], now_ns * 1e-9)
    return intake.drawn_address


@kernel
def take(intake, outputs, now):
    """The next frames that are played.

    Args:
        intake: Whose.
        outputs: Written. [n, channels]
        now: Time in s.

    Latency: `LATENCY_NS` of its counters, for a device. Thread: the output's callback. Allocates: no.
    In place: intake, outputs.
    """
    n, counts, state = outputs.shape[0], intake.counts, intake.state
    target, end = intake.target, -1.0
    if intake.is_steered:
        target = _find_target(intake, n)
        follow(intake.clock_out, now, state[LAST_TAKEN], 1.0 / intake.rate_out)
        state[LAST_TAKEN] = n
        end = find_end(intake)
    has_ended = load_acquire(counts, HAS_ENDED)  # before what was written: it says that this is all
    flush = load_acquire(counts, FLUSH)
    written = load_acquire(counts, WRITTEN)
    done = 0
    if flush != state[FLUSHED] and flush >> 1 == state[AT]:
        state[STATE] = FILLING  # all that came before was played to its end
    if state[STATE] == FILLING:
        _begin(intake, n, written, flush, has_ended, target, end)
    elif intake.is_steered:
        steer(intake, end, target, n)
    if state[STATE] == RUNNING:
        done = _run(intake, outputs, written, flush, has_ended, target)
    for k in range(done, n):
        for c in range(outputs.shape[1]):
            outputs[k, c] = np.float32(0.0)
    kept = intake.table.shape[1] // 2 if intake.is_steered else 0
    store_release(counts, READ, max(state[AT] - kept, 0))


@kernel
def _find_target(intake, n):
    """Frames between what is read and what will be written: both blocks, filter, fade, margin."""
    counts = intake.counts
    counts[LONGEST_TAKEN] = max(counts[LONGEST_TAKEN], n)
    taken = (counts[LONGEST_TAKEN] + intake.fade) * intake.rate_in / intake.rate_out
    own = int(taken + MARGIN_S * intake.rate_in) + intake.table.shape[1] // 2 + 2
    given = load_acquire(counts, LONGEST_GIVEN)
    if given > 0:
        store_release(counts, LATENCY_NS, int(own * 1e9 / intake.rate_in))
    return given + own


@kernel
def _begin(intake, n, written, flush, has_ended, target, end):
    """Go over to `RUNNING` where there is enough."""
    counts, state, numbers = intake.counts, intake.state, intake.numbers
    if intake.is_steered:
        if end < target:
            return
        place = end - target
        state[AT], numbers[FADED_IN] = int(place), 0.0
        numbers[FRACTION] = place - int(place)
        if state[AT] < intake.table.shape[1] // 2:
            return
        if n_playable(intake, written) >= n + intake.fade:
            state[STATE] = RUNNING
        return
    if flush != state[FLUSHED]:
        state[FLUSHED], state[AT] = flush, flush >> 1
        numbers[FADED_IN] = 0.0 if flush & 1 else intake.fade
    there = written - state[AT]
    is_enough = there >= max(target, n + intake.fade) or (has_ended != 0 and there > 0)
    if is_enough and load_acquire(counts, IS_PAUSED) == 0:
        state[STATE] = RUNNING


@kernel
def _run(intake, outputs, written, flush, has_ended, target):
    """Play, or leave; returns the frames that were played."""
    n, counts, state, numbers = outputs.shape[0], intake.counts, intake.state, intake.numbers
    there, fade = n_playable(intake, written), intake.fade
    is_asked = flush != state[FLUSHED] or load_acquire(counts, IS_PAUSED) != 0
    excess = written - state[AT] - target if intake.is_steered else 0
    is_gap = excess > EXCESS_S * intake.rate_in or (there < n + fade and has_ended == 0)
    if not is_asked and not is_gap:
        m = min(n, there)
        render(intake, outputs, m)
        if numbers[FADED_IN] < fade:
            _fade(numbers, outputs, m, 1.0, fade)
        return m
    if excess > intake.ring.shape[0] // 2:
        there = 0  # written over
    m = min(n, there, int(numbers[FADED_IN]))
    render(intake, outputs, m)
    _fade(numbers, outputs, m, -1.0, fade)
    if numbers[FADED_IN] == 0.0 or m == there:
        numbers[FADED_IN], state[STATE] = 0.0, FILLING
        if not is_asked:
            counts[GAPS] += 1
    return m


@kernel
def _fade(numbers, outputs, m, step, fade):
    """Move the gain towards 1 or 0, frame by frame."""
    for k in range(m):
        numbers[FADED_IN] = min(max(numbers[FADED_IN] + step, 0.0), fade)
        gain = np.float32(numbers[FADED_IN] / fade)
        for c in range(outputs.shape[1]):
            outputs[k, c] *= gain
