"""Causal soft masks: from the gain of every target in a bin to shares of the mixture that sum to 1.

Conventions: gains are dimensionless, g = v / |X|, the target's magnitude relative to the mixture's
in the same bin, so nothing here depends on the level of the sound and digital silence (where a
network still emits gains) needs no special case: masks are finite and sum to 1 always. Axes are
[..., targets, channels, bins, frames]; each frame is masked by itself, latency 0.

Out of scope: the multichannel Wiener filter, which needs statistics over time; see
`recursive_wiener`.

Source: Liutkus & Badeau, "Generalized Wiener filtering with fractional power spectrograms", ICASSP
2015.
"""

from __future__ import annotations

import torch
from torch import Tensor

TARGETS_AXIS = -4

GAIN_FLOOR = 1e-4
"""-80 dB of the mixture in the same bin. What no target claims beyond that is shared equally."""


def residual_gain(gains: Tensor) -> Tensor:
    """Gain of what the targets leave over, max(|X| - sum_j v_j, 0) / |X| = max(1 - sum_j g_j, 0).

    Args:
        gains: Gains of the other targets, >= 0. [..., targets, channels, bins, frames]

    Returns:
        [..., 1, channels, bins, frames]
    """
    return (1.0 - gains.sum(TARGETS_AXIS, keepdim=True)).clamp(min=0.0)


def ratio_masks(gains: Tensor, exponent: float) -> Tensor:
    """Ratio masks m_j = g_j^p / sum_i g_i^p, with g_j = max(g_j, GAIN_FLOOR).

    p = 1 shares magnitudes, p = 2 powers (the Wiener gain), larger p approaches a binary mask.
    Gains are divided by the largest of their bin first, so no power overflows.

    Args:
        gains: Gains of all targets, >= 0. [..., targets, channels, bins, frames]
        exponent: p, > 0.

    Returns:
        Masks in 0 to 1, sum 1 over targets; same shape.
    """
    floored = gains.clamp(min=GAIN_FLOOR)
    powers = (floored / floored.amax(TARGETS_AXIS, keepdim=True)) ** exponent
    return powers / powers.sum(TARGETS_AXIS, keepdim=True)


def softmax_masks(logits: Tensor, exponent: float) -> Tensor:
    """Softmax masks m_j = exp(p z_j) / sum_i exp(p z_i), z the gains before their ReLU.

    A residual without a network of its own is the reference class, z = 0.

    Args:
        logits: Unbounded outputs z of all targets. [..., targets, channels, bins, frames]
        exponent: p, > 0; larger is nearer to a binary mask.

    Returns:
        Masks in 0 to 1, sum 1 over targets; same shape.
    """
    return torch.softmax(exponent * logits, TARGETS_AXIS)


def with_residual(masks: Tensor, n_targets: int) -> Tensor:
    """Masks of classes as masks of stems, the last of which takes all classes from its own on.

    Args:
        masks: [batch, classes, ...]
        n_targets: At most as many as classes.
    """
    if masks.shape[1] == n_targets:
        return masks
    rest = masks[:, n_targets - 1 :].sum(1, keepdim=True)
    return torch.cat([masks[:, : n_targets - 1], rest], 1)
