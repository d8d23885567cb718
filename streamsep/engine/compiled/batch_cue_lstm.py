"""`cue_lstm` for many streams: features one by one, the LSTM of a group at once, masks one by one.

The equations are those of `cue_lstm`; only the order differs in which streams take part in them.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from streamsep.engine.compiled.activations import sigmoid, tanh
from streamsep.engine.compiled.arena import Arena
from streamsep.engine.compiled.batch_frame import allocate_many, allocate_work, frame_at
from streamsep.engine.compiled.cache import kernel
from streamsep.engine.compiled.cue_bands import find_bands
from streamsep.engine.compiled.cue_fine import find_fine
from streamsep.engine.compiled.cue_masks import fill_masks
from streamsep.engine.compiled.cue_memory import CueLstmState, make_state
from streamsep.engine.compiled.cue_plan import CueLstmPlan, make_plan
from streamsep.engine.compiled.cues import find_cues, remember
from streamsep.engine.compiled.frame import analyse, synthesise
from streamsep.engine.compiled.matmul import add_products
from streamsep.spec import StreamSpec

__all__ = ["GROUP", "hops", "make_memory", "make_plan", "make_work"]

GROUP = 16
"""Streams whose features wait while the matrices are read once; more would leave the nearest caches."""


class CueLstmMemory(NamedTuple):
    """What all streams remember, slots first; see `CueLstmState`. All zero at the start."""

    half: np.ndarray
    slot: np.ndarray
    level: np.ndarray
    smooth: np.ndarray
    log_mean: np.ndarray
    log_weight: np.ndarray
    held: np.ndarray
    band_mean: np.ndarray
    band_weight: np.ndarray
    hidden: np.ndarray
    cell: np.ndarray
    mid: np.ndarray
    log_level: np.ndarray


class CueLstmWork(NamedTuple):
    """Work space of a thread; see `CueLstmState`.

    Attributes:
        features: [group, ...], as all down to `delta`.
        bands: Inputs of the network.
        encoded: Output of its first layer.
        gates: Of the LSTM.
        delta: Output of the network.
        past: Output of the LSTM, before and after the hop. [group, padded width]
        usable: Whether the frame leaves a trace. [group]
        steps: For `add_products`. [group]
        work: The same. [group, ...]
        re: As all that follow, of the stream at hand.
        im: Of its spectrum.
        products: Of its spectra.
        mean: Any row.
        around: Of the shared network.
        first: The same.
        second: The same.
        cue_masks: The six masks.
        shared: Shares of the stems.
        logits: What is added to their logarithms.
    """

    features: np.ndarray
    bands: np.ndarray
    encoded: np.ndarray
    gates: np.ndarray
    delta: np.ndarray
    past: np.ndarray
    usable: np.ndarray
    steps: np.ndarray
    work: np.ndarray
    re: np.ndarray
    im: np.ndarray
    products: np.ndarray
    mean: np.ndarray
    around: np.ndarray
    first: np.ndarray
    second: np.ndarray
    cue_masks: np.ndarray
    shared: np.ndarray
    logits: np.ndarray


_OF_GROUP = CueLstmWork._fields[: CueLstmWork._fields.index("re")]


def make_memory(plan: CueLstmPlan, spec: StreamSpec, capacity: int) -> Arena:
    """Zeroed memory of all streams."""
    return allocate_many(CueLstmMemory, _shapes(plan, spec), capacity)


def make_work(plan: CueLstmPlan, spec: StreamSpec) -> CueLstmWork:
    """Work space of a thread."""
    shapes = _shapes(plan, spec)
    shapes |= {"past": shapes["hidden"][1:], "usable": (), "steps": ()}
    return allocate_work(CueLstmWork, shapes, _OF_GROUP, GROUP)


def _shapes(plan: CueLstmPlan, spec: StreamSpec) -> dict[str, tuple[int, ...]]:
    """Shapes of a single stream's fields."""
    views = make_state(plan, spec).views
    return {name: view.shape for name, view in views._asdict().items()}


