"""Masks of causal Open-Unmix as an ONNX graph: the equations of `streamsep.models.open_unmix_masks`."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from streamsep.masking import GAIN_FLOOR
from streamsep.model import Model
from streamsep.models.open_unmix_fold import fold_batch_norm, fold_output
from streamsep.models.open_unmix_weights import OpenUnmixSettings, network_weights
from streamsep.spec import StreamSpec
from streamsep_offline.export.graph import Graph, Value


def masks(graph: Graph, spectrum: Value, model: Model, spec: StreamSpec) -> Value:
    """Masks of one frame; gets the states "hidden" and "cell".

    Args:
        graph: To add to.
        spectrum: Real and imaginary parts. [2, channels, bins]
        model: Of kind "open_unmix".
        spec: Of the stream.

    Returns:
        [targets, channels, bins]

    Raises:
        CheckpointError: The weights do not fit.
        EngineError: The model was made for another stream.
    """
    settings, weights = OpenUnmixSettings.of(model), network_weights(model, spec)
    n_layers, size = settings.nb_layers, settings.hidden_size
    magnitude = graph.op("Sqrt", (spectrum * spectrum).sum(0))
    seen = magnitude.take(0, settings.max_bin or spec.profile.n_bins, axis=2)
    shape = (n_layers * len(weights), 1, size)
    hidden, cell = graph.state("hidden", *shape), graph.state("cell", *shape)
    gains, states = [], []
    for j, network in enumerate(weights.values()):
        layers = range(j * n_layers, (j + 1) * n_layers)
        memory = [(hidden.take(i, i + 1), cell.take(i, i + 1)) for i in layers]
        gain, after = _network(graph, network, seen, memory, spec.channels)
        gains.append(gain.reshape(1, spec.channels, spec.profile.n_bins))
        states += after
    graph.remember("hidden", graph.concat([h for h, _ in states]))
    graph.remember("cell", graph.concat([c for _, c in states]))
    stacked = graph.concat(gains)
    has_residual = len(gains) == len(spec.targets)
    if settings.mask == "softmax":
        logits = stacked if has_residual else graph.concat([stacked, 0.0 * stacked.take(0, 1)])
        return graph.op("Softmax", settings.exponent * logits, axis=0)
    stacked = graph.op("Relu", stacked)
    if not has_residual:
        stacked = graph.concat([stacked, (1.0 - stacked.sum(0)).clip(0.0)])
    floored = stacked.clip(GAIN_FLOOR)
    largest = graph.op("ReduceMax", floored, np.array([0], np.int64), keepdims=1)
    powers = graph.op("Pow", floored / largest, settings.exponent)
    return powers / powers.sum(0)


def _network(
    graph: Graph,
    weights: Mapping[str, np.ndarray],
    seen: Value,
    memory: list[tuple[Value, Value]],
    channels: int,
) -> tuple[Value, list[tuple[Value, Value]]]:
    """One network: its gains [1, channels bins], and each layer's new hidden and cell."""
    x = ((seen + weights["input_mean"]) * weights["input_scale"]).reshape(1, -1)
    encoded = graph.op("Tanh", _linear(graph, x, *fold_batch_norm(weights, "fc1", "bn1")))
    x, states, size = encoded, [], weights["lstm.weight_hh_l0"].shape[1]
    for layer, (hidden, cell) in enumerate(memory):
        x, after = _lstm(graph, weights, layer, x.reshape(1, 1, size), hidden, cell)
        states.append((x, after))
    joined = graph.concat([encoded, x.reshape(1, size)], axis=1)
    x = graph.op("Relu", _linear(graph, joined, *fold_batch_norm(weights, "fc2", "bn2")))
    return _linear(graph, x, *fold_output(weights, channels)), states


def _lstm(
    graph: Graph,
    weights: Mapping[str, np.ndarray],
    layer: int,
    x: Value,
    hidden: Value,
    cell: Value,
) -> tuple[Value, Value]:
    """ONNX's LSTM; its gates are ordered input, output, forget, cell."""

    def reordered(name: str) -> np.ndarray:
        i, f, g, o = np.split(weights[f"lstm.{name}_l{layer}"], 4)
        return np.concatenate([i, o, f, g])

    bias = np.concatenate([reordered("bias_ih"), reordered("bias_hh")])
    matrices = (reordered("weight_ih")[None], reordered("weight_hh")[None], bias[None])
    size = matrices[1].shape[2]
    _, new_hidden, new_cell = graph.ops("LSTM", 3, x, *matrices, "", hidden, cell, hidden_size=size)
    return new_hidden, new_cell


def _linear(graph: Graph, x: Value, matrix: np.ndarray, bias: np.ndarray) -> Value:
    return graph.op("Gemm", x, matrix.T, bias)
