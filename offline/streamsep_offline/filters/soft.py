"""Masks from magnitudes, each bin and frame by itself: soft, binary, and a soft one made harder.

Masks are 0 to 1 and, soft or binary, sum to 1 over targets whatever the level, silence included. A
magnitude that is negative or not finite counts as 0. Multiply by the mixture: masks[:, ...] * mixture.

Conventions: as in `arrays`; numpy or torch; arguments are not modified. Out of scope: what the channels
have in common (`wiener`).

Source: A. Liutkus, R. Badeau, "Generalized Wiener filtering with fractional power spectrograms", ICASSP
2015. norbert's `softmask(logit=...)` cannot be called (TypeError); its formula is `logit_mask`.
"""

from __future__ import annotations

from streamsep.errors import ParameterError
from streamsep_offline.filters.arrays import Array, namespace
from streamsep_offline.filters.planes import repaired_magnitudes


def soft_mask(magnitudes: Array, exponent: float = 1.0) -> Array:
    """m_j = v_j^p / sum_i v_i^p; where all are 0, each target has the same share.

    Args:
        magnitudes: v, of all targets. [targets, channels, bins, frames]
        exponent: p > 0: 1 shares magnitudes, 2 powers (the Wiener gain), much more is nearly binary.

    Raises:
        ParameterError: `exponent` is not positive.
    """
    _check_positive("exponent", exponent)
    xp = namespace(magnitudes)
    v = repaired_magnitudes(magnitudes)
    # Relative to the largest, so that no power overflows or vanishes altogether.
    largest = xp.amax(v, 0)
    powers = xp.where(largest > 0, v / (largest + (largest == 0)), 1) ** exponent
    return powers / powers.sum(0)


def binary_mask(magnitudes: Array) -> Array:
    """1 for the loudest target of each bin and frame, 0 for the others; of equals the first."""
    xp = namespace(magnitudes)
    loudest = xp.argmax(repaired_magnitudes(magnitudes), 0)
    masks = xp.zeros_like(magnitudes)
    for j in range(magnitudes.shape[0]):
        masks[j] = loudest == j
    return masks


def logit_mask(masks: Array, threshold: float = 0.6, slope: float = 15.0) -> Array:
    """Nearer to 0 below the threshold, nearer to 1 above: 1 / (1 + exp(-slope (m - threshold))).

    Less of the other targets is heard, at the price of distortion; the sum is no longer 1.

    Args:
        masks: m, 0 to 1, any shape.
        threshold: 0 to 1; what becomes 1/2.
        slope: > 0; how hard.

    Raises:
        ParameterError: `threshold` is outside 0 to 1, or `slope` is not positive.
    """
    if not 0.0 <= threshold <= 1.0:
        raise ParameterError(f"threshold {threshold} is outside 0 to 1")
    _check_positive("slope", slope)
    return 1.0 / (1.0 + namespace(masks).exp(-slope * (masks - threshold)))


def _check_positive(name: str, value: float) -> None:
    if not value > 0.0:
        raise ParameterError(f"{name} {value} is not positive")
