"""Between bins and bands, compiled: means over the bins of bands, and bands interpolated to bins."""

from __future__ import annotations

import numpy as np

from streamsep.engine.compiled.cache import kernel
from streamsep.engine.compiled.cue_plan import MID, SIDE
from streamsep.features.cue_tables import BAND_CUES

_FLOOR, _LOG_FLOOR = np.float32(1e-7), np.float32(-8.059048)
_N_CUES = len(BAND_CUES)
_HALF, _ONE, _THREE = (np.float32(x) for x in (0.5, 1.0, 3.0))


@kernel
def find_bands(plan, state):
    """Inputs of the bands from products and features of the bins.

    Args:
        plan: `CuePlan`.
        state: `bands` and the other half of `band_mean` and `band_weight` are written.

    Latency: 0. Thread: the stream's own. Allocates: no. In place: state.
    """
    half, n_bands = int(state.half[0]), plan.averages.shape[0]
    old, new, weight = state.band_mean[half], state.band_mean[1 - half], plan.band_mean
    before = state.band_weight[half, 0]
    known = before + weight * (_ONE - before)
    state.band_weight[1 - half, 0] = known
    for b in range(n_bands):
        start, end = plan.ranges[b]
        shares = plan.averages[b, start:end]
        mid = _HALF * np.log(_average(shares, state.products[MID, start:end]) + _FLOOR)
        side = _HALF * np.log(_average(shares, state.products[SIDE, start:end]) + _FLOOR)
        level = mid - _LOG_FLOOR
        new[b] = old[b] + weight * (level - old[b])
        at = _N_CUES * b
        novelty = _HALF * (level - new[b] / known)
        state.bands[at] = min(max(novelty, -_THREE), _THREE)
        state.bands[at + 1] = _HALF * min(max(side - mid, np.float32(-5.0)), _ONE)
        for i, row in enumerate((0, 1, 5)):
            state.bands[at + 2 + i] = _average(shares, state.features[row, start:end])


@kernel
def _average(shares, x):
    total = np.float32(0.0)
    for k in range(shares.shape[0]):
        total += shares[k] * x[k]
    return total


@kernel
def add_interpolated(values, low, share, row):
    """Add to every bin what the two bands, or points of the fine grid, around it say.

    Args:
        values: Of each band or point; any stride. [places]
        low: The place below each bin. [reached]
        share: Of the place above. [reached]
        row: Added to, as far as they reach. [>= reached]

    Latency: 0. Thread: any. Allocates: no. In place: row.
    """
    for k in range(low.shape[0]):
        below, above = values[low[k]], values[low[k] + 1]
        row[k] += below + share[k] * (above - below)