@kernel
def hops(slots, samples, stems, frame_plan, frames, frame_work, plan, memory, work):
    """One hop of mixture to one hop of every estimated stem, for some streams.

    Args:
        slots: Which. int64 [n]
        samples: Finite mixture. [n, channels, hop]
        stems: Written. [n, estimated, channels, hop]
        frame_plan: Windows and FFT of the thread.
        frames: `FrameMemory`.
        frame_work: `FrameWork` of the thread.
        plan: Constants and weights.
        memory: `CueLstmMemory`.
        work: `CueLstmWork` of the thread.

    Latency: S - hop. Thread: one per work space. Allocates: no. In place: stems, frames, memory, work.
    """
    size = work.usable.shape[0]
    for start in range(0, slots.shape[0], size):
        group = slots[start : start + size]
        for i in range(group.shape[0]):
            frame = frame_at(frames, frame_work, group[i], i)
            state = _state_at(memory, work, group[i], i)
            analyse(samples[start + i], frame_plan, frame)
            work.usable[i] = np.float32(find_cues(frame, plan.cues, state))
            find_bands(plan.cues, state)
            find_fine(plan.fine, state)
        _follow_bands(plan, group, memory, work)
        for i in range(group.shape[0]):
            frame = frame_at(frames, frame_work, group[i], i)
            state = _state_at(memory, work, group[i], i)
            fill_masks(frame.masks, plan.logits, plan.cues, plan.fine, state)
            remember(work.usable[i] > np.float32(0.0), state)
            synthesise(stems[start + i], frame_plan, frame)


@kernel
def _state_at(memory, work, slot, i):
    """`CueLstmState` of the stream in a slot, which is number i of its group."""
    return CueLstmState(
        memory.half[slot],
        memory.slot[slot],
        memory.level[slot],
        memory.smooth[slot],
        memory.log_mean[slot],
        memory.log_weight[slot],
        memory.held[slot],
        memory.band_mean[slot],
        memory.band_weight[slot],
        memory.hidden[slot],
        memory.cell[slot],
        memory.mid[slot],
        memory.log_level[slot],
        work.re,
        work.im,
        work.products,
        work.mean,
        work.features[i],
        work.bands[i],
        work.encoded[i],
        work.gates[i],
        work.delta[i],
        work.work[i],
        work.around,
        work.first,
        work.second,
        work.cue_masks,
        work.shared,
        work.logits,
    )


@kernel
def _follow_bands(plan, slots, memory, work):
    """Layer, ReLU, LSTM, layer, as in `cue_lstm`, for all streams of a group."""
    n, (n_encoded, size) = slots.shape[0], plan.sizes
    for i in range(n):
        _copy(plan.encoder_bias, work.encoded[i])
        _copy(plan.gate_bias, work.gates[i])
        _copy(plan.decoder_bias, work.delta[i])
        _copy(memory.hidden[slots[i], int(memory.half[slots[i], 0])], work.past[i])
    _add(plan.encoder, work.bands, n, work, work.encoded)
    for i in range(n):
        encoded = work.encoded[i]
        for k in range(n_encoded):
            encoded[k] = max(encoded[k], np.float32(0.0))
    _add(plan.input, work.encoded, n, work, work.gates)
    _add(plan.recurrent, work.past, n, work, work.gates)
    for i in range(n):
        half, gates = int(memory.half[slots[i], 0]), work.gates[i]
        cell, new_cell = memory.cell[slots[i], half], memory.cell[slots[i], 1 - half]
        new_hidden = memory.hidden[slots[i], 1 - half]
        for k in range(size):
            kept = plan.cues.memory * sigmoid(gates[size + k]) * cell[k]
            new_cell[k] = kept + sigmoid(gates[k]) * tanh(gates[2 * size + k])
            new_hidden[k] = sigmoid(gates[3 * size + k]) * tanh(new_cell[k])
        _copy(new_hidden, work.past[i])
    _add(plan.decoder, work.past, n, work, work.delta)


@kernel
def _copy(source, target):
    for k in range(source.shape[0]):
        target[k] = source[k]


@kernel
def _add(packed, x, n, work, y):
    weights, scales, starts = packed.weights[0], packed.scales[0], packed.starts[0]
    add_products(weights, scales, starts, x, n, work.work, work.steps, y)
