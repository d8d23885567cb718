"""One model in the live path: samples in, stems out at absolute times, in the callback or beside it.

Both sides of a model are rings addressed by time. The audio side feeds `heard` and reads `wet`; whoever
runs `pump` (the same callback, or a worker thread) takes samples out of `heard`, runs the model hop by
hop and writes finished stems to `wet`. Time 0 is the slot's first sample; stems of the input at time t
are due at t + latency. Each counter has one writer, so nothing is locked.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numba
import numpy as np
from numba import types

from streamsep.engine.compiled.polyphase import PolyphasePlan, PolyphaseState
from streamsep.engine.latency import stream_latency_samples
from streamsep.engine.live.machine import (
    Block,
)
from streamsep.engine.live.program import Program
from streamsep.resample import StreamingResampler

RING = 1 << 15
"""Samples in each ring, 0.7 s: a worker that is later than that has lost its place."""

CHUNK = 256
"""Host samples that go into a model at a time."""

NAP_US = 200
"""A worker looks for samples so often, in microseconds."""

HEARD, TAKEN, READY, N_HOPS, COLLECTED, LOST, N_FED = range(7)
"""Counters: samples fed, taken, stems' time ready, hops run, samples waiting for a hop, whether the
worker has lost its place, and samples fed since the start as the audio side counts them."""


class Slot(NamedTuple):
    """Memory of one model; see the module's docstring.

    Attributes:
        function: Address of the model's C function; see `Program`.
        context: Its argument.
        latency: Samples between the input and its stems.
        n_early: Hops that belong to the time before the start.
        is_worker: 1 where another thread pumps.
        is_resampled: 1 where the host's rate is not the model's.
        counts: Counters, int64.
        heard: Input ring. [seen channels, RING]
        wet: Ring of estimated stems. [estimated, channels, RING]
        hop: Input of the function. [seen channels, hop]
        estimates: Its output. [estimated, seen channels, hop]
        chunk: Host samples on their way to the resampler. [seen channels, CHUNK]
        feed: The same at the model's rate. [seen channels, n]
        returned: Stems at the host's rate. [estimated x seen channels, n]
        into: Filter to the model's rate.
        into_state: Its past.
        back: Filter from the model's rate.
        back_state: Its past.
    """

    function: int
    context: int
    latency: int
    n_early: int
    is_worker: int
    is_resampled: int
    counts: np.ndarray
    heard: np.ndarray
    wet: np.ndarray
    hop: np.ndarray
    estimates: np.ndarray
    chunk: np.ndarray
    feed: np.ndarray
    returned: np.ndarray
    into: PolyphasePlan
    into_state: PolyphaseState
    back: PolyphasePlan
    back_state: PolyphaseState


@dataclass(frozen=True)
class HeldSlot:
    """A slot and what keeps its memory alive.

    Attributes:
        program: The model.
        slot: Views for Python.
        block: The same for machine code.
    """

    program: Program
    slot: Slot
    block: Block


def make_slot(
    program: Program,
    host_rate: int,
    channels: int,
    block_size: int | None,
    reserve: int | None = None,
) -> HeldSlot:
    """Memory for a model that has heard nothing.

    Args:
        program: The model; not shared with another slot.
        host_rate: In Hz.
        channels: Of the host, 1 or 2. One feeds a model of two on both sides.
        block_size: Promised size of the host's blocks; None promises nothing.
        reserve: Samples that a worker may be late; None runs the model in the callback.
    """
    spec = program.spec
    is_resampled = host_rate != spec.sample_rate
    n_rows = len(spec.estimated) * spec.channels
    into = StreamingResampler(host_rate, spec.sample_rate, spec.channels)
    back = StreamingResampler(spec.sample_rate, host_rate, n_rows)
    latency = stream_latency_samples(
        spec.profile, block_size, into if is_resampled else None, back if is_resampled else None
    )
    up, down = spec.sample_rate / host_rate, host_rate / spec.sample_rate
    zeros, hop = np.zeros, spec.profile.hop
    slot = Slot(
        function=program.function,
        context=program.context,
        latency=latency + (reserve or 0),
        n_early=spec.latency_samples // hop,
        is_worker=int(reserve is not None),
        is_resampled=int(is_resampled),
        counts=zeros(8, np.int64),
        heard=zeros((spec.channels, RING), np.float32),
        wet=zeros((len(spec.estimated), channels, RING), np.float32),
        hop=program.hop,
        estimates=program.stems,
        chunk=zeros((spec.channels, CHUNK), np.float32),
        feed=zeros((spec.channels, int(up * CHUNK) + 2), np.float32),
        returned=zeros((n_rows, int(down * hop) + 2), np.float32),
        into=into.plan,
        into_state=into.state,
        back=back.plan,
        back_state=back.state,
    )
    slot.counts[READY] = slot.latency
    return HeldSlot(program, slot, Block(slot))


def slot_type() -> types.Type:
    """Numba's type of a `Slot`, from one without content."""
    two, three = np.zeros((1, 1), np.float32), np.zeros((1, 1, 1), np.float32)
    ints = np.zeros(1, np.int64)
    plan, state = PolyphasePlan(1, 1, 1, two), PolyphaseState(two, ints)
    filters = (plan, state, plan, state)
    return numba.typeof(
        Slot(0, 0, 0, 0, 0, 0, ints, two, three, two, three, two, two, two, *filters)
    )
