"""What the points of the fine grid hear, compiled; what is said of them goes the way of the bands."""

from __future__ import annotations

from streamsep.engine.compiled.cache import kernel
from streamsep.features.cue_tables import N_BAND_INPUTS
from streamsep.features.fine_grid import FINE_ROWS


@kernel
def find_fine(plan, state):
    """Inputs of the points, read from the features of the bins around them.

    Args:
        plan: `FineGrid`; without points nothing happens.
        state: `bands` is written behind the inputs of the bands.

    Latency: 0. Thread: the stream's own. Allocates: no. In place: state.
    """
    low, share = plan.low_bin, plan.high_bin_share
    at = N_BAND_INPUTS
    for row in FINE_ROWS:
        cue = state.features[row]
        for i in range(low.shape[0]):
            below, above = cue[low[i]], cue[low[i] + 1]
            state.bands[at + i] = below + share[i] * (above - below)
        at += low.shape[0]
