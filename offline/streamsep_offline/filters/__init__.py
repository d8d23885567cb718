"""Filters: from magnitudes of every target and a mixture to estimates.

`wiener` is what a separation uses; `SpatialStatistics` gives it the directions of a whole song. The
modules hold one function per equation: `soft`, `compress`, `residual`, `smoothing`, `gaussian`. All of
them take numpy arrays or torch tensors, and modify none.
"""

from __future__ import annotations

from streamsep_offline.filters.compress import compress_filter
from streamsep_offline.filters.context import SpatialStatistics
from streamsep_offline.filters.gaussian import expectation_maximization
from streamsep_offline.filters.residual import residual_model
from streamsep_offline.filters.smoothing import reduce_interferences, smooth
from streamsep_offline.filters.soft import binary_mask, logit_mask, soft_mask
from streamsep_offline.filters.wiener import wiener

__all__ = [
    "SpatialStatistics",
    "binary_mask",
    "compress_filter",
    "expectation_maximization",
    "logit_mask",
    "reduce_interferences",
    "residual_model",
    "smooth",
    "soft_mask",
    "wiener",
]
