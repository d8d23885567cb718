"""Between bins and the points of the fine grid, compiled: what they hear, and what is said of them."""

from __future__ import annotations

import numpy as np

from streamsep.engine.compiled.cache import kernel
from streamsep.features.cue_tables import BAND_CUES, N_BANDS
from streamsep.features.fine_grid import FINE_ROWS

_BEHIND_BANDS = N_BANDS * len(BAND_CUES)


@kernel
def find_fine(plan, state):
    """Inputs of the points, read from the features of the bins around them.

    Args:
        plan: `FineGrid`; without points nothing happens.
        state: `bands` is written behind the inputs of the bands.

    Latency: 0. Thread: the stream's own. Allocates: no. In place: state.
    """
    low, share = plan.low_bin, plan.high_bin_share
    at = _BEHIND_BANDS
    for row in FINE_ROWS:
        cue = state.features[row]
        for i in range(low.shape[0]):
            below, above = cue[low[i]], cue[low[i] + 1]
            state.bands[at + i] = below + share[i] * (above - below)
        at += low.shape[0]


@kernel
def add_fine(points, plan, row):
    """Add to every bin that the grid reaches what the two points around it say.

    Args:
        points: Value of each point; any stride. [points]
        plan: `FineGrid`; without points nothing happens.
        row: Added to. [>= bins]

    Latency: 0. Thread: any. Allocates: no. In place: row.
    """
    low, share = plan.low_point, plan.high_point_share
    for k in range(low.shape[0]):
        below, above = points[low[k]], points[low[k] + 1]
        row[k] += np.float32(below + share[k] * (above - below))
