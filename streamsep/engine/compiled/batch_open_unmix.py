"""Causal Open-Unmix for many streams: each matrix of each network is read once for a whole group.

The equations are those of `open_unmix`; only the order differs in which streams take part in them.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from streamsep.engine.compiled.activations import sigmoid, tanh
from streamsep.engine.compiled.arena import Arena
from streamsep.engine.compiled.batch_frame import allocate_many, allocate_work, frame_at
from streamsep.engine.compiled.cache import kernel
from streamsep.engine.compiled.frame import analyse, synthesise
from streamsep.engine.compiled.masks import ratio_masks, softmax_masks
from streamsep.engine.compiled.matmul import add_products
from streamsep.engine.compiled.open_unmix import OpenUnmixPlan, make_plan, make_state
from streamsep.spec import StreamSpec

__all__ = ["GROUP", "hops", "make_memory", "make_plan", "make_work"]

GROUP = 64
"""Streams that share a reading of the matrices; these come from far, so the more the better."""


class OpenUnmixMemory(NamedTuple):
    """What all streams remember, slots first; see `OpenUnmixState`. All zero at the start."""

    hidden: np.ndarray
    cell: np.ndarray


class OpenUnmixWork(NamedTuple):
    """Work space of a thread, for every stream of a group; see `OpenUnmixState`.

    Attributes:
        gains: [networks, group, padded channels x bins]
        magnitude: [group, channels, bins seen]
        x: Normalised magnitudes. [group, padded]
        encoded: Output of fc1. [group, padded]
        past: Output of an LSTM layer in the hop before. [group, padded hidden]
        followed: Its output now. [group, padded hidden]
        gates: Gates of one layer. [group, padded]
        joined: Encoded and followed, side by side. [group, padded]
        decoded: Output of fc2. [group, padded]
        work: For `add_products`. [group, ...]
        steps: The same. [group]
    """

    gains: np.ndarray
    magnitude: np.ndarray
    x: np.ndarray
    encoded: np.ndarray
    past: np.ndarray
    followed: np.ndarray
    gates: np.ndarray
    joined: np.ndarray
    decoded: np.ndarray
    work: np.ndarray
    steps: np.ndarray


def make_memory(plan: OpenUnmixPlan, spec: StreamSpec, capacity: int) -> Arena:
    """Zeroed memory of all streams."""
    return allocate_many(OpenUnmixMemory, _shapes(plan, spec), capacity)


def make_work(plan: OpenUnmixPlan, spec: StreamSpec) -> OpenUnmixWork:
    """Work space of a thread."""
    shapes = _shapes(plan, spec)
    n_networks, n_gains = shapes["gains"]
    shapes |= {"gains": (n_networks, GROUP, n_gains), "steps": ()}
    shapes |= dict.fromkeys(("past", "followed"), shapes["hidden"][2:])
    return allocate_work(OpenUnmixWork, shapes, OpenUnmixWork._fields[1:], GROUP)


def _shapes(plan: OpenUnmixPlan, spec: StreamSpec) -> dict[str, tuple[int, ...]]:
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
        plan: Weights.
        memory: `OpenUnmixMemory`.
        work: `OpenUnmixWork` of the thread.

    Latency: S - hop. Thread: one per work space. Allocates: no. In place: stems, frames, memory, work.
    """
    size = work.steps.shape[0]
    for start in range(0, slots.shape[0], size):
        group = slots[start : start + size]
        for i in range(group.shape[0]):
            frame = frame_at(frames, frame_work, group[i], i)
            analyse(samples[start + i], frame_plan, frame)
            _find_magnitudes(frame, work.magnitude[i])
        for j in range(plan.input_mean.shape[0]):
            _estimate_gains(j, plan, group, memory, work)
        for i in range(group.shape[0]):
            frame = frame_at(frames, frame_work, group[i], i)
            _fill_masks(plan, work.gains[:, i], frame)
            synthesise(stems[start + i], frame_plan, frame)


