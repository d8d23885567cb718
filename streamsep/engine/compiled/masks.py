"""Masks from gains, compiled: the equations of `streamsep.masking`, one frame at a time."""

from __future__ import annotations

import numpy as np

from streamsep.engine.compiled.activations import exp
from streamsep.engine.compiled.cache import kernel

GAIN_FLOOR = np.float32(1e-4)
"""As in `streamsep.masking`; repeated here because that module imports torch."""

_ZERO, _ONE = np.float32(0.0), np.float32(1.0)


@kernel
def ratio_masks(gains, exponent, masks):
    """Ratio masks of one channel, m_j = g_j^p / sum_i g_i^p.

    A last target without gains is the residual, g = max(1 - sum of the others, 0).

    Args:
        gains: Gains before their ReLU. [networks, bins]
        exponent: p, > 0; 1 and 2 are fast, others cost a library call per bin and target.
        masks: Written. [targets, bins]; one more target than networks where the residual has no
            network.

    Latency: 0. Thread: any. Allocates: no. In place: masks.
    """
    n_networks, n_targets = gains.shape[0], masks.shape[0]
    for k in range(gains.shape[1]):
        left, peak = _ONE, GAIN_FLOOR
        for j in range(n_networks):
            gain = max(gains[j, k], _ZERO)
            left -= gain
            masks[j, k] = max(gain, GAIN_FLOOR)
            peak = max(peak, gain)
        if n_targets > n_networks:
            masks[n_networks, k] = max(left, GAIN_FLOOR)
            peak = max(peak, left)
        total = _ZERO
        for j in range(n_targets):
            power = _power(masks[j, k] / peak, exponent)
            masks[j, k] = power
            total += power
        for j in range(n_targets):
            masks[j, k] /= total


@kernel
def _power(x, exponent):
    if exponent == _ONE:
        return x
    if exponent == np.float32(2.0):
        return x * x
    return np.float32(x**exponent)


@kernel
def softmax_masks(logits, exponent, masks):
    """Softmax masks of one channel, m_j = exp(p z_j) / sum_i exp(p z_i); see `ratio_masks`.

    Latency: 0. Thread: any. Allocates: no. In place: masks.
    """
    n_networks, n_targets = logits.shape[0], masks.shape[0]
    for k in range(logits.shape[1]):
        peak = _ZERO if n_targets > n_networks else logits[0, k]
        for j in range(n_networks):
            peak = max(peak, logits[j, k])
        if n_targets > n_networks:
            masks[n_networks, k] = exp(-exponent * peak)
        total = masks[n_networks, k] if n_targets > n_networks else _ZERO
        for j in range(n_networks):
            power = exp(exponent * (logits[j, k] - peak))
            masks[j, k] = power
            total += power
        for j in range(n_targets):
            masks[j, k] /= total
