"""Real FFT of a power-of-two length without allocation, lock or Python object.

A library FFT (pocketfft behind rocket-fft) takes scratch memory and a plan lock on each call, which an
audio callback must not. This one works in buffers that the caller owns.

A real signal of length N is packed into a complex one of length M = N / 2, z[n] = x[2n] + i x[2n + 1],
transformed by Stockham's self-sorting algorithm in radix 4 (one radix-2 pass where M is an odd power
of two), and unpacked: with E, O the transforms of the even and odd samples,

    Z[k] = E[k] + i O[k],   X[k] = E[k] + exp(-2 pi i k / N) O[k],
    E[k] = (Z[k] + Z*[M - k]) / 2,   O[k] = (Z[k] - Z*[M - k]) / (2 i).

Real and imaginary parts live in separate arrays, so that the inner loops vectorise. Twiddles are
computed in float64 and rounded once.

Source: Van Loan, "Computational Frameworks for the Fast Fourier Transform", SIAM 1992, sections 1.7, 4.4.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from streamsep.engine.compiled.cache import kernel


class FftPlan(NamedTuple):
    """Tables and work space for one length; one per stream, because the work space is written.

    Attributes:
        cos: cos(2 pi k / N). [N]
        sin: sin(2 pi k / N). [N]
        work: Two complex buffers, ping and pong, real and imaginary part each. [4, N / 2]
    """

    cos: np.ndarray
    sin: np.ndarray
    work: np.ndarray


def make_plan(n_fft: int) -> FftPlan:
    """Plan for real transforms of length n_fft, a power of two and at least 4."""
    angle = 2.0 * np.pi * np.arange(n_fft) / n_fft
    return FftPlan(
        np.cos(angle).astype(np.float32),
        np.sin(angle).astype(np.float32),
        np.zeros((4, n_fft // 2), np.float32),
    )


@kernel
def _first_pass(size, xr, xi, yr, yi, cos, sin):
    """Radix-4 pass at stride 1: the loop runs over butterflies, whose reads are contiguous."""
    quarter = size // 4
    step = cos.shape[0] // size
    for p in range(quarter):
        w1r, w1i = cos[p * step], -sin[p * step]
        w2r, w2i = cos[2 * p * step], -sin[2 * p * step]
        w3r, w3i = cos[3 * p * step], -sin[3 * p * step]
        ar, ai = xr[p], xi[p]
        br, bi = xr[p + quarter], xi[p + quarter]
        cr, ci = xr[p + 2 * quarter], xi[p + 2 * quarter]
        dr, di = xr[p + 3 * quarter], xi[p + 3 * quarter]
        apcr, apci, amcr, amci = ar + cr, ai + ci, ar - cr, ai - ci
        bpdr, bpdi, bmdr, bmdi = br + dr, bi + di, br - dr, bi - di
        t1r, t1i = amcr + bmdi, amci - bmdr
        t2r, t2i = apcr - bpdr, apci - bpdi
        t3r, t3i = amcr - bmdi, amci + bmdr
        q = 4 * p
        yr[q], yi[q] = apcr + bpdr, apci + bpdi
        yr[q + 1], yi[q + 1] = w1r * t1r - w1i * t1i, w1r * t1i + w1i * t1r
        yr[q + 2], yi[q + 2] = w2r * t2r - w2i * t2i, w2r * t2i + w2i * t2r
        yr[q + 3], yi[q + 3] = w3r * t3r - w3i * t3i, w3r * t3i + w3i * t3r


@kernel
def _radix4_pass(size, stride, xr, xi, yr, yi, cos, sin):
    """Radix-4 pass at a stride of 4 or more: the loop runs over interleaved transforms."""
    quarter = size // 4
    step = cos.shape[0] // size
    for p in range(quarter):
        w1r, w1i = cos[p * step], -sin[p * step]
        w2r, w2i = cos[2 * p * step], -sin[2 * p * step]
        w3r, w3i = cos[3 * p * step], -sin[3 * p * step]
        a, b = stride * p, stride * (p + quarter)
        c, d = stride * (p + 2 * quarter), stride * (p + 3 * quarter)
        o = 4 * stride * p
        for q in range(stride):
            ar, ai = xr[a + q], xi[a + q]
            br, bi = xr[b + q], xi[b + q]
            cr, ci = xr[c + q], xi[c + q]
            dr, di = xr[d + q], xi[d + q]
            apcr, apci, amcr, amci = ar + cr, ai + ci, ar - cr, ai - ci
            bpdr, bpdi, bmdr, bmdi = br + dr, bi + di, br - dr, bi - di
            t1r, t1i = amcr + bmdi, amci - bmdr
            t2r, t2i = apcr - bpdr, apci - bpdi
            t3r, t3i = amcr - bmdi, amci + bmdr
            yr[o + q], yi[o + q] = apcr + bpdr, apci + bpdi
            yr[o + stride + q] = w1r * t1r - w1i * t1i
            yi[o + stride + q] = w1r * t1i + w1i * t1r
            yr[o + 2 * stride + q] = w2r * t2r - w2i * t2i
            yi[o + 2 * stride + q] = w2r * t2i + w2i * t2r
            yr[o + 3 * stride + q] = w3r * t3r - w3i * t3i
            yi[o + 3 * stride + q] = w3r * t3i + w3i * t3r


@kernel
def _radix2_pass(stride, xr, xi, yr, yi):
    """Last pass where the length is an odd power of two; its only twiddle is 1."""
    for q in range(stride):
        yr[q], yi[q] = xr[q] + xr[stride + q], xi[q] + xi[stride + q]
        yr[stride + q], yi[stride + q] = xr[q] - xr[stride + q], xi[q] - xi[stride + q]


@kernel
def _complex_fft(plan):
    """Forward transform of the ping buffer; returns 0 or 2, the row of `work` where the result starts."""
    work, size, stride, source = plan.work, plan.work.shape[1], 1, 0
    while size >= 4:
        target = 2 - source
        xr, xi, yr, yi = work[source], work[source + 1], work[target], work[target + 1]
        if stride == 1:
            _first_pass(size, xr, xi, yr, yi, plan.cos, plan.sin)
        else:
            _radix4_pass(size, stride, xr, xi, yr, yi, plan.cos, plan.sin)
        size, stride, source = size // 4, stride * 4, target
    if size == 2:
        target = 2 - source
        _radix2_pass(stride, work[source], work[source + 1], work[target], work[target + 1])
        source = target
    return source


@kernel
def rfft(x, re, im, plan):
    """Spectrum of a real signal, X[k] = sum_n x[n] exp(-2 pi i k n / N).

    Args:
        x: Signal. [N]
        re: Real part, written. [N / 2 + 1]
        im: Imaginary part, written. [N / 2 + 1]
        plan: From `make_plan(N)`; its work space is written.

    Latency: 0. Thread: any, one per plan. Allocates: no. In place: writes re, im.
    """
    half = plan.work.shape[1]
    for n in range(half):
        plan.work[0, n] = x[2 * n]
        plan.work[1, n] = x[2 * n + 1]
    row = _complex_fft(plan)
    zr, zi = plan.work[row], plan.work[row + 1]
    re[0], im[0] = zr[0] + zi[0], np.float32(0.0)
    re[half], im[half] = zr[0] - zi[0], np.float32(0.0)
    for k in range(1, half):
        er = np.float32(0.5) * (zr[k] + zr[half - k])
        ei = np.float32(0.5) * (zi[k] - zi[half - k])
        odd_r = np.float32(0.5) * (zi[k] + zi[half - k])
        odd_i = np.float32(0.5) * (zr[half - k] - zr[k])
        c, s = plan.cos[k], plan.sin[k]
        re[k] = er + c * odd_r + s * odd_i
        im[k] = ei + c * odd_i - s * odd_r


@kernel
def irfft(re, im, x, plan):
    """Real signal of a half spectrum, x[n] = 1/N sum_k X[k] exp(+2 pi i k n / N).

    The imaginary parts of the first and last bin are ignored, as in numpy.

    Args:
        re: Real part. [N / 2 + 1]
        im: Imaginary part. [N / 2 + 1]
        x: Signal, written. [N]
        plan: From `make_plan(N)`; its work space is written.

    Latency: 0. Thread: any, one per plan. Allocates: no. In place: writes x.
    """
    half = plan.work.shape[1]
    # Conjugate in, conjugate out: the inverse transform by the forward one.
    plan.work[0, 0] = np.float32(0.5) * (re[0] + re[half])
    plan.work[1, 0] = np.float32(-0.5) * (re[0] - re[half])
    for k in range(1, half):
        er = np.float32(0.5) * (re[k] + re[half - k])
        ei = np.float32(0.5) * (im[k] - im[half - k])
        dr = np.float32(0.5) * (re[k] - re[half - k])
        di = np.float32(0.5) * (im[k] + im[half - k])
        c, s = plan.cos[k], plan.sin[k]
        odd_r = c * dr - s * di
        odd_i = c * di + s * dr
        plan.work[0, k] = er - odd_i
        plan.work[1, k] = -(ei + odd_r)
    row = _complex_fft(plan)
    zr, zi = plan.work[row], plan.work[row + 1]
    scale = np.float32(1.0) / np.float32(half)
    for n in range(half):
        x[2 * n] = scale * zr[n]
        x[2 * n + 1] = -scale * zi[n]
