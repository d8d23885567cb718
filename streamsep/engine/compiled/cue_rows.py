"""Small loops over one row of bins from which the compiled cues are made.

Rows may be longer than the count of bins; what lies behind it is left alone.
"""

from __future__ import annotations

import numpy as np

from streamsep.engine.compiled.cache import kernel

_ZERO, _HALF, _ONE, _TWO, _FOUR = (np.float32(x) for x in (0.0, 0.5, 1.0, 2.0, 4.0))


@kernel
def add_square(x):
    """Sum of squares of a row."""
    total = _ZERO
    for k in range(x.shape[0]):
        total += x[k] * x[k]
    return total


@kernel
def follow(old, x, weight, flush, bins, new):
    """Exponential mean, new = old + weight (x - old), 0 where its modulus is below the flush."""
    for k in range(bins):
        value = old[k] + weight * (x[k] - old[k])
        new[k] = value if abs(value) >= flush else _ZERO


@kernel
def mean_around(x, n, bins, mean):
    """Mean over n bins on either side, the edges repeated.

    The sum slides along the bins in float64, so that its error does not grow with their count.

    Latency: 0. Thread: any. Allocates: no. In place: mean.
    """
    last, scale = bins - 1, 1.0 / (2 * n + 1)
    total = (n + 1) * np.float64(x[0])
    for k in range(1, n + 1):
        total += np.float64(x[min(k, last)])
    for k in range(bins):
        mean[k] = np.float32(total * scale)
        total += np.float64(x[min(k + n + 1, last)]) - np.float64(x[max(k - n, 0)])


@kernel
def contrast(x, y, bins, result):
    """Half of x - y bounded to -4..4."""
    for k in range(bins):
        result[k] = _HALF * min(max(x[k] - y[k], -_FOUR), _FOUR)


@kernel
def contrast_to_mean(x, mean, scale, bins, result):
    """`contrast` of x and scale times the mean."""
    for k in range(bins):
        result[k] = _HALF * min(max(x[k] - scale * mean[k], -_FOUR), _FOUR)


@kernel
def contrast_to_largest_of_three(x, y, bins, result):
    """`contrast` of x and the largest y of the same bin and its neighbours."""
    last = bins - 1
    for k in range(1, last):
        largest = max(y[k], max(y[k - 1], y[k + 1]))
        result[k] = _HALF * min(max(x[k] - largest, -_FOUR), _FOUR)
    for k in (0, last):
        largest = max(y[max(k - 1, 0)], max(y[k], y[min(k + 1, last)]))
        result[k] = _HALF * min(max(x[k] - largest, -_FOUR), _FOUR)


@kernel
def rising(x, bins, result):
    """The positive part."""
    for k in range(bins):
        result[k] = max(x[k], _ZERO)


@kernel
def centre(cross, power, eps, bins, result):
    """2 cross / power: 1 is the centre, 0 one side only, -1 opposite phases."""
    for k in range(bins):
        result[k] = _TWO * cross[k] / (power[k] + eps)


@kernel
def persistence(rows, eps, bins, result):
    """Modulus of a mean product over the root of both powers, from 0..1 to -1..1.

    Args:
        rows: Real and imaginary part of the product, the two powers. [4, bins]
        eps: Added to the root of the powers.
        bins: Bins to fill.
        result: Written. [bins]

    Latency: 0. Thread: any. Allocates: no. In place: result.
    """
    re, im, first, second = rows[0], rows[1], rows[2], rows[3]
    for k in range(bins):
        modulus = np.sqrt(re[k] * re[k] + im[k] * im[k])
        result[k] = _TWO * modulus / (np.sqrt(first[k]) * np.sqrt(second[k]) + eps) - _ONE
