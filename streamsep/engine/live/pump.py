"""Samples into a slot, the model, stems out of it: kernels for the audio thread and for a worker."""

from __future__ import annotations

import numpy as np
from numba import types

from streamsep.engine.compiled.cache import kernel
from streamsep.engine.compiled.polyphase import resample
from streamsep.engine.live.machine import (
    c_address,
    call_at,
    flush_denormals,
    load_acquire,
    loader,
    nap,
    store_release,
)
from streamsep.engine.live.slot import (
    CHUNK,
    COLLECTED,
    HEARD,
    LOST,
    N_FED,
    N_HOPS,
    NAP_US,
    READY,
    RING,
    TAKEN,
    slot_type,
)

load_slot = loader(slot_type)


def pump_address() -> int:
    """Address of `void pump(intptr_t slot)`, which runs a slot's model on all that was heard."""
    return c_address(pump, (types.intp,))


@kernel
def feed(counts, heard, samples, n):
    """Give a slot the next n samples of the mixture.

    Args:
        counts: Of the slot.
        heard: Its input ring.
        samples: [channels, >= n]
        n: How many.

    Latency: 0. Thread: audio. Allocates: no. In place: counts, heard.
    """
    start = counts[N_FED]
    counts[N_FED] = start + n
    if start + n - load_acquire(counts, TAKEN) > RING:
        store_release(counts, LOST, 1)
    if load_acquire(counts, LOST):
        return
    last = samples.shape[0] - 1
    for c in range(heard.shape[0]):
        row, source = heard[c], samples[min(c, last)]
        for k in range(n):
            row[(start + k) & (RING - 1)] = source[k]
    store_release(counts, HEARD, start + n)


@kernel
def pump(address):
    """Run the model of the slot at an address on all that was heard.

    Latency: the model's. Thread: audio, or the slot's worker. Allocates: no. In place: the slot.
    """
    slot = load_slot(address)
    end = load_acquire(slot.counts, HEARD)
    taken = slot.counts[TAKEN]
    while taken < end:
        n = min(end - taken, CHUNK)
        for c in range(slot.heard.shape[0]):
            for k in range(n):
                slot.chunk[c, k] = slot.heard[c, (taken + k) & (RING - 1)]
        taken += n
        store_release(slot.counts, TAKEN, taken)
        if slot.is_resampled:
            m = resample(slot.chunk[:, :n], slot.feed, slot.into, slot.into_state)
            _collect(slot, slot.feed, m)
        else:
            _collect(slot, slot.chunk, n)


@kernel
def _collect(slot, samples, n):
    """Fill hops; run the model on each full one."""
    size, used = slot.hop.shape[1], 0
    while used < n:
        held = slot.counts[COLLECTED]
        m = min(size - held, n - used)
        for c in range(slot.hop.shape[0]):
            for k in range(m):
                slot.hop[c, held + k] = samples[c, used + k]
        used += m
        slot.counts[COLLECTED] = held + m
        if held + m == size:
            slot.counts[COLLECTED] = 0
            call_at(slot.function, slot.context)
            slot.counts[N_HOPS] += 1
            if slot.counts[N_HOPS] > slot.n_early:
                _publish(slot)


@kernel
def _publish(slot):
    """Write a finished hop to the wet ring."""
    estimates, start = slot.estimates, slot.counts[READY]
    n_stems, n_seen, n = estimates.shape
    if slot.is_resampled:
        rows = estimates.reshape(n_stems * n_seen, n)
        n = resample(rows, slot.returned, slot.back, slot.back_state)
    for j in range(n_stems):
        for c in range(slot.wet.shape[1]):
            row = slot.wet[j, c]
            source = slot.returned[j * n_seen + c] if slot.is_resampled else estimates[j, c]
            for k in range(n):
                row[(start + k) & (RING - 1)] = source[k]
    store_release(slot.counts, READY, start + n)


@kernel
def read(counts, wet, time, n, stems):
    """Estimated stems of n samples from a time on; silence where they are not ready.

    Args:
        counts: Of the slot.
        wet: Its ring of stems.
        time: Of the first sample.
        n: How many.
        stems: Written. [>= estimated, channels, >= n]

    Returns:
        The time up to which stems are ready.

    Latency: 0. Thread: audio. Allocates: no. In place: stems.
    """
    ready = load_acquire(counts, READY)
    there = min(max(ready - time, 0), n)
    for j in range(wet.shape[0]):
        for c in range(wet.shape[1]):
            row, stem = wet[j, c], stems[j, c]
            for k in range(there):
                stem[k] = row[(time + k) & (RING - 1)]
            for k in range(there, n):
                stem[k] = np.float32(0.0)
    return ready


@kernel
def work(address, running):
    """What a worker thread does: run the slot's model as samples come, until `running` is 0.

    Args:
        address: Of the slot.
        running: int64 [1]

    Latency: of the slot's reserve. Thread: the slot's worker. Allocates: no. In place: the slot.
    """
    flush_denormals()
    while load_acquire(running, 0):
        pump(address)
        nap(NAP_US)
