"""Frames of the ring at any place between them: `compiled.polyphase` with its phases interpolated."""

from __future__ import annotations

import numpy as np

from streamsep.engine.compiled.cache import kernel
from streamsep.engine.live.intake import AT, CORRECTION, FRACTION, PHASES, PIECE


@kernel
def step_of(intake):
    """Frames of the ring for a frame that is played."""
    return intake.rate_in / intake.rate_out * (1.0 + intake.numbers[CORRECTION])


@kernel
def n_playable(intake, written):
    """Frames that can be played of what is written.

    Latency: 0. Thread: the reader's. Allocates: no. In place: no.
    """
    room = written - intake.state[AT]
    if not intake.is_steered:
        return room
    return max(
        int((room - intake.table.shape[1] // 2 - intake.numbers[FRACTION]) / step_of(intake)), 0
    )


@kernel
def render(intake, outputs, m):
    """The next m frames; they must be there.

    Args:
        intake: Whose.
        outputs: Written. [>= m, channels]
        m: How many.

    Latency: W frames of the ring, where it is steered. Thread: the reader's. Allocates: no. In place: intake,
    outputs.
    """
    if intake.is_steered:
        done = 0
        while done < m:
            k = min(m - done, PIECE)
            _interpolate(intake, outputs[done : done + k], k)
            done += k
        return
    ring, at = intake.ring, intake.state[AT]
    last = ring.shape[0] - 1
    for k in range(m):
        for c in range(ring.shape[1]):
            outputs[k, c] = ring[(at + k) & last, c]
    intake.state[AT] = at + m


@kernel
def _interpolate(intake, outputs, k):
    """At most `PIECE` frames."""
    table, taps, line = intake.table, intake.taps, intake.line
    n_taps, fraction, step = table.shape[1], intake.numbers[FRACTION], step_of(intake)
    at, last = intake.state[AT], intake.ring.shape[0] - 1
    first = at - n_taps // 2 + 1
    for i in range(int(fraction + (k - 1) * step) + n_taps):
        for c in range(line.shape[0]):
            line[c, i] = intake.ring[(first + i) & last, c]
    for o in range(k):
        place = fraction + o * step
        whole = int(place)
        phase = (place - whole) * PHASES
        row = int(phase)
        rest, low, high = np.float32(phase - row), table[row], table[row + 1]
        for j in range(n_taps):
            taps[j] = low[j] + rest * (high[j] - low[j])
        for c in range(line.shape[0]):
            outputs[o, c] = _dot(line[c, whole : whole + n_taps], taps)
    place = fraction + k * step
    intake.state[AT] = at + int(place)
    intake.numbers[FRACTION] = place - int(place)


@kernel
def _dot(samples, taps):
    total = np.float32(0.0)
    for j in range(taps.shape[0]):
        total += samples[j] * taps[j]
    return total
