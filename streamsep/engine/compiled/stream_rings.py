"""Rings between clients and the runner of a batch: samples in, hops to the engine, stems out.

Each stream has a row of three counters with one writer each: `WRITTEN` (its client), `DONE` (the
runner), `READ` (its client). What lies in a ring before a counter was raised is visible after it was
read. Times are absolute, in samples since the stream's start; a sample of time t lies at t modulo
the ring, and rings are whole hops long, so a hop never wraps.
"""

from __future__ import annotations

import numpy as np

from streamsep.engine.compiled.cache import kernel
from streamsep.engine.compiled.sanitise import sanitise
from streamsep.engine.live.machine import load_acquire, store_release

WRITTEN, DONE, READ, LATENCY = range(4)
"""Samples the client wrote; hops the engine finished; samples the client read; the stream's delay."""

N_COUNTS = 8
"""Length of a row of counters: one cache line."""


@kernel
def put(block, n, now_s, hop, ring, arrivals, counts):
    """Append the first n samples of a block, made harmless, and note when each hop became whole.

    Args:
        block: [channels, >= n]
        n: Samples that fit.
        now_s: Time of their arrival.
        hop: Samples per hop.
        ring: Clean mixture. [channels, ring]
        arrivals: Ring of the times at which hops became whole. [hops]
        counts: Row of counters.

    Latency: 0. Thread: the stream's client. Allocates: no. In place: ring, arrivals, counts.
    """
    written, size = counts[WRITTEN], ring.shape[1]
    start = written % size
    first = min(n, size - start)
    sanitise(block[:, :first], ring[:, start : start + first])
    sanitise(block[:, first:n], ring[:, : n - first])
    for k in range(written // hop, (written + n) // hop):
        arrivals[k % arrivals.shape[0]] = now_s
    store_release(counts, WRITTEN, written + n)


@kernel
def find_due(is_active, hop, arrivals, counts, slots, due_s):
    """Streams that have a whole hop waiting.

    Args:
        is_active: Whether a slot is taken. [slots]
        hop: Samples per hop.
        arrivals: See `put`. [slots, hops]
        counts: [slots, N_COUNTS]
        slots: Written: which streams. [slots]
        due_s: Written: when the oldest waiting hop of each became whole. [slots]

    Returns:
        How many there are.

    Latency: 0. Thread: any. Allocates: no. In place: slots, due_s.
    """
    n = 0
    for slot in range(is_active.shape[0]):
        done = load_acquire(counts[slot], DONE)
        if is_active[slot] and load_acquire(counts[slot], WRITTEN) >= (done + 1) * hop:
            slots[n] = slot
            due_s[n] = arrivals[slot, done % arrivals.shape[1]]
            n += 1
    return n


@kernel
def collect(slots, rings, counts, hops):
    """The oldest waiting hop of each of some streams; one channel feeds an engine of two on both sides.

    Args:
        slots: Which streams. [n]
        rings: [slots, channels, ring]
        counts: [slots, N_COUNTS]
        hops: Written. [>= n, channels of the engine, hop]

    Latency: 0. Thread: the runner. Allocates: no. In place: hops.
    """
    size, last = hops.shape[2], rings.shape[1] - 1
    for i in range(slots.shape[0]):
        start = counts[slots[i], DONE] * size % rings.shape[2]
        for c in range(hops.shape[1]):
            source = rings[slots[i], min(c, last)]
            for k in range(size):
                hops[i, c, k] = source[start + k]


@kernel
def deliver(slots, joined, epochs, stems, n_early, rings, counts):
    """Finished hops of stems to the streams that they belong to, if those did not leave or begin anew.

    Args:
        slots: Which streams. [n]
        joined: Epoch of each slot when its hop was collected. [slots]
        epochs: Epoch of each slot now. [slots]
        stems: [>= n, estimated, channels of the engine, hop]
        n_early: Hops of the time before the start, which nobody hears.
        rings: Written. [slots, estimated, channels, ring]
        counts: [slots, N_COUNTS]

    Latency: S - hop. Thread: the runner. Allocates: no. In place: rings, counts.
    """
    size = stems.shape[3]
    for i in range(slots.shape[0]):
        slot = slots[i]
        if joined[slot] != epochs[slot]:
            continue
        done = counts[slot, DONE]
        if done >= n_early:
            start = (done - n_early) * size % rings.shape[3]
            for j in range(rings.shape[1]):
                for c in range(rings.shape[2]):
                    target, source = rings[slot, j, c], stems[i, j, c]
                    for k in range(size):
                        target[start + k] = source[k]
        store_release(counts[slot], DONE, done + 1)


@kernel
def count_ready(counts, hop, n_early):
    """Samples of the stems that can be read: finished, and no more than were written.

    Latency: 0. Thread: any. Allocates: no. In place: nothing.
    """
    finished = max(load_acquire(counts, DONE) - n_early, 0) * hop + counts[LATENCY]
    return min(load_acquire(counts, WRITTEN), finished) - load_acquire(counts, READ)


@kernel
def take(ring, estimates, counts, stems):
    """The next samples of all stems: zeros first, then the estimates, and what they leave of the mixture.

    Args:
        ring: Clean mixture. [channels, ring]
        estimates: [estimated, channels, ring of estimates]
        counts: Row of counters.
        stems: Written; as many samples as it has must be ready. [targets, channels, n]

    Latency: the stream's. Thread: the stream's client. Allocates: no. In place: stems, counts.
    """
    n_estimated, n = estimates.shape[0], stems.shape[2]
    start = counts[READ] - counts[LATENCY]
    n_zeros = min(max(-start, 0), n)
    for c in range(stems.shape[1]):
        rest = stems[n_estimated, c]
        for j in range(n_estimated + 1):
            source, target = ring[c], stems[j, c]
            if j < n_estimated:
                source = estimates[j, c]
            size = source.shape[0]
            for k in range(n_zeros):
                target[k] = np.float32(0.0)
            at = (start + n_zeros) % size
            first = min(n - n_zeros, size - at)
            for k in range(first):
                target[n_zeros + k] = source[at + k]
            for k in range(n - n_zeros - first):
                target[n_zeros + first + k] = source[k]
        for j in range(n_estimated):
            target = stems[j, c]
            for k in range(n):
                rest[k] -= target[k]
    store_release(counts, READ, counts[READ] + n)
