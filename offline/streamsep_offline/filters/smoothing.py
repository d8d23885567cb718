"""Magnitudes blurred over time and frequency, and targets that give way where another dominates.

Source: norbert's `contrib.smooth` and `contrib.reduce_interferences` (after T. Praetzlich, R. Bittner, A.
Liutkus, M. Mueller, "Kernel additive modeling for interference reduction in multi-channel music
recordings", ICASSP 2015). Different here, because broken there: the blur runs over bins and frames only,
there also over channels and *targets*, which mixes what is to be told apart; it is cut off at four
widths, there at width * width; and threshold and slope have an effect, there they are ignored.
"""

from __future__ import annotations

import math

import numpy as np

from streamsep.errors import ParameterError
from streamsep_offline.filters.arrays import Array, namespace
from streamsep_offline.filters.equations import TINY
from streamsep_offline.filters.planes import repaired_magnitudes
from streamsep_offline.filters.soft import logit_mask

_CUT = 4.0
"""Widths at which a Gaussian is cut off: 0.03 % of its peak."""


def smooth(magnitudes: Array, width: float = 1.0, temporal: bool = False) -> Array:
    """Gaussian blur, mirrored at the edges; a constant stays constant.

    Args:
        magnitudes: [..., bins, frames]
        width: Standard deviation in frames, and in bins; 0 returns a copy.
        temporal: Over frames only.

    Raises:
        ParameterError: `width` is negative.
    """
    if not width >= 0.0:
        raise ParameterError(f"width {width} is negative")
    blurred = _blur(repaired_magnitudes(magnitudes), width, -1)
    return blurred if temporal else _blur(blurred, width, -2)


def _blur(values: Array, width: float, axis: int) -> Array:
    n, reach = values.shape[axis], math.ceil(_CUT * width)
    if reach == 0 or n == 0:
        return values
    weights = np.exp(-0.5 * (np.arange(-reach, reach + 1) / width) ** 2)
    weights /= weights.sum()
    total = 0.0
    for shift, weight in zip(range(-reach, reach + 1), weights, strict=True):
        # a b c d mirrored is ... b a | a b c d | d c ...
        place = (np.arange(n) + shift) % (2 * n)
        index = namespace(values).asarray(np.minimum(place, 2 * n - 1 - place))
        shifted = values[..., index] if axis == -1 else values[..., index, :]
        total = total + float(weight) * shifted
    return total


def reduce_interferences(
    magnitudes: Array, threshold: float = 0.6, slope: float = 15.0, width: float = 10.0
) -> Array:
    """v_j times logit_mask of its part of the blurred total: music's targets rarely sound all at once.

    Args:
        magnitudes: v, >= 0. [targets, channels, bins, frames]
        threshold: 0 to 1; a target with this part of the neighbourhood keeps half.
        slope: > 0; how hard.
        width: Standard deviation of the neighbourhood, in frames and bins.

    Raises:
        ParameterError: One of them is outside its range.
    """
    blurred = smooth(magnitudes, width)
    part = blurred / (blurred.sum(0) + TINY)
    return repaired_magnitudes(magnitudes) * logit_mask(part, threshold, slope)
