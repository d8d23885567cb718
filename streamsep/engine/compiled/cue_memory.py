"""What the compiled `cue_lstm` remembers, and its work space."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from streamsep.engine.compiled.arena import Arena, allocate
from streamsep.engine.compiled.cue_plan import N_PRODUCTS, CueLstmPlan
from streamsep.engine.compiled.pack import padded_columns, padded_rows
from streamsep.features.cue_tables import CUES, N_BAND_INPUTS, N_BANDS
from streamsep.features.fine_grid import FINE_CUES
from streamsep.models.cue_prior import N_MASKS
from streamsep.spec import StreamSpec


class CueLstmState(NamedTuple):
    """All zero at the start.

    What is remembered exists twice: half `half` holds what was before the frame at hand, the other
    half is written. A frame that shall leave a trace exchanges the halves, one that shall not does
    nothing. Means are exponential and forget their rounding errors with their past; sums over bins
    start anew in every frame.

    Attributes:
        half: Which half holds the memory, 0 or 1. [1]
        slot: Row of the frame at hand in the two rings of past frames. [1]
        level: Sum of the running mean power, its weight, frames of an outburst. [2, 3]
        smooth: Smoothed products, see `streamsep.features.cues`. [2, 16, bins]
        log_mean: Means of the log level. [2, 4, bins]
        log_weight: What they have to be divided by. [2, 4]
        held: Held onset. [2, bins]
        band_mean: Mean log power of the bands. [2, bands]
        band_weight: What it has to be divided by. [2, 1]
        hidden: Output of the LSTM. [2, padded width]
        cell: Its cell. [2, width]
        mid: Ring of left plus right, real and imaginary. [longest lag + 1, 2, bins]
        log_level: Ring of log levels. [longest lag + 1, bins]
        re: Spectrum over the running level, left and right. [2, bins]
        im: Its imaginary part. [2, bins]
        products: Of the spectra of both sides and of earlier frames, see `N_PRODUCTS`. [15, bins]
        mean: Any one row: a mean over neighbouring bins, a sum over targets. [bins]
        features: Of the bins. [CUES, bins]
        bands: Inputs of the bands, band after band; behind them those of the points of the fine grid, cue
            after cue. [bands x BAND_CUES + FINE_CUES x points, padded]
        encoded: Output of the layer before the LSTM. [padded]
        gates: Of the LSTM. [padded]
        delta: What it adds to the logits of each band and point, target fastest. [padded]
        work: For `add_product`.
        around: First layer of the shared network, part of the bands. [first, bands]
        first: Its first layer. [first, bins]
        second: Its second layer. [second, bins]
        cue_masks: The six masks. [N_MASKS, bins]
        shared: Share of each class in them. [classes, bins]
        logits: All that is added to the logarithm of that share. [classes, bins]
    """

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
    re: np.ndarray
    im: np.ndarray
    products: np.ndarray
    mean: np.ndarray
    features: np.ndarray
    bands: np.ndarray
    encoded: np.ndarray
    gates: np.ndarray
    delta: np.ndarray
    work: np.ndarray
    around: np.ndarray
    first: np.ndarray
    second: np.ndarray
    cue_masks: np.ndarray
    shared: np.ndarray
    logits: np.ndarray


def make_state(plan: CueLstmPlan, spec: StreamSpec) -> Arena:
    """Zeroed memory of one stream; rows of bins are padded to multiples of 64."""
    bins, n_classes = padded_rows(spec.profile.n_bins), len(plan.logits.bias)
    (n_encoded, hidden), n_slots = plan.sizes, max(plan.cues.lags) + 1
    n_points = len(plan.fine.low_bin)
    n_heard = padded_columns(N_BAND_INPUTS + n_points * len(FINE_CUES))
    n_widest = max(n_heard, n_encoded, padded_columns(hidden))
    return allocate(
        CueLstmState,
        {
            "half": (1,),
            "slot": (1,),
            "level": (2, 3),
            "smooth": (2, len(plan.cues.smoothing), bins),
            "log_mean": (2, 4, bins),
            "log_weight": (2, 4),
            "held": (2, bins),
            "band_mean": (2, N_BANDS),
            "band_weight": (2, 1),
            "hidden": (2, padded_columns(hidden)),
            "cell": (2, hidden),
            "mid": (n_slots, 2, bins),
            "log_level": (n_slots, bins),
            "re": (2, bins),
            "im": (2, bins),
            "products": (N_PRODUCTS, bins),
            "mean": (bins,),
            "features": (len(CUES), bins),
            "bands": (n_heard,),
            "encoded": (padded_rows(n_encoded),),
            "gates": (padded_rows(4 * hidden),),
            "delta": (padded_rows((N_BANDS + n_points) * n_classes),),
            "work": (n_widest,),
            "around": plan.logits.around.shape,
            "first": (len(plan.logits.first), bins),
            "second": (len(plan.logits.second), bins),
            "cue_masks": (N_MASKS, bins),
            "shared": (n_classes, bins),
            "logits": (n_classes, bins),
        },
    )
