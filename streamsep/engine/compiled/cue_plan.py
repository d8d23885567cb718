"""Constants and weights of `cue_lstm` as the compiled engine reads them: interpolated, summed, packed.

What is per band and constant is interpolated to the bins once, so that a hop only multiplies rows.
int8 are the matrices that are read once per hop; the network shared by all bins stays float32, its
weights are few and read from the nearest cache.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np

from streamsep.engine.compiled.cue_weights import checked_weights
from streamsep.engine.compiled.pack import (
    Packed,
    pack_float32,
    pack_int8,
    padded_columns,
    padded_rows,
)
from streamsep.errors import EngineError
from streamsep.features.cue_tables import BAND_CUES, CUES, N_BANDS, band_averages, cue_tables
from streamsep.features.fine_grid import FineGrid, fine_grid, points_heard
from streamsep.model import Model
from streamsep.spec import StreamSpec

N_PRODUCTS = 15
"""L R*, real and imaginary, |L|^2, |R|^2; M_t M*_{t-k}, real and imaginary, |M_t|^2, |M_{t-k}|^2, at
the long and at the short lag; both channels' power; that of mid and side."""

CROSS, LEFT, RIGHT, BOTH, MID, SIDE = 0, 2, 3, 12, 13, 14
"""Rows of some of them."""

# Rows of the smoothed products, as in `streamsep.features.cues`: products and time constants.
_PRODUCT_OF_ROW = (CROSS, BOTH, CROSS, BOTH, CROSS, 1, LEFT, RIGHT, 4, 5, 6, 7, 8, 9, 10, 11)
_TIME_OF_ROW = (0, 0, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3, 4, 4, 4, 4)


class CuePlan(NamedTuple):
    """Constants of the features; see `CueTables` for those of the same name.

    Attributes:
        n_bins: Bins of a frame; rows are padded to multiples of 64.
        n_peak: Bins on either side in the three means over frequency.
        n_onset: Bins on either side in the mean of the wide onset.
        lags: Frames between a frame and an earlier one: long, short.
        n_patience: Frames for which an outburst is not believed.
        novelty: Weights of the newest frame in the means of the log level. [4]
        product_of_row: Which product each row of smoothed products follows. [16]
        smoothing: Weight of the newest frame in it. [16]
        hold: Factor of the held onset per hop.
        band_mean: Weight of the newest frame in a band's mean.
        memory: Factor of the LSTM's cells per hop.
        level: Weights of the newest frame in the running level, and while it falls. [2]
        averages: Weights that average bins into bands. [bands, padded bins]
        ranges: First bin and bin behind the last of each band. [bands, 2]
        low_band: The band below each bin. [bins]
        high_share: Share of the band above. [bins]
    """

    n_bins: int
    n_peak: tuple[int, int, int]
    n_onset: int
    lags: tuple[int, int]
    n_patience: int
    novelty: np.ndarray
    product_of_row: np.ndarray
    smoothing: np.ndarray
    hold: np.float32
    band_mean: np.float32
    memory: np.float32
    level: np.ndarray
    averages: np.ndarray
    ranges: np.ndarray
    low_band: np.ndarray
    high_share: np.ndarray


class LogitPlan(NamedTuple):
    """What turns features of bins into logits of masks.

    Attributes:
        shares: Share of each class in each cue mask. [classes, N_MASKS, padded bins]
        slopes: Factors of the features. [classes, CUES, padded bins]
        bias: All constants of a logit together. [classes, padded bins]
        around: Constant part of the shared network's first layer. [first, bands]
        around_band: Its weights of the band inputs. [first, BAND_CUES]
        first: Its weights of the bin's features. [first, CUES]
        second: Its second layer. [second, first]
        second_bias: [second]
        third: Its output. [classes, second]; without such a network all its sizes are 0.
    """

    shares: np.ndarray
    slopes: np.ndarray
    bias: np.ndarray
    around: np.ndarray
    around_band: np.ndarray
    first: np.ndarray
    second: np.ndarray
    second_bias: np.ndarray
    third: np.ndarray


class CueLstmPlan(NamedTuple):
    """All constants of a stream.

    Attributes:
        cues: Constants of the features.
        logits: From features to masks.
        fine: Where the points of the fine grid lie; none for an LSTM that hears bands only.
        sizes: Width of the layer before the LSTM, padded as a column of its matrix; of the LSTM.
        encoder: From the inputs of bands and points. [1, ...]
        encoder_bias: [padded rows]
        input: Of the LSTM, gates in the order input, forget, cell, output. [1, ...]
        recurrent: The same from its past output. [1, ...]
        gate_bias: [padded rows]
        decoder: To what is added to the logits of each band and point. [1, ...]
        decoder_bias: [padded rows]
    """

    cues: CuePlan
    logits: LogitPlan
    fine: FineGrid
    sizes: tuple[int, int]
    encoder: Packed
    encoder_bias: np.ndarray
    input: Packed
    recurrent: Packed
    gate_bias: np.ndarray
    decoder: Packed
    decoder_bias: np.ndarray


