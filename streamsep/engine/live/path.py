"""`play`: all that one audio callback does between its input and its output.

    input -> dry delay ------------------------------------------> aligned dry
          -> active slot -> stems -> faders -> fade to aligned dry -+
          -> next slot (while changing) -> the same ----------------+-> cross-fade -> master -> limiter

Where racks of plug-ins are inserted, stems go through theirs before the faders, the sum before the master.
Controls come as events with a time in samples; they act at their sample. What is heard fades to the dry
mixture, aligned to the sample, where stems are late and in bypass. These fades are straight lines: both
sides are the same sound but for the faders, so at unity the sum stays exact.
"""

from __future__ import annotations

import numpy as np

from streamsep.engine.compiled.cache import kernel
from streamsep.engine.compiled.sanitise import sanitise
from streamsep.engine.live.faders import mix, move
from streamsep.engine.live.inserts import insert_stems, insert_sum
from streamsep.engine.live.limiter import limit
from streamsep.engine.live.machine import call_at, load_acquire, store_release
from streamsep.engine.live.memory import (
    ACTIVE,
    BYPASS,
    CHANGE,
    DONE,
    EVENTS_READ,
    EVENTS_WRITTEN,
    FADER,
    LATE,
    LATE_RACKS,
    MASTER,
    N_EVENTS,
    NEXT,
    PENDING,
    SWITCH,
    TIME,
    WARMING,
)
from streamsep.engine.live.outputs import measure_and_record, put
from streamsep.engine.live.presence import FADE, fade_estimates, find_rest, follow_presence
from streamsep.engine.live.pump import feed, load_slot, read
from streamsep.engine.live.ramps import aim, next_value
from streamsep.engine.live.slot import CHUNK, LOST, RING

LONGEST_BLOCK_AT_ONCE = 8192
"""Blocks are taken apart beyond this many samples."""


@kernel
def play(inputs, outputs, path):
    """One callback.

    Args:
        inputs: Mixture as it comes. [n, channels]
        outputs: Written. The mix [n, channels], or every stem on channels of its own
            [n, targets x channels]; other channels become silent.
        path: Memory.

    Latency: the active slot's. Thread: audio. Allocates: no. In place: outputs, path.
    """
    n, done = inputs.shape[0], 0
    while done < n:
        m = min(n - done, LONGEST_BLOCK_AT_ONCE)
        _hear(path, inputs[done : done + m])
        _tell(path, outputs[done : done + m])
        done += m


@kernel
def _hear(path, inputs):
    """Give the slots a whole block, and run them: their latency counts on it."""
    start, n = path.counts[TIME], inputs.shape[0]
    if path.counts[PENDING] >= 0 and path.counts[NEXT] < 0:
        path.counts[NEXT] = path.counts[PENDING]
        store_release(path.counts, PENDING, -1)  # never seen to be in neither place
        path.starts[path.counts[NEXT]] = start
    active, following, done = path.counts[ACTIVE], path.counts[NEXT], 0
    while done < n:
        m = min(n - done, CHUNK)
        sanitise(inputs[done : done + m].T, path.clean[:, :m])
        _keep_dry(path.dry, path.clean, start + done, m)
        _feed(path.slots[active], path.clean, m)
        if following >= 0:
            _feed(path.slots[following], path.clean, m)
        done += m
    _run_model(path.pump, path.slots[active])
    if following >= 0:
        _run_model(path.pump, path.slots[following])


@kernel
def _feed(address, samples, m):
    slot = load_slot(address)
    feed(slot.counts, slot.heard, samples, m)


@kernel
def _run_model(pump, address):
    if not load_slot(address).is_worker:
        call_at(pump, address)


@kernel
def _tell(path, outputs):
    """Render the block piece by piece; a piece ends where the next event is due."""
    n, done = outputs.shape[0], 0
    while done < n:
        m = min(_act(path), min(n - done, CHUNK))
        _run(path, m)
        put(path, outputs[done : done + m], m)
        measure_and_record(path, m)
        _finish_change(path)
        done += m
        store_release(path.counts, TIME, path.counts[TIME] + m)


@kernel
def _act(path):
    """Carry out the events that are due; returns the samples until the next."""
    now, read = path.counts[TIME], path.counts[EVENTS_READ]
    written = load_acquire(path.counts, EVENTS_WRITTEN)
    until = CHUNK
    for at in range(read, written):
        i = at & (N_EVENTS - 1)
        if path.event_kinds[i] != DONE:
            wait = path.event_times[i] - now
            if wait > 0:  # what was sent after it does not wait for it
                until = min(until, wait)
                continue
            _carry_out(path, i)
            path.event_kinds[i] = DONE
        if at == read:
            read += 1
    store_release(path.counts, EVENTS_READ, read)
    return until


