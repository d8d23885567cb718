"""The equations of the local Gaussian model, number by number: one piece of mathematics for every face.

Only + - * / powers and comparisons are used, so each function is compiled by numba inside the fused
loops of `kernels` and runs as it stands on planes of numpy or torch [bins, frames] in `planes`.

Conventions: v is a power spectral density, R = [[left, cross], [cross*, right]] the Hermitian spatial
covariance of two channels, complex numbers are pairs (re, im). s = v / sum v is a source's share.

Why not the textbook's W = v R Cxx^-1: for two channels the determinant of Cxx is a difference, and for
dual mono (both channels alike) all of its digits cancel in float32. Here the difference is taken
between *sources*, once per bin and in float64. For 2 x 2 matrices the adjugate is linear, so

    W_j = v_j R_j adj(Cxx) / det(Cxx) = s_j sum_i s_i G_ji / (1/2 tr sum_ji s_j s_i G_ji),
    G_ji = R_j adj(R_i),  G_ji + G_ij = a multiple of I that is never negative,

and over frames only non-negative terms are added to the determinant. So sum_j W_j = I to rounding,
whatever the mixture.

Source: N. Q. Duong, E. Vincent, R. Gribonval, "Under-determined reverberant audio source separation
using a full-rank spatial covariance model", IEEE TASLP 18(7), 2010; A. Liutkus, R. Badeau, G. Richard,
"Kernel additive models for source separation", IEEE TSP 62(16), 2014 (the update without posterior
covariances that norbert and open-unmix use, and this).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from numba.extending import register_jitable

from streamsep.engine.compiled.cache import FAST_MATH

LOADING = 1e-8
"""Part of every R that is the same in all directions; relative, so the filter knows no level. It decides
only where the sources leave nothing in a direction. Up to 1e-3 it moves no SDR on real music by 0.05 dB."""

POWER_FLOOR = 1e-36
"""Added to every v: what no source claims is shared equally, and digital silence is no 0 / 0.
At -360 dBFS it is the least that float32 still holds as a normal number."""

TINY = 1e-30
"""Added to magnitudes that divide."""

LIMIT = 1e18
"""Magnitudes beyond +360 dBFS would overflow when squared: they count as broken, as NaN and Inf do."""

Number = Any
"""A float, or a plane of numpy or torch."""


def equation(function: Callable) -> Callable:
    """Let compiled loops call a function that stays an ordinary one for everybody else."""
    decorate = register_jitable(forceinline=True, fastmath=FAST_MATH, error_model="numpy")
    return decorate(function)


@equation
def power(re: Number, im: Number) -> Number:
    """|z|^2 of a complex number."""
    return re * re + im * im


@equation
def spatial_covariance(
    left: Number, right: Number, re: Number, im: Number
) -> tuple[Number, Number, Number, Number]:
    """R = sum_t y y^H / sum_t v + LOADING I, with v the mean power of both channels, so its trace is 2.

    A source without any power has no direction: R = I. |cross|^2 <= left right (Cauchy and Schwarz) is
    restored where rounding of the sums broke it, else a determinant could be negative.

    Args:
        left: sum_t |y_1|^2, float64.
        right: sum_t |y_2|^2.
        re: Real part of sum_t y_1 y_2*.
        im: Imaginary part.

    Returns:
        left, right, re, im of R.
    """
    weight = 0.5 * (left + right)
    is_silent = weight <= 0.0
    scale = 1.0 / (weight + is_silent)
    left, right, re, im = left * scale, right * scale, re * scale, im * scale
    product, cross = left * right, re * re + im * im
    largest = product + (cross > product) * (cross - product)
    shrink = (product / (largest + (largest == 0.0))) ** 0.5
    diagonal = LOADING + is_silent
    return left + diagonal, right + diagonal, shrink * re, shrink * im


@equation
def adjugate_product(
    left_j: Number,
    right_j: Number,
    re_j: Number,
    im_j: Number,
    left_i: Number,
    right_i: Number,
    re_i: Number,
    im_i: Number,
) -> tuple[Number, ...]:
    """G_ji = R_j adj(R_i), with adj([[a, b], [b*, d]]) = [[d, -b], [-b*, a]].

    Returns:
        Real and imaginary parts of G_11, G_12, G_21, G_22.
    """
    inner = re_j * re_i + im_j * im_i
    outer = re_j * im_i - im_j * re_i
    return (
        left_j * right_i - inner,
        outer,
        re_j * left_i - left_j * re_i,
        im_j * left_i - left_j * im_i,
        re_j * right_i - right_j * re_i,
        right_j * im_i - im_j * right_i,
        right_j * left_i - inner,
        -outer,
    )


@equation
def filtered(
    re_11: Number,
    im_11: Number,
    re_12: Number,
    im_12: Number,
    re_21: Number,
    im_21: Number,
    re_22: Number,
    im_22: Number,
    x1_re: Number,
    x1_im: Number,
    x2_re: Number,
    x2_im: Number,
) -> tuple[Number, Number, Number, Number]:
    """y = G x, two channels.

    Returns:
        Real and imaginary parts of y_1 and y_2.
    """
    return (
        re_11 * x1_re - im_11 * x1_im + re_12 * x2_re - im_12 * x2_im,
        re_11 * x1_im + im_11 * x1_re + re_12 * x2_im + im_12 * x2_re,
        re_21 * x1_re - im_21 * x1_im + re_22 * x2_re - im_22 * x2_im,
        re_21 * x1_im + im_21 * x1_re + re_22 * x2_im + im_22 * x2_re,
    )