def make_cue_plan(spec: StreamSpec) -> CuePlan:
    """Constants of the features for a stream."""
    table = cue_tables(spec)
    averages = band_averages(table.interpolation())
    used = [np.flatnonzero(row) for row in averages]
    # A profile with few bins leaves some of the low bands without any.
    ranges = [(bins[0], bins[-1] + 1) if len(bins) else (0, 0) for bins in used]
    return CuePlan(
        n_bins=spec.profile.n_bins,
        n_peak=table.n_peak,
        n_onset=table.n_onset,
        lags=table.lags,
        n_patience=table.n_patience,
        novelty=table.novelty,
        product_of_row=np.array(_PRODUCT_OF_ROW, np.int64),
        smoothing=table.smoothing[list(_TIME_OF_ROW)],
        hold=np.float32(table.hold),
        band_mean=np.float32(table.band_mean),
        memory=np.float32(table.memory),
        level=np.array([table.level, table.level_fall], np.float32),
        averages=_pad(averages),
        ranges=np.array(ranges, np.int64),
        low_band=table.low_band.astype(np.int32),
        high_share=table.high_share,
    )


def make_plan(model: Model, spec: StreamSpec, precision: str) -> CueLstmPlan:
    """Interpolate and pack the weights of a model.

    Args:
        model: Of kind "cue_lstm".
        spec: Windows, rate, channels and stems; the stems must be the model's, windows may differ.
        precision: "float32", or "int8" for int8 weights with one scale per row and float32
            activations.

    Raises:
        CheckpointError: Weights are missing, foreign or have the wrong shape.
        EngineError: The model was made for other stems.
    """
    if model.targets != spec.targets:
        raise EngineError(
            f"the model separates {', '.join(model.targets)}, the stream wants "
            f"{', '.join(spec.targets)}; choose a model of that stem set"
        )
    weights = checked_weights(model)
    pack = {"float32": pack_float32, "int8": pack_int8}[precision]
    return CueLstmPlan(
        cues=make_cue_plan(spec),
        logits=_logit_plan(weights, cue_tables(spec).interpolation()),
        fine=fine_grid(spec, points_heard(weights["context_input.weight"].shape[1])),
        sizes=(
            padded_columns(len(weights["context_input.weight"])),
            weights["lstm.weight_hidden"].shape[1],
        ),
        encoder=pack(weights["context_input.weight"][None]),
        encoder_bias=_pad(weights["context_input.bias"]),
        input=pack(weights["lstm.weight_input"][None]),
        recurrent=pack(weights["lstm.weight_hidden"][None]),
        gate_bias=_pad(weights["lstm.bias"]),
        decoder=pack(weights["context_output.weight"][None]),
        decoder_bias=_pad(weights["context_output.bias"]),
    )


def _logit_plan(weights: Mapping[str, np.ndarray], shares: np.ndarray) -> LogitPlan:
    logits = np.einsum("njc,nk->jck", weights["cue_logits"], shares)
    power = np.exp(logits - logits.max(0))
    slopes = np.einsum("njk,nb->jkb", weights["slopes"], shares)
    bias = weights["bias"].T @ shares
    if "local_input.weight" in weights:
        first = weights["local_input.weight"]
        of_bin, of_band, of_place = np.split(first, [len(CUES), len(CUES) + len(BAND_CUES)], axis=1)
        around = of_place @ weights["position"].T + weights["local_input.bias"][:, None]
        local = (around, of_band, of_bin, weights["local_middle.weight"])
        local += (weights["local_middle.bias"], weights["local_output.weight"])
        bias = bias + weights["local_output.bias"][:, None]
    else:
        shapes = ((0, N_BANDS), (0, len(BAND_CUES)), (0, len(CUES)), (0, 0), (0,), (len(bias), 0))
        local = tuple(np.zeros(shape) for shape in shapes)
    rows = (_pad(power / power.sum(0)), _pad(slopes), _pad(bias))
    return LogitPlan(*rows, *(np.ascontiguousarray(part, np.float32) for part in local))


def _pad(rows: np.ndarray) -> np.ndarray:
    """Float32 with the last axis padded to a multiple of 64 with zeros."""
    padded = np.zeros((*rows.shape[:-1], padded_rows(rows.shape[-1])), np.float32)
    padded[..., : rows.shape[-1]] = rows
    return padded
