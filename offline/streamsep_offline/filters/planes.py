"""Expectation-maximisation on whole planes [bins, frames], for numpy and torch and any channel count.

What `bins` does bin by bin for one or two channels, with the same equations; this is what runs on a
GPU, and for surround sound. Statistics are summed in float64 and kept as numpy arrays.

Conventions: as in `arrays`; outer products of a source, sum_t y y^H, are complex128 numpy arrays
[targets, bins, channels, channels]; shares [targets, bins, frames]. Out of scope: gradients.
"""

from __future__ import annotations

import numpy as np

from streamsep_offline.filters.arrays import Array, complex_of, namespace
from streamsep_offline.filters.equations import (
    LIMIT,
    LOADING,
    POWER_FLOOR,
    TINY,
    adjugate_product,
    filtered,
    power,
    spatial_covariance,
)
from streamsep_offline.filters.solve import factorise, solve


def is_whole(values: Array) -> Array:
    """Where real or complex values are finite and not beyond LIMIT."""
    if "complex" in str(values.dtype):
        return (abs(values.real) <= LIMIT) & (abs(values.imag) <= LIMIT)
    return abs(values) <= LIMIT


def repaired(values: Array) -> Array:
    """The same with 0 for what is not whole."""
    return namespace(values).where(is_whole(values), values, 0)


def repaired_magnitudes(magnitudes: Array) -> Array:
    """The same with 0 for what is negative or not whole."""
    good = (magnitudes >= 0) & (magnitudes <= LIMIT)
    return namespace(magnitudes).where(good, magnitudes, 0)


def start(magnitudes: Array, mixture: Array, softmask: bool) -> tuple[Array, Array]:
    """y_j = v_j x / |x|, or v_j x / sum_i v_i by the soft mask; and where a source's sample is whole.

    Args:
        magnitudes: In the mixture's precision.
        mixture: Whole.
        softmask: By the soft mask?

    Returns:
        Estimates, and booleans [targets, bins, frames].
    """
    v = repaired_magnitudes(magnitudes)
    good = ((magnitudes >= 0) & (magnitudes <= LIMIT)).all(1)
    if softmask:
        v = v + TINY
        return v * (mixture / v.sum(0)), good
    return v * (mixture / (abs(mixture) + TINY)), good


def outer_products(estimates: Array, weights: Array) -> np.ndarray:
    """sum_t w y y^H of every source; weights are 1 or 0. [targets, bins, frames]"""
    xp = namespace(estimates)
    n_targets, n_channels, n_bins, _ = estimates.shape
    y = xp.where(weights[:, None], estimates, 0)
    outer = np.zeros((n_targets, n_bins, n_channels, n_channels), np.complex128)
    for a in range(n_channels):
        for b in range(a + 1):
            total = (y[:, a] * y[:, b].conj()).sum(-1, dtype=xp.complex128)
            outer[:, :, a, b] = total if isinstance(total, np.ndarray) else total.cpu().numpy()
            outer[:, :, b, a] = outer[:, :, a, b].conj()
    return outer


def find_shares(estimates: Array) -> Array:
    """s_j = v_j / sum_i v_i, v_j = mean over channels of |y_j|^2 (the mean's divisor cancels)."""
    v = power(estimates.real, estimates.imag).sum(1) + POWER_FLOOR
    return v / v.sum(0)


def loaded_covariances(outer: np.ndarray) -> np.ndarray:
    """R = sum_t y y^H / sum_t v + LOADING I; I for a source without any power. As `outer`."""
    n_channels = outer.shape[-1]
    weight = np.trace(outer, axis1=-2, axis2=-1).real[..., None, None] / n_channels
    identity, is_silent = np.eye(n_channels), weight <= 0.0
    return outer / (weight + is_silent) + (LOADING + is_silent) * identity


def _filter_two(shares: Array, outer: np.ndarray, mixture: Array) -> Array:
    """W_j x with the closed form for two channels."""
    xp = namespace(mixture)
    moments = (
        outer[..., 0, 0].real,
        outer[..., 1, 1].real,
        outer[..., 0, 1].real,
        outer[..., 0, 1].imag,
    )
    r = np.stack(spatial_covariance(*moments))  # [4, targets, bins]
    products = np.stack([np.stack(adjugate_product(*r[:, j, None], *r)) for j in range(r.shape[1])])
    products = like(products, shares)  # [targets j, 8, targets i, bins]
    planes = [part for channel in mixture for part in (channel.real, channel.imag)]
    estimates, determinant = [], 0.0
    for share, product in zip(shares, products, strict=True):
        g = [(number[..., None] * shares).sum(0) for number in product]
        determinant = determinant + 0.5 * share * (g[0] + g[6])
        re_1, im_1, re_2, im_2 = filtered(*g, *planes)
        estimates.append(share * xp.stack([complex_of(re_1, im_1), complex_of(re_2, im_2)]))
    return xp.stack(estimates) / determinant


def _filter_many(shares: Array, outer: np.ndarray, mixture: Array) -> Array:
    """W_j x = s_j R_j z with Cxx z = x, in double precision: the loading is below that of float32."""
    xp = namespace(mixture)
    r = like(loaded_covariances(outer), mixture, xp.complex128)
    n_channels = mixture.shape[0]
    s, x = like(shares, mixture, xp.float64), like(mixture, mixture, xp.complex128)
    model = [[(s * r[:, :, a, b, None]).sum(0) for b in range(a + 1)] for a in range(n_channels)]
    z = solve(*factorise(model), list(x))
    estimates = [
        sum(s * r[:, :, a, b, None] * z[b] for b in range(n_channels)) for a in range(n_channels)
    ]
    return like(xp.stack(estimates, 1), mixture, mixture.dtype)


def apply_model(shares: Array, outer: np.ndarray, mixture: Array) -> Array:
    """y_j = v_j R_j Cxx^-1 x for all sources; what rounding leaves over of the mixture is shared."""
    n_channels = mixture.shape[0]
    if n_channels == 1:
        return shares[:, None] * mixture
    estimates = (_filter_two if n_channels == 2 else _filter_many)(shares, outer, mixture)
    return estimates + shares[:, None] * (mixture - estimates.sum(0))


def like(values: Array, like: Array, dtype: object = None) -> Array:
    """On the device and in the precision of another, or of another precision."""
    dtype = like.dtype if dtype is None else dtype
    if isinstance(like, np.ndarray):
        return values.astype(dtype, copy=False)
    return namespace(like).as_tensor(values, dtype=dtype, device=like.device)


def refine(
    estimates: Array,
    weights: Array,
    mixture: Array,
    outer: np.ndarray | None,
    iterations: int,
) -> Array:
    """Statistics and filter, `iterations` times.

    Args:
        estimates: Start.
        weights: Which of its samples are whole. [targets, bins, frames]
        mixture: As it came.
        outer: Statistics to use instead of those of these frames.
        iterations: 0 returns the start.
    """
    xp = namespace(mixture)
    whole = is_whole(mixture).all(0)
    mixture = repaired(mixture)
    for i in range(iterations):
        latest = outer
        if outer is None:
            latest = outer_products(estimates, whole & (weights if i == 0 else weights | True))
        estimates = apply_model(find_shares(estimates), latest, mixture)
        estimates = xp.where(mixture == 0, 0, estimates)
    return estimates
