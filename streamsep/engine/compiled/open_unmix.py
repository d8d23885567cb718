"""Causal Open-Unmix, compiled: the networks of all targets one after the other, hop by hop."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from streamsep.engine.compiled.activations import sigmoid, tanh
from streamsep.engine.compiled.arena import Arena, allocate
from streamsep.engine.compiled.cache import kernel
from streamsep.engine.compiled.frame import analyse, synthesise
from streamsep.engine.compiled.masks import ratio_masks, softmax_masks
from streamsep.engine.compiled.matvec import add_product
from streamsep.engine.compiled.open_unmix_plan import OpenUnmixPlan, make_plan
from streamsep.engine.compiled.pack import padded_columns, padded_rows
from streamsep.spec import StreamSpec

__all__ = ["OpenUnmixPlan", "OpenUnmixState", "estimate_gains", "hop", "make_plan", "make_state"]


class OpenUnmixState(NamedTuple):
    """What the networks remember, and their work space. All zero at the start.

    Attributes:
        magnitude: Magnitudes of the bins seen, channel after channel. [channels, bins seen]
        hidden: LSTM outputs. [networks, layers, padded hidden]
        cell: LSTM cells. [networks, layers, hidden]
        gains: Gains before their ReLU, channel after channel. [networks, padded channels x bins]
        x: Normalised magnitudes. [padded]
        encoded: Output of fc1. [padded]
        gates: Gates of one layer. [padded]
        joined: Encoded and followed, side by side. [padded]
        decoded: Output of fc2. [padded]
        work: For `add_product`.
    """

    magnitude: np.ndarray
    hidden: np.ndarray
    cell: np.ndarray
    gains: np.ndarray
    x: np.ndarray
    encoded: np.ndarray
    gates: np.ndarray
    joined: np.ndarray
    decoded: np.ndarray
    work: np.ndarray


def make_state(plan: OpenUnmixPlan, spec: StreamSpec) -> Arena:
    """Zeroed memory of one stream."""
    n_seen, hidden, n_layers = plan.sizes
    n_networks = plan.input_mean.shape[0]
    n_x, n_joined = padded_columns(spec.channels * n_seen), padded_columns(2 * hidden)
    return allocate(
        OpenUnmixState,
        {
            "magnitude": (spec.channels, n_seen),
            "hidden": (n_networks, n_layers, padded_columns(hidden)),
            "cell": (n_networks, n_layers, hidden),
            "gains": (n_networks, padded_rows(spec.channels * spec.profile.n_bins)),
            "x": (n_x,),
            "encoded": (padded_rows(hidden),),
            "gates": (padded_rows(4 * hidden),),
            "joined": (n_joined,),
            "decoded": (padded_rows(hidden),),
            "work": (max(n_x, n_joined),),
        },
    )


@kernel
def hop(samples, stems, frame_plan, frame, plan, state):
    """One hop of mixture to one hop of every estimated stem.

    Args:
        samples: Finite mixture. [channels, hop]
        stems: Written. [estimated, channels, hop]
        frame_plan: Windows and FFT; its work space is written.
        frame: State of the transform; masks are left there.
        plan: Weights.
        state: Memory of the networks.

    Latency: S - hop. Thread: the stream's own. Allocates: no. In place: stems, frame, state.
    """
    analyse(samples, frame_plan, frame)
    for c in range(samples.shape[0]):
        for k in range(state.magnitude.shape[1]):
            re, im = frame.re[c, k], frame.im[c, k]
            state.magnitude[c, k] = np.sqrt(re * re + im * im)
    estimate_gains(plan, state)
    n_bins = frame.re.shape[1]
    for c in range(samples.shape[0]):
        gains = state.gains[:, c * n_bins : (c + 1) * n_bins]
        if plan.is_softmax:
            softmax_masks(gains, plan.exponent, frame.masks[:, c])
        else:
            ratio_masks(gains, plan.exponent, frame.masks[:, c])
    synthesise(stems, frame_plan, frame)


@kernel
def estimate_gains(plan, state):
    """Networks only: `state.magnitude` to `state.gains`, one frame.

    Latency: 0. Thread: the stream's own. Allocates: no. In place: state.
    """
    for j in range(plan.input_mean.shape[0]):
        _encode(j, plan, state)
        for layer in range(plan.sizes[2]):
            _follow(j, layer, plan, state)
        _decode(j, plan, state)


@kernel
def _encode(j, plan, state):
    """Normalise, fc1, bn1, tanh; the result starts `joined`."""
    n_channels, n_seen = state.magnitude.shape
    for c in range(n_channels):
        for k in range(n_seen):
            shifted = state.magnitude[c, k] + plan.input_mean[j, k]
            state.x[c * n_seen + k] = shifted * plan.input_scale[j, k]
    _copy(plan.fc1_bias[j], state.encoded)
    _add(plan.fc1, j, state.x, state.work, state.encoded)
    for k in range(plan.sizes[1]):
        state.encoded[k] = tanh(state.encoded[k])
        state.joined[k] = state.encoded[k]


@kernel
def _follow(j, layer, plan, state):
    """One LSTM layer: i, f, g, o from input and past output; c = f c + i g; h = o tanh c."""
    hidden, cell, gates, size = (
        state.hidden[j, layer],
        state.cell[j, layer],
        state.gates,
        plan.sizes[1],
    )
    below = state.encoded[: hidden.shape[0]] if layer == 0 else state.hidden[j, layer - 1]
    _copy(plan.lstm_bias[j, layer], gates)
    _add_lstm(plan.lstm, j, layer, 0, below, state.work, gates)
    _add_lstm(plan.lstm, j, layer, 1, hidden, state.work, gates)
    for k in range(size):
        kept = sigmoid(gates[size + k]) * cell[k]
        cell[k] = kept + sigmoid(gates[k]) * tanh(gates[2 * size + k])
        hidden[k] = sigmoid(gates[3 * size + k]) * tanh(cell[k])


@kernel
def _decode(j, plan, state):
    """fc2, bn2, ReLU, fc3, bn3, output scale and mean; the result is `gains[j]`."""
    size = plan.sizes[1]
    followed = state.hidden[j, plan.sizes[2] - 1]
    for k in range(size):
        state.joined[size + k] = followed[k]
    _copy(plan.fc2_bias[j], state.decoded)
    _add(plan.fc2, j, state.joined, state.work, state.decoded)
    for k in range(size):
        state.decoded[k] = max(state.decoded[k], np.float32(0.0))
    _copy(plan.fc3_bias[j], state.gains[j])
    _add(plan.fc3, j, state.decoded[: followed.shape[0]], state.work, state.gains[j])


@kernel
def _copy(source, target):
    for k in range(source.shape[0]):
        target[k] = source[k]


@kernel
def _add(packed, j, x, work, y):
    add_product(packed.weights[j], packed.scales[j], packed.starts[j], x, work, y)


@kernel
def _add_lstm(packed, j, layer, side, x, work, y):
    weights, scales = packed.weights[j, layer, side], packed.scales[j, layer, side]
    add_product(weights, scales, packed.starts[j, layer, side], x, work, y)
