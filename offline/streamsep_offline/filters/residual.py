"""A target for what the others leave over, by spectral subtraction.

Source: norbert's `contrib.residual_model`. Its release 0.2.1 returns targets scaled to the mixture beside
a residual of the unscaled ones; its later version fails for mono magnitudes of a stereo mixture. Here
both are right, and nothing is modified.
"""

from __future__ import annotations

from streamsep.errors import ParameterError
from streamsep_offline.filters.arrays import Array, check_magnitudes, namespace
from streamsep_offline.filters.equations import TINY
from streamsep_offline.filters.planes import repaired, repaired_magnitudes


def residual_model(
    magnitudes: Array, mixture: Array, exponent: float = 1.0, autoscale: bool = False
) -> Array:
    """Targets, then the residual v_r = max(0, |x|^p - g sum_j v_j).

    Args:
        magnitudes: v, homogeneous to |x|^p. [targets, channels or 1, bins, frames]
        mixture: x. [channels, bins, frames]
        exponent: p > 0: 1 for magnitudes, 2 for powers.
        autoscale: Multiply the targets by a gain per channel and bin that fits them to the mixture best,
            g = sum_t |x|^p sum_j v_j / sum_t (sum_j v_j)^2; else g = 1.

    Returns:
        [targets + 1, channels, bins, frames]

    Raises:
        ShapeError: Shapes do not fit each other.
        ParameterError: `exponent` is not positive.
    """
    check_magnitudes(magnitudes, mixture)
    if not exponent > 0.0:
        raise ParameterError(f"exponent {exponent} is not positive")
    xp = namespace(magnitudes)
    size = abs(repaired(mixture)) ** exponent
    v = repaired_magnitudes(magnitudes) + 0.0 * size
    total = v.sum(0)
    if autoscale:
        # Relative to the largest, so that squares of quiet sounds do not vanish.
        largest = xp.amax(total, -1)[..., None] + TINY
        fitted = total / largest
        gain = (size / largest * fitted).sum(-1) / ((fitted * fitted).sum(-1) + TINY)
        v, total = v * gain[..., None], total * gain[..., None]
    left = size - total
    return xp.concatenate([v, xp.where(left > 0, left, 0)[None]], 0)
