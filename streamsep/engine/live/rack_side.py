"""The other side of the inserts: what a rack process does with the rings; see `inserts`."""

from __future__ import annotations

from streamsep.engine.compiled.cache import kernel
from streamsep.engine.live.inserts import FROM, IS_ON, READY, SENT, SENT_FROM
from streamsep.engine.live.machine import load_acquire, store_release


@kernel
def find_sent(counts, group):
    """Times of a group's first sample and of its next; both -1 where nothing was sent.

    Latency: 0. Thread: the rack's. Allocates: no. In place: no.
    """
    end = load_acquire(counts, SENT + group)  # first: who sees it also sees where it began
    start = load_acquire(counts, SENT_FROM + group)
    return (start, end) if 0 <= start <= end else (-1, -1)


@kernel
def take(sent, group, row, time, block):
    """Samples that were sent.

    Args:
        sent: Of the inserts.
        group: Which.
        row: Stem, or `EXTRA` of the sum.
        time: Of the first.
        block: Written. [channels, n]

    Latency: 0. Thread: the rack's. Allocates: no. In place: block.
    """
    last = sent.shape[3] - 1
    for c in range(block.shape[0]):
        ring = sent[group, row, c]
        for k in range(block.shape[1]):
            block[c, k] = ring[(time + k) & last]


@kernel
def begin_lane(lanes, lane, time):
    """From a time on this lane will be returned.

    Latency: 0. Thread: the rack's. Allocates: no. In place: lanes.
    """
    row = lanes[lane]
    store_release(row, FROM, time)
    store_release(row, READY, time)


@kernel
def switch_lane(lanes, lane, is_on):
    """Whether a lane is to be heard, or the unprocessed sound.

    Latency: 0. Thread: the rack's. Allocates: no. In place: lanes.
    """
    store_release(lanes[lane], IS_ON, is_on)


@kernel
def give_back(lanes, returned, lane, time, block):
    """What became of the samples of a time; only what lies after the lane's begin is kept.

    Args:
        lanes: Of the inserts.
        returned: The same.
        lane: Which.
        time: Of the first.
        block: [channels, n]

    Latency: 0. Thread: the rack's. Allocates: no. In place: lanes, returned.
    """
    row, last, n = lanes[lane], returned.shape[2] - 1, block.shape[1]
    first = max(row[FROM] - time, 0)
    if first >= n:
        return
    for c in range(block.shape[0]):
        ring = returned[lane, c]
        for k in range(first, n):
            ring[(time + k) & last] = block[c, k]
    store_release(row, READY, time + n)


@kernel
def set_count(counts, index, value):
    """A counter of the rack's.

    Latency: 0. Thread: the rack's. Allocates: no. In place: counts.
    """
    store_release(counts, index, value)
