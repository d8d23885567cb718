"""Limits of the gradient's norm: a fixed one, or AutoClip's percentile of all norms so far.

Source of AutoClip: Seetharaman, Wichern, Pardo, Le Roux, "AutoClip: Adaptive Gradient Clipping for Source
Separation Networks", MLSP 2020.
"""

from __future__ import annotations

import math
from collections.abc import Iterable

import numpy as np
import torch

from streamsep_offline.training.settings import Training


class Clip:
    """See the module's docstring.

    Args:
        training: clip_norm and clip_percentile.
        norms: Of every step so far; gets more where a percentile is asked for.
    """

    def __init__(self, training: Training, norms: list[float]) -> None:
        self._fixed, self._percentile = training.clip_norm, training.clip_percentile
        self._norms = norms

    def apply(self, weights: Iterable[torch.nn.Parameter]) -> float:
        """Scale the gradients down to the limit, in place; returns their norm before."""
        weights = list(weights)
        if not self._percentile:
            return float(torch.nn.utils.clip_grad_norm_(weights, self._fixed or math.inf))
        norm = float(torch.nn.utils.clip_grad_norm_(weights, math.inf))
        if math.isfinite(norm):
            self._norms.append(norm)
            torch.nn.utils.clip_grad_norm_(
                weights, float(np.percentile(self._norms, self._percentile))
            )
        return norm
