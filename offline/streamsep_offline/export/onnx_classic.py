"""Masks of `classic` as an ONNX graph: the equations of `streamsep.models.classic`."""

from __future__ import annotations

import numpy as np

from streamsep.classic_settings import FLOOR, POWER_FLOOR, ClassicSettings, tables
from streamsep.model import Model
from streamsep.spec import StreamSpec
from streamsep_offline.export.graph import Graph, Value

_CONTRAST = float(np.exp(1.5))


def masks(graph: Graph, spectrum: Value, model: Model, spec: StreamSpec) -> Value:
    """Masks of one frame; gets the states "recent" and "peak", and for stereo "cross" and "power".

    Args:
        graph: To add to.
        spectrum: Real and imaginary parts. [2, channels, bins]
        model: Of kind "classic".
        spec: Of the stream.

    Returns:
        [targets, 1, bins]
    """
    table, n_bins = tables(ClassicSettings(**model.settings), spec), spec.profile.n_bins
    power = (spectrum * spectrum).sum(0).reshape(spec.channels, n_bins)
    magnitude = graph.op("Sqrt", 2.0 * power.mean(0)) + FLOOR
    known = graph.concat([graph.state("recent", table.n_past - 1, n_bins), magnitude])
    graph.remember("recent", known.take(1, table.n_past))
    steady = _median(graph, known, table.n_past) + FLOOR
    near = np.arange(-table.n_near, table.n_near + 1)[:, None] + np.arange(n_bins)
    mirrored = (n_bins - 1) - np.abs((n_bins - 1) - np.abs(near))
    around = graph.op("Gather", magnitude.reshape(n_bins), mirrored.astype(np.int64))
    broad = _median(graph, around, len(near)) + FLOOR
    ratio = steady / broad
    cube = ratio * ratio * ratio
    tonal, percussive = cube / (cube + _CONTRAST), 1.0 / (1.0 + _CONTRAST * cube)
    centre = _centre(graph, spectrum, power, table.smoothing, spec)
    peak = graph.op("Max", magnitude, graph.state("peak", 1, n_bins) * table.decay)
    graph.remember("peak", peak)
    rest, low = 1.0 - tonal - percussive, table.low[None]
    vocals = (1.0 - low) * centre * (0.85 * rest + 0.5 * tonal)
    share = {
        "vocals": vocals,
        "drums": percussive + 0.4 * low * rest,
        "bass": low * (tonal + 0.6 * rest),
        "piano": (1.0 - magnitude / peak) * ((1.0 - low) * (rest + tonal) - vocals),
    }
    estimated = graph.concat([share[name] for name in spec.estimated])
    residual = (1.0 - estimated.sum(0)).clip(0.0)
    return graph.concat([estimated, residual]).reshape(len(spec.targets), 1, n_bins)


def _centre(
    graph: Graph, spectrum: Value, power: Value, smoothing: float, spec: StreamSpec
) -> Value:
    """How far a bin is mixed to the middle, squared. [1, bins]"""
    n_bins = spec.profile.n_bins
    if spec.channels == 1:
        return graph.constant(np.ones((1, n_bins), np.float32))
    product = (spectrum.take(0, 1, axis=1) * spectrum.take(1, 2, axis=1)).sum(0).reshape(1, n_bins)
    cross, smooth = graph.state("cross", 1, n_bins), graph.state("power", 1, n_bins)
    cross = cross + smoothing * (product - cross)
    smooth = smooth + smoothing * (power.mean(0) - smooth)
    silent = smooth < POWER_FLOOR
    cross, smooth = silent.where(0.0, cross), silent.where(0.0, smooth)
    graph.remember("cross", cross)
    graph.remember("power", smooth)
    psi = (cross / (smooth + POWER_FLOOR)).clip(0.0, 1.0)
    return psi * psi


def _median(graph: Graph, rows: Value, n: int) -> Value:
    """Median of n rows, n odd: the last of the smallest half and one. [n, bins] -> [1, bins]"""
    count = n // 2 + 1
    smallest, _ = graph.ops("TopK", 2, rows, np.array([count], np.int64), axis=0, largest=0)
    return smallest.take(count - 1, count)
