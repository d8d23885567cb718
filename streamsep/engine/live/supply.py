"""Frames into an intake's ring: by a device's callback, or by whoever reads a file."""

from __future__ import annotations

import numpy as np

from streamsep.engine.compiled.cache import kernel
from streamsep.engine.live.clock import FOLLOWED, STEP, TIME, follow
from streamsep.engine.live.intake import (
    BLOCKS_GIVEN,
    LONGEST_GIVEN,
    MARK,
    N_MARKS,
    WRITTEN,
    Intake,
)
from streamsep.engine.live.machine import store_release


@kernel
def give(intake, block, now):
    """A device's block; what nobody has read for as long as the ring is gets lost.

    Args:
        intake: Of the device.
        block: [n, channels]
        now: When it came, in s.

    Latency: 0. Thread: the device's callback. Allocates: no. In place: intake.
    """
    counts, n = intake.counts, block.shape[0]
    counts[LONGEST_GIVEN] = max(counts[LONGEST_GIVEN], n)
    follow(intake.clock_in, now, n, 1.0 / intake.rate_in)
    end = _put(intake.ring, counts[WRITTEN], block)
    newest = counts[MARK] + 1
    mark = intake.marks[newest & (N_MARKS - 1)]
    mark[0], mark[1] = end, intake.clock_in[TIME]
    mark[2], mark[3] = intake.clock_in[STEP], intake.clock_in[FOLLOWED]
    store_release(counts, MARK, newest)
    store_release(counts, WRITTEN, end)
    counts[BLOCKS_GIVEN] += 1


def supply(intake: Intake, frames: np.ndarray) -> None:
    """Frames of a file; there must be room for them.

    Args:
        intake: Of the file.
        frames: float32 [n, channels]

    Latency: 0. Thread: the player's. Allocates: yes. In place: intake.
    """
    _supply(intake.counts, intake.ring, np.ascontiguousarray(frames, np.float32))


@kernel
def _supply(counts, ring, frames):
    store_release(counts, WRITTEN, _put(ring, counts[WRITTEN], frames))


@kernel
def set_count(counts, index, value):
    """A counter of the writer, visible after all that was written before."""
    store_release(counts, index, value)


@kernel
def _put(ring, start, frames):
    """Frames into the ring; returns the count of frames then."""
    last = ring.shape[0] - 1
    for k in range(frames.shape[0]):
        for c in range(ring.shape[1]):
            ring[(start + k) & last, c] = frames[k, c]
    return start + frames.shape[0]
