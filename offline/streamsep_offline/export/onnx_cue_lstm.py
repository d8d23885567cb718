"""Masks of `cue_lstm` as an ONNX graph: the equations of `streamsep.models.cue_lstm`."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from streamsep.engine.compiled.cue_weights import checked_weights
from streamsep.features.cue_tables import BAND_CUES, CUES, N_BAND_INPUTS, N_BANDS, cue_tables
from streamsep.features.fine_grid import FINE_ROWS, N_FINE, FineGrid, fine_grid, points_heard
from streamsep.model import Model
from streamsep.spec import StreamSpec
from streamsep_offline.export.graph import Graph, Value
from streamsep_offline.export.onnx_cues import CueValues, cues


def masks(graph: Graph, spectrum: Value, model: Model, spec: StreamSpec) -> Value:
    """Masks of one frame; gets the states of the cues, "hidden" and "cell".

    Args:
        graph: To add to.
        spectrum: Real and imaginary parts. [2, channels, bins]
        model: Of kind "cue_lstm".
        spec: Of the stream.

    Returns:
        [targets, 1, bins]

    Raises:
        CheckpointError: The weights do not fit.
    """
    weights, table = checked_weights(model), cue_tables(spec)
    shares, n_classes, n_bins = table.interpolation(), len(model.classes), spec.profile.n_bins
    heard = cues(graph, spectrum, spec)
    has_fine = points_heard(weights["context_input.weight"].shape[1]) > 0
    grid = fine_grid(spec) if has_fine else None  # no operator takes a tensor without elements
    delta = _follow(graph, weights, heard, grid, table.memory)
    said = delta.take(0, N_BANDS * n_classes, 1).reshape(N_BANDS, n_classes)
    # What bands say is interpolated to bins; constants are interpolated here, once.
    cue_shares = _softmax(
        np.einsum("njc,ns->jcs", weights["cue_logits"].astype(np.float64), shares)
    )
    slopes = np.einsum("njk,ns->jks", weights["slopes"], shares)
    shared = (_six_masks(graph, heard.bins, n_bins) * cue_shares).sum(1)
    sloped = (heard.bins.reshape(1, len(CUES), n_bins) * slopes).sum(1)
    logits = graph.op("Log", shared + 1e-3) + sloped
    logits = logits.reshape(n_classes, n_bins)
    logits = logits + (said + weights["bias"]).transpose(1, 0) @ shares
    if grid is not None:
        n_said = (N_BANDS + N_FINE) * n_classes
        points = delta.take(N_BANDS * n_classes, n_said, 1).reshape(N_FINE, n_classes)
        logits = logits + points.transpose(1, 0) @ grid.shares()
    if "local_input.weight" in weights:
        logits = logits + _local(graph, weights, heard, shares)
    found, n = graph.op("Softmax", logits, axis=0), len(spec.targets)
    if n < n_classes:  # the residual takes all classes from its own on
        found = graph.concat([found.take(0, n - 1), found.take(n - 1, n_classes).sum(0)])
    return found.reshape(n, 1, n_bins)


def _six_masks(graph: Graph, features: Value, n_bins: int) -> Value:
    """{percussive, tonal, neither} x {centre, side}. [1, 6, bins]"""
    row = {name: features.take(i, i + 1) for i, name in enumerate(CUES)}
    contrast = 2.0 * (row["peak_172hz"] - row["novelty_151ms"])
    tonal = graph.op("Sigmoid", 1.5 * (contrast - 1.0))
    percussive = graph.op("Sigmoid", -1.5 * (contrast + 1.0))
    centre = row["centre_60ms"].clip(0.0, 1.0)
    centre = centre * graph.op("Sqrt", centre)
    parts = (percussive, tonal, 1.0 - tonal - percussive)
    stacked = graph.concat([part * side for part in parts for side in (centre, 1.0 - centre)])
    return stacked.reshape(1, 6, n_bins)


def _follow(
    graph: Graph,
    weights: Mapping[str, np.ndarray],
    heard: CueValues,
    grid: FineGrid | None,
    memory: float,
) -> Value:
    """What the LSTM says of all bands and points. [1, (bands + points) targets]"""
    inputs = heard.bands.transpose(1, 0).reshape(1, N_BAND_INPUTS)
    if grid is not None:
        read = graph.concat([heard.bins.take(row, row + 1) for row in FINE_ROWS]) @ grid.reading().T
        inputs = graph.concat([inputs, read.reshape(1, len(FINE_ROWS) * N_FINE)], axis=1)
    size = weights["lstm.weight_hidden"].shape[1]
    hidden, cell = graph.state("hidden", 1, size), graph.state("cell", 1, size)
    seen = graph.op("Relu", _linear(graph, weights, "context_input", inputs))
    gates = graph.op("Gemm", seen, weights["lstm.weight_input"].T, weights["lstm.bias"])
    gates = gates + hidden @ weights["lstm.weight_hidden"].T
    write, forget, candidate, read = (gates.take(i * size, (i + 1) * size, 1) for i in range(4))
    write, forget, read = (graph.op("Sigmoid", gate) for gate in (write, forget, read))
    new_cell = memory * forget * cell + write * graph.op("Tanh", candidate)
    new_hidden = read * graph.op("Tanh", new_cell)
    graph.remember("hidden", heard.counts.where(new_hidden, hidden))
    graph.remember("cell", heard.counts.where(new_cell, cell))
    return _linear(graph, weights, "context_output", new_hidden)


def _local(
    graph: Graph, weights: Mapping[str, np.ndarray], heard: CueValues, shares: np.ndarray
) -> Value:
    """What the network shared by all bins adds. [targets, bins]"""
    n_cues, n_bands = len(CUES), len(BAND_CUES)
    per_bin, per_band, per_place = np.split(
        weights["local_input.weight"], [n_cues, n_cues + n_bands], axis=1
    )
    place = per_place @ weights["position"].T + weights["local_input.bias"][:, None]
    seen = per_bin @ heard.bins + (per_band @ heard.bands + place) @ shares
    for layer in ("local_middle", "local_output"):
        rows = weights[f"{layer}.weight"] @ graph.op("Relu", seen)
        seen = rows + weights[f"{layer}.bias"][:, None]
    return seen


def _linear(graph: Graph, weights: Mapping[str, np.ndarray], name: str, x: Value) -> Value:
    return graph.op("Gemm", x, weights[f"{name}.weight"].T, weights[f"{name}.bias"])


def _softmax(x: np.ndarray) -> np.ndarray:
    """Over the first axis."""
    powers = np.exp(x - x.max(axis=0))
    return powers / powers.sum(axis=0)
