"""Wiener filters made harder: a multichannel gain is a direction times a mask, and the mask is compressed.

Source: norbert's `contrib.compress_filter`, which cannot be called (ValueError) and took the trace for
the mask: for C channels that runs from 0 to C, not to 1. Here it is the trace / C.
"""

from __future__ import annotations

from streamsep_offline.filters.arrays import Array
from streamsep_offline.filters.equations import TINY
from streamsep_offline.filters.soft import logit_mask


def compress_filter(gains: Array, threshold: float = 0.6, slope: float = 15.0) -> Array:
    """W times logit_mask(m) / m, with the mask m = trace(W) / C.

    Args:
        gains: W, as `gaussian.wiener_gain` gives it. [..., channels, channels]
        threshold: 0 to 1; a filter that takes this part of the mixture takes half.
        slope: > 0; how hard.

    Returns:
        Same shape; where W is 0 it stays 0.

    Raises:
        ParameterError: `threshold` is outside 0 to 1, or `slope` is not positive.
    """
    n_channels = gains.shape[-1]
    trace = sum(gains[..., c, c] for c in range(n_channels))
    # v R Cxx^-1 has the eigenvalues of a positive semidefinite matrix: its trace is real, >= 0.
    mask = abs(trace.real) / n_channels
    return gains * (logit_mask(mask, threshold, slope) / (mask + TINY))[..., None, None]