@kernel
def _find_magnitudes(frame, magnitude):
    for c in range(magnitude.shape[0]):
        for k in range(magnitude.shape[1]):
            re, im = frame.re[c, k], frame.im[c, k]
            magnitude[c, k] = np.sqrt(re * re + im * im)


@kernel
def _fill_masks(plan, gains, frame):
    n_bins = frame.re.shape[1]
    for c in range(frame.re.shape[0]):
        of_channel = gains[:, c * n_bins : (c + 1) * n_bins]
        if plan.is_softmax:
            softmax_masks(of_channel, plan.exponent, frame.masks[:, c])
        else:
            ratio_masks(of_channel, plan.exponent, frame.masks[:, c])


@kernel
def _estimate_gains(j, plan, slots, memory, work):
    """Network j for all streams of a group: `magnitude` to row j of `gains`."""
    n, (n_seen, size, n_layers) = slots.shape[0], plan.sizes
    for i in range(n):
        for c in range(work.magnitude.shape[1]):
            magnitude, x = work.magnitude[i, c], work.x[i, c * n_seen : (c + 1) * n_seen]
            for k in range(n_seen):
                x[k] = (magnitude[k] + plan.input_mean[j, k]) * plan.input_scale[j, k]
        _copy(plan.fc1_bias[j], work.encoded[i])
    _add(plan.fc1, j, work.x, n, work, work.encoded)
    for i in range(n):
        for k in range(size):
            work.encoded[i, k] = tanh(work.encoded[i, k])
            work.joined[i, k] = work.encoded[i, k]
    for layer in range(n_layers):
        _follow(j, layer, plan, slots, memory, work)
    for i in range(n):
        for k in range(size):
            work.joined[i, size + k] = work.followed[i, k]
        _copy(plan.fc2_bias[j], work.decoded[i])
    _add(plan.fc2, j, work.joined, n, work, work.decoded)
    for i in range(n):
        for k in range(size):
            work.decoded[i, k] = max(work.decoded[i, k], np.float32(0.0))
        _copy(plan.fc3_bias[j], work.gains[j, i])
    _add(plan.fc3, j, work.decoded, n, work, work.gains[j])


@kernel
def _follow(j, layer, plan, slots, memory, work):
    """One LSTM layer, as in `open_unmix`, for all streams of a group; its output is `followed`."""
    n, size = slots.shape[0], plan.sizes[1]
    for i in range(n):
        _copy(plan.lstm_bias[j, layer], work.gates[i])
        _copy(memory.hidden[slots[i], j, layer], work.past[i])
    below = work.encoded if layer == 0 else work.followed
    _add_lstm(plan.lstm, j, layer, 0, below, n, work)
    _add_lstm(plan.lstm, j, layer, 1, work.past, n, work)
    for i in range(n):
        hidden, cell = memory.hidden[slots[i], j, layer], memory.cell[slots[i], j, layer]
        gates = work.gates[i]
        for k in range(size):
            kept = sigmoid(gates[size + k]) * cell[k]
            cell[k] = kept + sigmoid(gates[k]) * tanh(gates[2 * size + k])
            hidden[k] = sigmoid(gates[3 * size + k]) * tanh(cell[k])
        _copy(hidden, work.followed[i])


@kernel
def _copy(source, target):
    for k in range(source.shape[0]):
        target[k] = source[k]


@kernel
def _add(packed, j, x, n, work, y):
    weights, scales, starts = packed.weights[j], packed.scales[j], packed.starts[j]
    add_products(weights, scales, starts, x, n, work.work, work.steps, y)


@kernel
def _add_lstm(packed, j, layer, side, x, n, work):
    weights, scales = packed.weights[j, layer, side], packed.scales[j, layer, side]
    starts = packed.starts[j, layer, side]
    add_products(weights, scales, starts, x, n, work.work, work.steps, work.gates)
