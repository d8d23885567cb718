"""Masks of `cue_lstm` from features of bins and the LSTM's word on bands, compiled.

The softmax of ln(a_j) + z_j is a_j exp(z_j) over its sum, so the shares need no logarithm.
"""

from __future__ import annotations

import numpy as np

from streamsep.engine.compiled.activations import exp, sigmoid
from streamsep.engine.compiled.cache import kernel
from streamsep.engine.compiled.cue_bands import add_interpolated
from streamsep.engine.compiled.simd import (
    broadcast_float,
    load_floats,
    multiply_add,
    store_floats,
)

_ZERO, _ONE, _SLOPE = np.float32(0.0), np.float32(1.0), np.float32(1.5)
_LEAST_SHARE = np.float32(1e-3)
# Times the least share still a normal number, and nothing beside the largest.
_LOWEST = np.float32(-60.0)
_BLOCK = 64  # bins that four registers hold


@kernel
def fill_masks(masks, plan, cues, fine, state):
    """Masks of one frame, the same for all channels.

    Args:
        masks: Written; sums to 1 over targets, the last of which takes all classes from its own on.
            [targets, channels, bins]
        plan: `LogitPlan`.
        cues: `CuePlan`.
        fine: `FineGrid`.
        state: `features`, `bands` and `delta` are read; work space is written.

    Latency: 0. Thread: the stream's own. Allocates: no. In place: masks, state.
    """
    bins, n_classes = cues.n_bins, plan.bias.shape[0]
    _six_masks(state.features, bins, state.mean, state.cue_masks)
    n_bands, n_points = plan.around.shape[1], fine.low_bin.shape[0]
    delta = state.delta[: n_classes * (n_bands + n_points)].reshape(-1, n_classes)
    for j in range(n_classes):
        shared, logits = state.shared[j], state.logits[j]
        for k in range(bins):
            shared[k] = _LEAST_SHARE
        for c in range(state.cue_masks.shape[0]):
            _add_product_of_rows(plan.shares[j, c], state.cue_masks[c], bins, shared)
        _copy(plan.bias[j], logits)
        for i in range(state.features.shape[0]):
            _add_product_of_rows(plan.slopes[j, i], state.features[i], bins, logits)
        add_interpolated(delta[:, j], cues.low_band, cues.high_share, logits)
        add_interpolated(delta[n_bands:, j], fine.low_point, fine.high_point_share, logits)
    if plan.first.shape[0] > 0:
        _add_shared_network(plan, cues, state)
    _softmax(state.shared, state.logits, bins, state.mean, masks)


@kernel
def _six_masks(features, bins, centre, masks):
    """{percussive, tonal, neither} x {centre, side}; all six sum to 1."""
    peak, novelty, psi = features[0], features[1], features[3]
    percussive, tonal, neither = masks[1], masks[3], masks[5]
    for k in range(bins):
        contrast = np.float32(2.0) * (peak[k] - novelty[k])
        percussive[k] = sigmoid(_SLOPE * (-contrast - _ONE))
    for k in range(bins):
        contrast = np.float32(2.0) * (peak[k] - novelty[k])
        tonal[k] = sigmoid(_SLOPE * (contrast - _ONE))
    for k in range(bins):
        neither[k] = _ONE - tonal[k] - percussive[k]
    for k in range(bins):
        bounded = min(max(psi[k], _ZERO), _ONE)
        centre[k] = bounded * np.sqrt(bounded)
    for i in (0, 2, 4):
        centred, rest = masks[i], masks[i + 1]
        for k in range(bins):
            centred[k] = rest[k] * centre[k]
        for k in range(bins):
            rest[k] -= centred[k]


@kernel
def _add_product_of_rows(x, y, bins, total):
    for k in range(bins):
        total[k] += x[k] * y[k]


@kernel
def _add_shared_network(plan, cues, state):
    """The network that all bins share: what is per band goes through its first layer as bands."""
    n_bands, n_cues = plan.around.shape[1], plan.around_band.shape[1]
    bands = state.bands.reshape(-1)
    for h in range(plan.first.shape[0]):
        around, first = state.around[h], state.first[h]
        for b in range(n_bands):
            around[b] = plan.around[h, b]
            for i in range(n_cues):
                around[b] += plan.around_band[h, i] * bands[n_cues * b + i]
        for k in range(first.shape[0]):
            first[k] = _ZERO
        add_interpolated(around, cues.low_band, cues.high_share, first)
    add_layer(plan.first, state.features, state.first)
    _rectify(state.first)
    for h in range(plan.second.shape[0]):
        state.second[h, :] = plan.second_bias[h]
    add_layer(plan.second, state.first, state.second)
    _rectify(state.second)
    add_layer(plan.third, state.second, state.logits)


@kernel
def add_layer(weights, x, y):
    """y += W x for every bin: one row of sums in registers per 64 bins.

    Args:
        weights: [outputs, inputs]
        x: Contiguous. [inputs, multiple of 64]
        y: Contiguous, added to. [outputs, the same]

    Latency: 0. Thread: any. Allocates: no. In place: y.
    """
    inputs, outputs, stride = x.reshape(-1), y.reshape(-1), x.shape[1]
    for start in range(0, stride, _BLOCK):
        for o in range(weights.shape[0]):
            p = o * stride + start
            s0, s1 = load_floats(outputs, p), load_floats(outputs, p + 16)
            s2, s3 = load_floats(outputs, p + 32), load_floats(outputs, p + 48)
            for i in range(weights.shape[1]):
                w, q = broadcast_float(weights[o, i]), i * stride + start
                s0 = multiply_add(load_floats(inputs, q), w, s0)
                s1 = multiply_add(load_floats(inputs, q + 16), w, s1)
                s2 = multiply_add(load_floats(inputs, q + 32), w, s2)
                s3 = multiply_add(load_floats(inputs, q + 48), w, s3)
            store_floats(outputs, p, s0)
            store_floats(outputs, p + 16, s1)
            store_floats(outputs, p + 32, s2)
            store_floats(outputs, p + 48, s3)


@kernel
def _rectify(rows):
    flat = rows.reshape(-1)
    for k in range(flat.shape[0]):
        flat[k] = max(flat[k], _ZERO)


@kernel
def _softmax(shared, logits, bins, row, masks):
    """Shares times exp(logits), over their sum."""
    n_targets, n_channels, n_classes = masks.shape[0], masks.shape[1], logits.shape[0]
    _copy(logits[0], row)
    for j in range(1, n_classes):
        other = logits[j]
        for k in range(bins):
            row[k] = max(row[k], other[k])
    for j in range(n_classes):
        share, power = shared[j], logits[j]
        for k in range(bins):
            power[k] = share[k] * exp(max(power[k] - row[k], _LOWEST))
    _copy(logits[0], row)
    for j in range(1, n_classes):
        other = logits[j]
        for k in range(bins):
            row[k] += other[k]
    for j in range(n_targets, n_classes):
        _add_row(logits[j], logits[n_targets - 1])
    for k in range(bins):
        row[k] = _ONE / row[k]
    for j in range(n_targets):
        for c in range(n_channels):
            power, mask = logits[j], masks[j, c]
            for k in range(bins):
                mask[k] = power[k] * row[k]


@kernel
def _add_row(source, target):
    for k in range(source.shape[0]):
        target[k] += source[k]


@kernel
def _copy(source, target):
    for k in range(source.shape[0]):
        target[k] = source[k]
