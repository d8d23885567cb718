"""The local Gaussian model, one function per equation, for numpy and torch and any channel count.

Every source is Gaussian in each time-frequency point, y_j ~ N(0, v_j R_j): power v_j varies with time,
direction R_j with the bin only. `expectation_maximization` is what is fast; the others show its parts.

Conventions: as in `arrays`. psd v [targets, bins, frames] linear power; covariances R, Hermitian, positive
semidefinite, of trace `channels`. [targets, bins, channels, channels]. Out of scope: gradients.

Sources: `equations`.
"""

from __future__ import annotations

import numpy as np

from streamsep.errors import ShapeError
from streamsep_offline.filters import planes
from streamsep_offline.filters.arrays import (
    Array,
    check_estimates,
    check_iterations,
    check_mixture,
    namespace,
)
from streamsep_offline.filters.context import SpatialStatistics
from streamsep_offline.filters.equations import POWER_FLOOR, power
from streamsep_offline.filters.refine import Start, measure, refine


def power_spectral_density(estimates: Array) -> Array:
    """v_j = mean over channels of |y_j|^2; 0 where a sample is not finite. [targets, bins, frames]"""
    y = planes.repaired(estimates)
    return power(y.real, y.imag).mean(1)


def spatial_covariance(estimates: Array) -> Array:
    """R_j = sum_t y_j y_j^H / sum_t v_j; 0 for a silent source.

    Args:
        estimates: [targets, channels, bins, frames]

    Returns:
        In the estimates' type. [targets, bins, channels, channels]
    """
    outer = measure(Start(estimates=estimates), estimates[0])
    weight = np.trace(outer, axis1=-2, axis2=-1).real[..., None, None] / outer.shape[-1]
    return planes.like(outer / (weight + (weight == 0.0)), estimates)


def local_gaussian_model(estimates: Array) -> tuple[Array, Array]:
    """Power spectral densities v and spatial covariances R of all sources."""
    return power_spectral_density(estimates), spatial_covariance(estimates)


def mix_covariance(psd: Array, covariances: Array) -> Array:
    """Cxx = sum_j v_j R_j. [bins, frames, channels, channels]"""
    return (psd[..., None, None] * covariances[:, :, None]).sum(0)


def wiener_gain(psd: Array, covariances: Array) -> Array:
    """W_j = v_j R_j Cxx^-1 of all sources; together the identity.

    All sources at once, not from an inverse of Cxx: see `equations` for what that saves.

    Args:
        psd: v, >= 0. [targets, bins, frames]
        covariances: R; loaded here by `equations.LOADING`. [targets, bins, channels, channels]

    Returns:
        [targets, bins, frames, channels, channels]
    """
    xp = namespace(psd, covariances)
    n_channels = covariances.shape[-1]
    if tuple(covariances.shape[:2]) != tuple(psd.shape[:2]):
        raise ShapeError(
            f"psd of shape {tuple(psd.shape)} and covariances of shape {tuple(covariances.shape)} "
            "differ in targets or bins; take both from the same estimates"
        )
    shares = psd + POWER_FLOOR
    shares = shares / shares.sum(0)
    outer = covariances if isinstance(covariances, np.ndarray) else covariances.cpu().numpy()
    columns = []
    for c in range(n_channels):  # a filter's column is what it makes of one channel alone
        unit = xp.zeros_like(psd[0]) + planes.like(np.eye(n_channels)[c, :, None, None], psd)
        columns.append(planes.apply_model(shares, outer.astype(complex), unit + 0j))
    return xp.stack([xp.moveaxis(column, 1, -1) for column in columns], -1)


def apply_filter(gains: Array, mixture: Array) -> Array:
    """y_j = W_j x.

    Args:
        gains: W. [targets, bins, frames, channels, channels]
        mixture: [channels, bins, frames]

    Returns:
        [targets, channels, bins, frames]
    """
    check_mixture(mixture)
    xp = namespace(gains, mixture)
    estimates = (gains * xp.moveaxis(mixture, 0, -1)[None, ..., None, :]).sum(-1)
    return xp.moveaxis(estimates, -1, 1)


def expectation_maximization(
    estimates: Array,
    mixture: Array,
    iterations: int = 2,
    statistics: SpatialStatistics | None = None,
) -> Array:
    """Refined estimates: model from estimates, estimates from model, so many times.

    Args:
        estimates: Where to start. [targets, channels, bins, frames]
        mixture: [channels, bins, frames]
        iterations: 0 returns a copy.
        statistics: Directions for all iterations; None takes those of these frames.

    Returns:
        Estimates that sum to the mixture.

    Raises:
        ShapeError: Shapes or types do not fit each other.
        ParameterError: `iterations` is negative.
    """
    check_estimates(estimates, mixture)
    check_iterations(iterations)
    outer = None
    if statistics is not None:
        outer = statistics.outer_products(estimates.shape[0], *mixture.shape[:2])
    return refine(Start(estimates=estimates), mixture, outer, iterations)
