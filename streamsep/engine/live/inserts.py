"""Inserts: where stems, and the sum, leave the live path for a rack of plug-ins and come back later.

The racks run in another process. Stems go into a ring addressed by time, and what a rack made of the stem at
time t lies at time t of another ring, when it is ready. The path goes on with the stems of `delay` samples
ago, all of them and everything that has to stay aligned, so that racks of any latency stay together. It never
waits: where a rack is late, gone, or left out, the unprocessed stem is heard, with a short fade.

A delay of 0 is no insert at all.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from streamsep.engine.compiled.cache import kernel
from streamsep.engine.live.machine import load_acquire, store_release
from streamsep.engine.live.presence import FADE, follow_presence

ROWS, ALIGNED, EXTRA = 10, 8, 9
"""Rows of what is sent: eight stems, the aligned dry mixture, and the share of the stems in what is heard
(of a slot) or the mix (of the sum)."""

SUM_GROUP, N_GROUPS = 2, 3
"""Groups are sent together: the stems of slot 0, of slot 1, the sum."""

SUM_LANE, N_LANES = 16, 17
"""Lanes return one by one: slot x 8 + stem, the sum."""

SENT_FROM, SENT, BEATS, AT_WORK = 0, 3, 6, 7
"""Counters: time of each group's first sample (-1: none) and of its next (audio); turns of the rack process,
and the chain it works on (-1: none)."""

IS_ON, FROM, READY = range(3)
"""Of a lane, by the rack process: whether it is to be heard, from which time on, and until which it is
ready."""

N_INSERT_COUNTS, N_LANE_COUNTS = 16, 8

RACK_BLOCK = 128
"""Samples that a rack takes at a time."""


class Inserts(NamedTuple):
    """See the module's docstring.

    Attributes:
        delays: Of stems, of the sum, in samples. int64 [2]
        counts: int64 [N_INSERT_COUNTS]
        lanes: int64 [N_LANES, N_LANE_COUNTS]
        sent: [N_GROUPS, ROWS, channels, ring]; the ring is a power of two.
        returned: [N_LANES, channels, ring]
        presence: How far each rack is faded in. float64 [N_LANES]
        rests: Samples for which each is not heard. int64 [N_LANES]
        shares: The same, sample by sample. float64 [CHUNK]
    """

    delays: np.ndarray
    counts: np.ndarray
    lanes: np.ndarray
    sent: np.ndarray
    returned: np.ndarray
    presence: np.ndarray
    rests: np.ndarray
    shares: np.ndarray


def rack_reserve(block_size: int) -> int:
    """Samples for the way to a rack and back: one block, and as much again for the work.

    Args:
        block_size: Of the callback.
    """
    return 2 * max(block_size, 2 * RACK_BLOCK)


@kernel
def insert_stems(inserts, index, start, now, stems, n_stems, aligned, wetness, m):
    """Send the stems of a slot; go on with those of a while ago.

    Args:
        inserts: `Inserts`.
        index: Of the slot.
        start: Time of its first sample.
        now: Time of the piece.
        stems: Changed. [>= n_stems, channels, >= m]
        n_stems: How many stems the slot has.
        aligned: Aligned dry mixture, changed. [channels, >= m]
        wetness: Share of the stems, changed. [>= m]
        m: Samples.

    Returns:
        How many racks are late.

    Latency: delays[0]. Thread: audio. Allocates: no. In place: inserts, stems, aligned, wetness.
    """
    sent, n_late = inserts.sent[index], 0
    then = now - inserts.delays[0]
    n_early = _begin_group(inserts, index, start, then, m)
    for j in range(n_stems):
        _write(sent[j], now, stems[j], m)
    _write(sent[ALIGNED], now, aligned, m)
    row, last = sent[EXTRA, 0], sent.shape[2] - 1
    for k in range(m):
        row[(now + k) & last] = wetness[k]
    store_release(inserts.counts, SENT + index, now + m)
    for j in range(n_stems):
        _read(sent[j], then, stems[j], n_early, m)
        n_late += _hear_rack(inserts, index * ALIGNED + j, then, stems[j], m)
    _read(sent[ALIGNED], then, aligned, n_early, m)
    for k in range(m):
        wetness[k] = row[(then + k) & last] if k >= n_early else 1.0
    return n_late


@kernel
def insert_sum(inserts, now, heard, stems, n_stems, aligned, m):
    """The same for the sum; stems and dry mixture only wait, for meters and the recorder.

    Args:
        inserts: `Inserts`.
        now: Time of the piece.
        heard: The mix, changed. float64 [channels, >= m]
        stems: Changed. [>= n_stems, channels, >= m]
        n_stems: How many there are.
        aligned: Aligned dry mixture, changed. [channels, >= m]
        m: Samples.

    Returns:
        Whether the rack is late.

    Latency: delays[1]. Thread: audio. Allocates: no. In place: inserts, heard, stems, aligned.
    """
    sent = inserts.sent[SUM_GROUP]
    then = now - inserts.delays[1]
    n_early = _begin_group(inserts, SUM_GROUP, 0, then, m)
    for j in range(n_stems):
        _write(sent[j], now, stems[j], m)
        _read(sent[j], then, stems[j], n_early, m)
    _write(sent[ALIGNED], now, aligned, m)
    _read(sent[ALIGNED], then, aligned, n_early, m)
    _write(sent[EXTRA], now, heard, m)
    store_release(inserts.counts, SENT + SUM_GROUP, now + m)
    _read(sent[EXTRA], then, heard, n_early, m)
    return _hear_rack(inserts, SUM_LANE, then, heard, m)


@kernel
def _begin_group(inserts, group, start, then, m):
    """Tell the rack where a group begins; returns how many samples lie before."""
    if inserts.counts[SENT_FROM + group] != start:
        store_release(inserts.counts, SENT_FROM + group, start)
        for j in range(ALIGNED):
            inserts.presence[min(group * ALIGNED + j, SUM_LANE)] = 0.0
    return min(max(start - then, 0), m)


@kernel
def _hear_rack(inserts, lane, then, samples, m):
    """Fade over to what a rack returned, where it is there; returns whether it is late."""
    row = inserts.lanes[lane]
    ready, presence = load_acquire(row, READY), inserts.presence[lane]
    is_on = load_acquire(row, IS_ON) != 0
    # A fade ahead, so that a rack that is late is faded and never cut.
    is_there = is_on and load_acquire(row, FROM) <= then and ready >= then + m + FADE
    if not is_there and presence == 0.0:
        return 0
    is_late = is_on and not is_there and inserts.rests[lane] == 0
    inserts.presence[lane], inserts.rests[lane] = follow_presence(
        presence, inserts.rests[lane], is_there, m, inserts.shares
    )
    last = inserts.returned.shape[2] - 1
    for c in range(samples.shape[0]):
        ring, heard = inserts.returned[lane, c], samples[c]
        for k in range(m):
            wet, share = ring[(then + k) & last], inserts.shares[k]
            heard[k] = wet if share == 1.0 else heard[k] + share * (wet - heard[k])
    return 1 if is_late else 0


@kernel
def _write(ring, now, samples, m):
    last = ring.shape[1] - 1
    for c in range(ring.shape[0]):
        row, source = ring[c], samples[c]
        for k in range(m):
            row[(now + k) & last] = source[k]


@kernel
def _read(ring, then, samples, n_early, m):
    last = ring.shape[1] - 1
    for c in range(ring.shape[0]):
        row, target = ring[c], samples[c]
        for k in range(n_early):
            target[k] = 0.0
        for k in range(n_early, m):
            target[k] = row[(then + k) & last]
