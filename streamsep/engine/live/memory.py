"""The memory of a live path: what the callback reads and writes, and what others read of it.

`counts`, events, meters and the recorder's ring may lie in memory shared between processes; each counter
has one writer.
"""

from __future__ import annotations

from typing import NamedTuple

import numba
import numpy as np
from numba.core import types

from streamsep.engine.live.faders import Faders
from streamsep.engine.live.inserts import Inserts

N_EVENTS = 4096
"""Events that may wait; a power of two."""

(
    TIME,
    ACTIVE,
    NEXT,
    WARMING,
    LATE,
    EVENTS_READ,
    EVENTS_WRITTEN,
    IS_RECORDING,
    RECORD_READ,
    RECORD_WRITTEN,
    DROPPED,
    N_CALLBACKS,
    UNDERFLOWS,
    OVERFLOWS,
    OVERLOADS,
    LONGEST_NS,
    BUSY_NS,
    LONGEST_BLOCK,
    PENDING,
    SWITCH_SENT,
    LATE_RACKS,
) = range(21)
"""Counters: samples since the start; slot that is heard, slot that comes (-1: none), samples it still
warms up; fades to dry because stems were late; events carried out and sent; recorder on, frames read,
written and dropped; callbacks; under- and overflows that the driver reported; callbacks longer than their
block; the longest, and all together, in ns; the longest block in samples; slot that comes with the next
block (-1: none); events written when the latest change of the slot was; fades to unprocessed sound because a
rack was late."""

N_COUNTS = 32

LOAD_STEP, N_LOADS = 0.01, 256
"""Classes of the callbacks' load: its share of the block's time; the last is all above."""

MAX_TARGETS = 8
"""Stems that a path has faders and meters for."""

BYPASS, MASTER, CHANGE = range(3)
"""Rows of `ramps`, and kinds of events."""

FADER, SWITCH = 8, 9
"""Kinds of events: a stem's matrix (index: slot << 8 | stem), a change of the slot (index: slot)."""

DONE = -1
"""Kind of an event that was carried out before one that was sent earlier for later."""


class LivePath(NamedTuple):
    """See the module's docstring. `numba.typeof` is the same for every path.

    Attributes:
        n_inputs: Channels of the callback's input.
        n_outputs: Of its output.
        ns_per_sample: What a sample lasts, in ns.
        has_stem_outputs: 1 puts every stem on outputs of its own, 0 the mix on the first ones.
        is_limited: 1 limits the mix.
        release: Factor of the limiter's envelope per sample.
        power_weight: Weight of the newest sample in the meters' mean power.
        pump: Address of the function that runs a slot's model, `slot.pump_address`.
        intake: Address of the `Intake` that stands in for a stream's input; 0 where there is none.
        slots: Addresses of the two slots. int64 [2]
        starts: Time at which each began. int64 [2]
        counts: Counters. int64 [N_COUNTS]
        event_times: When events are due, in samples. int64 [N_EVENTS]
        event_kinds: int64 [N_EVENTS]
        event_indices: int64 [N_EVENTS]
        event_ramps: Samples in which to get there. int64 [N_EVENTS]
        event_values: float64 [N_EVENTS, 4]
        ramps: Value, target, step, samples left of bypass, master, change. float64 [3, 4]
        faders: Of both slots.
        n_targets: Stems of each slot. int64 [2]
        stems: Piece of each slot's stems. [2, MAX_TARGETS, channels, CHUNK]
        mixes: Piece of their mixes. float64 [2, channels, CHUNK]
        presence: How far each slot's stems are faded in over the aligned dry mixture. float64 [2]
        rests: Samples for which each stays dry. int64 [2]
        wetness: Share of the stems in what is heard, sample by sample. float64 [CHUNK]
        clean: Piece of the input. [channels, CHUNK]
        dry: Ring of the input. [channels, RING]
        aligned: Piece of it, as late as each slot's stems. [2, channels, CHUNK]
        heard: Piece of the output. float64 [channels, CHUNK]
        out: The same, rounded. [channels, CHUNK]
        bypass: Share of the dry mixture. float64 [CHUNK]
        shares: Share of the slot that comes. float64 [CHUNK]
        envelope: Of the limiter. float64 [1]
        lowest_gain: Of the limiter since someone looked. float64 [1]
        fall: Factor of a peak after 1, 2, ... samples. float64 [CHUNK]
        peaks: Of input, stems, mix. float64 [MAX_TARGETS + 2, channels]
        powers: Mean powers. float64 [MAX_TARGETS + 2, channels]
        record: Frames for the recorder: input, stems, mix. [frames, values]
        loads: How many callbacks took so many `LOAD_STEP`s of their block's time. int64 [N_LOADS]
        clock: Seconds and nanoseconds. int64 [2]
        inserts: Of the racks.
    """

    n_inputs: int
    n_outputs: int
    ns_per_sample: np.float32
    has_stem_outputs: int
    is_limited: int
    release: np.float32
    power_weight: np.float32
    pump: int
    intake: int
    slots: np.ndarray
    starts: np.ndarray
    counts: np.ndarray
    event_times: np.ndarray
    event_kinds: np.ndarray
    event_indices: np.ndarray
    event_ramps: np.ndarray
    event_values: np.ndarray
    ramps: np.ndarray
    faders: Faders
    n_targets: np.ndarray
    stems: np.ndarray
    mixes: np.ndarray
    presence: np.ndarray
    rests: np.ndarray
    wetness: np.ndarray
    clean: np.ndarray
    dry: np.ndarray
    aligned: np.ndarray
    heard: np.ndarray
    out: np.ndarray
    bypass: np.ndarray
    shares: np.ndarray
    envelope: np.ndarray
    lowest_gain: np.ndarray
    fall: np.ndarray
    peaks: np.ndarray
    powers: np.ndarray
    record: np.ndarray
    loads: np.ndarray
    clock: np.ndarray
    inserts: Inserts


def path_type() -> types.Type:
    """Numba's type of a `LivePath`."""
    ints, row, table = np.zeros(1, np.int64), np.zeros(1), np.zeros((1, 1))
    float32 = [np.zeros((1,) * n, np.float32) for n in range(5)]
    cube, one = np.zeros((1, 1, 1)), np.float32(1.0)
    return numba.typeof(
        LivePath(
            n_inputs=1,
            n_outputs=1,
            ns_per_sample=one,
            has_stem_outputs=0,
            is_limited=0,
            release=one,
            power_weight=one,
            pump=0,
            intake=0,
            slots=ints,
            starts=ints,
            counts=ints,
            event_times=ints,
            event_kinds=ints,
            event_indices=ints,
            event_ramps=ints,
            event_values=table,
            ramps=table,
            faders=Faders(cube, cube, cube, np.zeros((1, 1), np.int64)),
            n_targets=ints,
            stems=float32[4],
            mixes=cube,
            presence=row,
            rests=ints,
            wetness=row,
            clean=float32[2],
            dry=float32[2],
            aligned=float32[3],
            heard=table,
            out=float32[2],
            bypass=row,
            shares=row,
            envelope=row,
            lowest_gain=row,
            fall=row,
            peaks=table,
            powers=table,
            record=float32[2],
            loads=ints,
            clock=ints,
            inserts=Inserts(
                ints, ints, np.zeros((1, 1), np.int64), float32[4], float32[3], row, ints, row
            ),
        )
    )
