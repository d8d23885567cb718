"""The causal cues of one frame as an ONNX graph: the equations of `streamsep.features.cues`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from streamsep.features.cue_tables import (
    BAND_FLOOR,
    BAND_LOG_FLOOR,
    CUES,
    EPS,
    FLOOR,
    FLUSH,
    LOG_FLOOR,
    N_BANDS,
    OUTBURST,
    SILENCE,
    TIME_OF_ROW,
    WARM,
    CueTables,
    band_averages,
    cue_tables,
)
from streamsep.spec import StreamSpec
from streamsep_offline.export.graph import Graph, Value


class CueValues(NamedTuple):
    """What the cues say about a frame.

    Attributes:
        bins: [CUES, bins]
        bands: [BAND_CUES, bands]
        counts: Whether the frame leaves a trace in memories, boolean. [1]
    """

    bins: Value
    bands: Value
    counts: Value


def cues(graph: Graph, spectrum: Value, spec: StreamSpec) -> CueValues:
    """Cues of one frame; gets the states of `streamsep.features.cue_state.CueState`.

    Args:
        graph: To add to.
        spectrum: Real and imaginary parts. [2, channels, bins]
        spec: Of the stream.
    """
    return _Cues(graph, spec).find(spectrum)


class _Cues:
    def __init__(self, graph: Graph, spec: StreamSpec) -> None:
        self.graph, self.n_bins = graph, spec.profile.n_bins
        self.channels = spec.channels
        self.tables: CueTables = cue_tables(spec)

    def find(self, spectrum: Value) -> CueValues:
        graph = self.graph
        counts, gain = self._level(spectrum)
        scaled = (spectrum * gain).clip(-1e4, 1e4)
        left, right = (
            [
                scaled.take(part, part + 1).take(side, side + 1, 1).reshape(1, self.n_bins)
                for part in (0, 1)
            ]
            for side in (0, min(1, self.channels - 1))
        )
        powers = [re * re + im * im for re, im in (left, right)]
        both = powers[0] + powers[1]
        mid = [left[0] + right[0], left[1] + right[1]]
        cross = [left[0] * right[0] + left[1] * right[1], left[1] * right[0] - left[0] * right[1]]
        smooth = self._smooth(cross, both, powers, mid, counts)
        log_level = 0.5 * graph.op("Log", both + FLOOR) - LOG_FLOOR
        features = self._features(cross[0], both, log_level, smooth, counts)
        bands = self._bands(both, cross[0], features, counts)
        return CueValues(features, bands, counts)

    def _keep(self, name: str, counts: Value, new: Value, old: Value) -> None:
        self.graph.remember(name, counts.where(new, old))

    def _level(self, spectrum: Value) -> tuple[Value, Value]:
        """Whether the frame counts, and 1 / root of the running level. [1], [1]"""
        graph, table = self.graph, self.tables
        power = (spectrum * spectrum).sum(0).reshape(self.channels, self.n_bins)
        # One channel counts as both sides.
        power = (power.mean(1).sum(0).reshape(1) * (2.0 / self.channels)).clip(None, 1e20)
        level, weight = graph.state("level", 1), graph.state("level_weight", 1)
        n_loud = graph.state("n_loud", 1)
        before = level / weight.clip(1e-9)
        is_warm = weight > WARM
        is_loud = is_warm & (power > OUTBURST * before)
        new_loud = is_loud.where(n_loud + 1.0, 0.0)
        believed = ~is_loud | (new_loud > float(table.n_patience))
        counts = believed & (power > SILENCE)
        bounded = is_warm.where(graph.op("Min", power, 100.0 * before), power)
        is_low = is_warm & (power < 0.01 * before)
        step = is_low.where(table.level_fall, table.level)
        new_level = level + step * (bounded - level)
        new_weight = weight + step * (1.0 - weight)
        graph.remember("n_loud", new_loud)
        self._keep("level", counts, new_level, level)
        self._keep("level_weight", counts, new_weight, weight)
        return counts, 1.0 / graph.op("Sqrt", (new_level / new_weight).clip(SILENCE))

    def _smooth(
        self, cross: list[Value], both: Value, powers: list[Value], mid: list[Value], counts: Value
    ) -> Value:
        """Smoothed products of left, right and mid with each other and with earlier frames. [16, bins]"""
        graph, lags = self.graph, self.tables.lags
        pasts = [graph.state(f"mid_{part}", max(lags), self.n_bins) for part in ("re", "im")]
        rows = [cross[0], both, cross[0], both, cross[0], cross[1], powers[0], powers[1]]
        for lag in lags:
            re, im = (past.take(lag - 1, lag) for past in pasts)
            rows += [mid[0] * re + mid[1] * im, mid[1] * re - mid[0] * im]
            rows += [mid[0] * mid[0] + mid[1] * mid[1], re * re + im * im]
        for part, past, now in zip(("re", "im"), pasts, mid, strict=True):
            self._shift(f"mid_{part}", past, now, counts)
        old = graph.state("smooth", len(rows), self.n_bins)
        smoothing = self.tables.smoothing[list(TIME_OF_ROW)][:, None]
        smooth = self._flushed(old + smoothing * (graph.concat(rows) - old))
        self._keep("smooth", counts, smooth, old)
        return smooth

    def _shift(self, name: str, past: Value, now: Value, counts: Value) -> None:
        n = max(self.tables.lags)
        moved = now if n == 1 else self.graph.concat([now, past.take(0, n - 1)])
        self._keep(name, counts, moved, past)

    def _flushed(self, x: Value) -> Value:
        return (self.graph.op("Abs", x) < FLUSH).where(0.0, x)

    def _features(
        self, cross: Value, both: Value, log_level: Value, smooth: Value, counts: Value
    ) -> Value:
        """[CUES, bins] in the order of `CUES`."""
        graph, table = self.graph, self.tables
        weight, mean = graph.state("log_weight", 4, 1), graph.state("log_mean", 4, self.n_bins)
        novelty = table.novelty[:, None]
        new_weight, new_mean = (
            weight + novelty * (1.0 - weight),
            mean + novelty * (log_level - mean),
        )
        self._keep("log_weight", counts, new_weight, weight)
        self._keep("log_mean", counts, new_mean, mean)
        levels = graph.state("log_level", max(table.lags), self.n_bins)
        novelties = _contrast(log_level - new_mean / new_weight)
        earlier = levels.take(table.lags[0] - 1, table.lags[0]).reshape(1, 1, self.n_bins)
        earlier = graph.op("MaxPool", earlier, kernel_shape=[3], pads=[1, 1]).reshape(
            1, self.n_bins
        )
        flux = _contrast(log_level - earlier)
        flux_short = _contrast(log_level - levels.take(table.lags[1] - 1, table.lags[1]))
        self._shift("log_level", levels, log_level, counts)
        row = [smooth.take(i, i + 1) for i in range(16)]
        onset = flux.clip(0.0)
        wide = self._box(onset, table.n_onset)
        old_held = graph.state("held", 1, self.n_bins)
        held = graph.op("Max", old_held * table.hold, wide)
        held = (held < FLUSH).where(0.0, held)
        self._keep("held", counts, held, old_held)
        panning = 2.0 * graph.op("Abs", row[6] - row[7]) / (row[6] + row[7] + EPS) - 1.0
        by_name = {
            "peak_172hz": self._peak(log_level, 0),
            "novelty_151ms": novelties.take(0, 1),
            "flux_35ms": flux,
            "centre_60ms": 2.0 * row[0] / (row[1] + EPS),
            "centre_now": 2.0 * cross / (both + EPS),
            "phase_35ms": self._persistence(row[8:12]),
            "novelty_2s": novelties.take(3, 4),
            "peak_65hz": self._peak(log_level, 1),
            "peak_431hz": self._peak(log_level, 2),
            "novelty_46ms": novelties.take(1, 2),
            "novelty_464ms": novelties.take(2, 3),
            "flux_12ms": flux_short,
            "centre_500ms": 2.0 * row[2] / (row[3] + EPS),
            "coherence_100ms": self._persistence(row[4:8]),
            "level": (log_level + LOG_FLOOR).clip(-6.0, 4.0) / 3.0,
            "onset_wide": 3.0 * wide,
            "onset_all": 3.0 * onset.mean(1) * np.ones((1, self.n_bins), np.float32),
            "onset_held": 3.0 * held,
            "phase_12ms": self._persistence(row[12:16]),
            "panning_100ms": panning,
        }
        return graph.concat([by_name[name] for name in CUES])

    def _bands(self, both: Value, cross: Value, features: Value, counts: Value) -> Value:
        """[BAND_CUES, bands]"""
        graph, table = self.graph, self.tables
        chosen = [CUES.index(name) for name in ("peak_172hz", "novelty_151ms", "phase_35ms")]
        rows = [0.5 * (both + 2.0 * cross), (0.5 * (both - 2.0 * cross)).clip(0.0)]
        rows += [features.take(i, i + 1) for i in chosen]
        averaged = graph.concat(rows) @ band_averages(table.interpolation()).T
        logs = 0.5 * graph.op("Log", averaged.take(0, 2) + BAND_FLOOR)
        mid, side = logs.take(0, 1), logs.take(1, 2)
        weight, mean = graph.state("band_weight", 1, 1), graph.state("band_mean", 1, N_BANDS)
        level = mid - BAND_LOG_FLOOR
        new_weight = weight + table.band_mean * (1.0 - weight)
        new_mean = mean + table.band_mean * (level - mean)
        self._keep("band_weight", counts, new_weight, weight)
        self._keep("band_mean", counts, new_mean, mean)
        novelty = (0.5 * (level - new_mean / new_weight)).clip(-3.0, 3.0)
        return graph.concat([novelty, 0.5 * (side - mid).clip(-5.0, 1.0), averaged.take(2, 5)])

    def _peak(self, log_level: Value, which: int) -> Value:
        return _contrast(log_level - self._box(log_level, self.tables.n_peak[which]))

    def _box(self, x: Value, n: int) -> Value:
        """Mean over n bins on either side, the edges repeated. [1, bins]"""
        padded = self.graph.op("Pad", x, np.array([0, n, 0, n], np.int64), mode="edge")
        padded = padded.reshape(1, 1, self.n_bins + 2 * n)
        return self.graph.op("AveragePool", padded, kernel_shape=[2 * n + 1]).reshape(
            1, self.n_bins
        )

    def _persistence(self, rows: Sequence[Value]) -> Value:
        """Modulus of a smoothed product over the root of both powers, from 0..1 to -1..1."""
        re, im, a, b = rows
        root = self.graph.op
        norm = root("Sqrt", a) * root("Sqrt", b) + EPS
        return 2.0 * root("Sqrt", re * re + im * im) / norm - 1.0


def _contrast(x: Value) -> Value:
    return 0.5 * x.clip(-4.0, 4.0)