@kernel
def _carry_out(path, i):
    kind, index, ramp = path.event_kinds[i], path.event_indices[i], max(path.event_ramps[i], 1)
    if kind == FADER:
        move(path.faders, index >> 8, index & 255, path.event_values[i], ramp)
    elif kind == SWITCH:
        path.counts[WARMING] = int(path.event_values[i, 0])
        path.ramps[CHANGE, 0] = 0.0
        aim(path.ramps[CHANGE], 1.0, ramp)
        path.counts[PENDING] = index
    else:  # BYPASS or MASTER: kinds of events that are rows of ramps
        aim(path.ramps[kind], path.event_values[i, 0], ramp)


@kernel
def _keep_dry(dry, clean, start, m):
    for c in range(dry.shape[0]):
        row, source = dry[c], clean[c]
        for k in range(m):
            row[(start + k) & (RING - 1)] = source[k]


@kernel
def _run(path, m):
    """The slots, and what is heard of them, into `heard`."""
    active, following = path.counts[ACTIVE], path.counts[NEXT]
    for k in range(m):
        path.bypass[k] = next_value(path.ramps[BYPASS])
        path.shares[k] = 0.0
    _render(path, active, m)
    heard, current = path.heard, path.mixes[active]
    for c in range(heard.shape[0]):
        for k in range(m):
            heard[c, k] = current[c, k]
    if following >= 0:
        _render(path, following, m)
        coming = path.mixes[following]
        if path.counts[WARMING] > 0:
            path.counts[WARMING] -= m
        else:
            for k in range(m):
                path.shares[k] = next_value(path.ramps[CHANGE])
            for c in range(heard.shape[0]):
                for k in range(m):
                    heard[c, k] += path.shares[k] * (coming[c, k] - heard[c, k])
            n_stems = path.n_targets[active]
            if n_stems == path.n_targets[following]:
                _blend(path.stems[active], path.stems[following], n_stems, path.shares, m)
    if path.inserts.delays[1] > 0:
        stems, n_stems = path.stems[active], path.n_targets[active]
        path.counts[LATE_RACKS] += insert_sum(
            path.inserts, path.counts[TIME], heard, stems, n_stems, path.aligned[active], m
        )
    for k in range(m):
        master = next_value(path.ramps[MASTER])
        if master != 1.0:
            for c in range(heard.shape[0]):
                heard[c, k] *= master
    if path.is_limited:
        lowest = limit(heard, m, path.envelope, path.release)
        path.lowest_gain[0] = min(path.lowest_gain[0], lowest)


@kernel
def _blend(stems, coming, n_stems, shares, m):
    """Stems of the same set go over to the coming ones, for outputs, meters and the recorder."""
    for j in range(n_stems):
        for c in range(stems.shape[1]):
            row, other = stems[j, c], coming[j, c]
            for k in range(m):
                row[k] += np.float32(shares[k]) * (other[k] - row[k])


@kernel
def _finish_change(path):
    """The slot that came is now the one that is heard."""
    following = path.counts[NEXT]
    if following >= 0 and path.counts[WARMING] <= 0 and path.ramps[CHANGE, 3] == 0.0:
        path.counts[ACTIVE] = following
        store_release(path.counts, NEXT, -1)


@kernel
def _render(path, index, m):
    """Stems of a slot to `stems`; their mix, faded to the aligned dry mixture, to `mixes`."""
    slot, now = load_slot(path.slots[index]), path.counts[TIME]
    stems, mixed, n_stems = path.stems[index], path.mixes[index], path.n_targets[index]
    time = now - path.starts[index]
    ready = read(slot.counts, slot.wet, time, m, stems)
    # A worker's stems have to be there a fade ahead, so that a late hop is faded and never cut.
    ahead = FADE if slot.is_worker else 0
    is_there = ready >= time + m + ahead and not load_acquire(slot.counts, LOST)
    if not is_there and path.rests[index] == 0:
        path.counts[LATE] += 1
    before = path.presence[index]
    path.presence[index], path.rests[index] = follow_presence(
        before, path.rests[index], is_there, m, path.wetness
    )
    if min(before, path.presence[index]) < 1.0:
        fade_estimates(stems, n_stems - 1, path.wetness, m)
    find_rest(path.dry, now - slot.latency, stems, n_stems, m, path.aligned[index])
    if path.inserts.delays[0] > 0:
        start, aligned = path.starts[index], path.aligned[index]
        path.counts[LATE_RACKS] += insert_stems(
            path.inserts, index, start, now, stems, n_stems, aligned, path.wetness, m
        )
    mix(path.faders, index, stems, n_stems, m, mixed)
    for c in range(mixed.shape[0]):
        row, aligned = mixed[c], path.aligned[index, c]
        for k in range(m):
            wet = path.wetness[k] * (1.0 - path.bypass[k])
            if wet != 1.0:
                row[k] = aligned[k] + wet * (row[k] - aligned[k])
