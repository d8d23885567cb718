"""What is constant in Open-Unmix, folded: a linear layer and the batch norm behind it as one.

At inference a batch norm multiplies and shifts each row by constants, so that

    bn(W x) = (gain W) x + bias,   gain = gamma / sqrt(variance + eps),   bias = beta - mean gain.

Computed in float64. For inference engines; training and the reference keep the layers apart.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

BATCH_NORM_EPS = 1e-5
"""Added to running variances, torch's default."""


def fold_batch_norm(
    weights: Mapping[str, np.ndarray], linear: str, norm: str
) -> tuple[np.ndarray, np.ndarray]:
    """Matrix [out, in] and bias [out] of a linear layer and its batch norm, "fc1" and "bn1"."""
    variance = weights[f"{norm}.running_var"].astype(np.float64)
    gain = weights[f"{norm}.weight"] / np.sqrt(variance + BATCH_NORM_EPS)
    bias = weights[f"{norm}.bias"] - weights[f"{norm}.running_mean"] * gain
    return weights[f"{linear}.weight"] * gain[:, None], bias


def fold_output(weights: Mapping[str, np.ndarray], channels: int) -> tuple[np.ndarray, np.ndarray]:
    """Matrix and bias of fc3, bn3 and the output's scale and mean; rows are channels x bins."""
    matrix, bias = fold_batch_norm(weights, "fc3", "bn3")
    scale = np.tile(weights["output_scale"].astype(np.float64), channels)
    return matrix * scale[:, None], bias * scale + np.tile(weights["output_mean"], channels)
