"""The steps of expectation-maximisation on one tile, compiled; `bins` puts them together.

Conventions: as in `tiles`. moments of a source in a bin: sums over frames of |y_1|^2, |y_2|^2,
Re y_1 y_2*, Im y_1 y_2*, float64, without the samples that are not whole. products: G_ji of all pairs of
sources in a bin. [targets j, NUMBERS, targets i and more, which stay 0]

All functions: Thread: any. Allocates: no. In place: the tile, moments, products.
"""

from __future__ import annotations

import numpy as np

from streamsep_offline.filters.compiled import kernel
from streamsep_offline.filters.equations import (
    POWER_FLOOR,
    adjugate_product,
    filtered,
    power,
    spatial_covariance,
)
from streamsep_offline.filters.tiles import GAIN, LEFT, TILE, Tile, u

NUMBERS = 8
"""Real numbers of a matrix G."""

TOGETHER = 4
"""Sources added up at a time: their sum stays in a register."""


@kernel
def add_moments(tile: Tile, moments: np.ndarray) -> None:
    """Add a tile to the moments of all sources; within a tile float32 does."""
    y, s = tile.y, tile.s
    real = y.dtype.type
    for j in range(moments.shape[0]):
        plane = 4 * j * TILE
        left, right, cross_re, cross_im = real(0), real(0), real(0), real(0)
        for t in range(TILE):
            a, b = y[u(plane + t)], y[u(plane + TILE + t)]
            c, d = y[u(plane + 2 * TILE + t)], y[u(plane + 3 * TILE + t)]
            w = s[u(j * TILE + t)]
            left += w * power(a, b)
            right += w * power(c, d)
            cross_re += w * (a * c + b * d)
            cross_im += w * (b * c - a * d)
        moments[j, 0] += left
        moments[j, 1] += right
        moments[j, 2] += cross_re
        moments[j, 3] += cross_im


@kernel
def find_shares(tile: Tile, n_targets: int) -> None:
    """s_j = v_j / sum_i v_i, v_j = mean over channels of |y_j|^2 (the mean's divisor cancels)."""
    y, s, d = tile.y, tile.s, tile.d
    real = y.dtype.type
    for t in range(TILE):
        d[u(t)] = real(0)
    for j in range(n_targets):
        plane = 4 * j * TILE
        for t in range(TILE):
            v = power(y[u(plane + t)], y[u(plane + TILE + t)]) + real(POWER_FLOOR)
            v += power(y[u(plane + 2 * TILE + t)], y[u(plane + 3 * TILE + t)])
            s[u(j * TILE + t)] = v
            d[u(t)] += v
    for t in range(TILE):
        d[u(t)] = real(1) / d[u(t)]
    for j in range(n_targets):
        for t in range(TILE):
            s[u(j * TILE + t)] *= d[u(t)]


@kernel
def find_products(moments: np.ndarray, products: np.ndarray) -> None:
    """G_ji of all pairs from their moments."""
    for j in range(moments.shape[0]):
        a = spatial_covariance(moments[j, 0], moments[j, 1], moments[j, 2], moments[j, 3])
        for i in range(moments.shape[0]):
            b = spatial_covariance(moments[i, 0], moments[i, 1], moments[i, 2], moments[i, 3])
            g = adjugate_product(a[0], a[1], a[2], a[3], b[0], b[1], b[2], b[3])
            for k in range(NUMBERS):
                products[j, k, i] = g[k]


@kernel
def _mix_products(tile: Tile, products: np.ndarray, j: int, n_targets: int) -> None:
    """g = sum_i s_i G_ji, two numbers of the matrix and four sources at a time."""
    s, g = tile.s, tile.g
    for k in range(0, NUMBERS, 2):
        re, im = k * TILE, (k + 1) * TILE
        for i in range(0, n_targets, TOGETHER):
            a, b = products[j, k, i : i + TOGETHER], products[j, k + 1, i : i + TOGETHER]
            a0, a1, a2, a3 = a[0], a[1], a[2], a[3]
            b0, b1, b2, b3 = b[0], b[1], b[2], b[3]
            # Beyond the last source a product is 0, and any share will do.
            p0, p1 = i * TILE, min(i + 1, n_targets - 1) * TILE
            p2, p3 = min(i + 2, n_targets - 1) * TILE, min(i + 3, n_targets - 1) * TILE
            if i == 0:
                for t in range(TILE):
                    s0, s1, s2, s3 = s[u(p0 + t)], s[u(p1 + t)], s[u(p2 + t)], s[u(p3 + t)]
                    g[u(re + t)] = a0 * s0 + a1 * s1 + a2 * s2 + a3 * s3
                    g[u(im + t)] = b0 * s0 + b1 * s1 + b2 * s2 + b3 * s3
            else:
                for t in range(TILE):
                    s0, s1, s2, s3 = s[u(p0 + t)], s[u(p1 + t)], s[u(p2 + t)], s[u(p3 + t)]
                    g[u(re + t)] += a0 * s0 + a1 * s1 + a2 * s2 + a3 * s3
                    g[u(im + t)] += b0 * s0 + b1 * s1 + b2 * s2 + b3 * s3


@kernel
def filter_tile(tile: Tile, products: np.ndarray, n_targets: int) -> None:
    """y_j = s_j sum_i s_i G_ji x, without the determinant, which is collected."""
    x, y, s, g, d = tile.x, tile.y, tile.s, tile.g, tile.d
    real = x.dtype.type
    for t in range(TILE):
        d[u(t)] = real(0)
    for j in range(n_targets):
        plane = 4 * j * TILE
        _mix_products(tile, products, j, n_targets)
        for t in range(TILE):
            d[u(t)] += real(0.5) * s[u(j * TILE + t)] * (g[u(t)] + g[u(6 * TILE + t)])
        for t in range(TILE):
            y1_re, y1_im, y2_re, y2_im = filtered(
                g[u(t)],
                g[u(TILE + t)],
                g[u(2 * TILE + t)],
                g[u(3 * TILE + t)],
                g[u(4 * TILE + t)],
                g[u(5 * TILE + t)],
                g[u(6 * TILE + t)],
                g[u(7 * TILE + t)],
                x[u(t)],
                x[u(TILE + t)],
                x[u(2 * TILE + t)],
                x[u(3 * TILE + t)],
            )
            share = s[u(j * TILE + t)]
            y[u(plane + t)] = share * y1_re
            y[u(plane + TILE + t)] = share * y1_im
            y[u(plane + 2 * TILE + t)] = share * y2_re
            y[u(plane + 3 * TILE + t)] = share * y2_im


@kernel
def close(tile: Tile, n_targets: int) -> None:
    """Gains 1 / determinant, 0 where the mixture is silent, and what rounding left over of the mixture.

    Sources that are nearly alike may be large and opposite, and so may be their rounding errors.
    """
    x, y, d = tile.x, tile.y, tile.d
    real = x.dtype.type
    for k in range(4):
        for t in range(TILE):
            d[u(LEFT + k * TILE + t)] = y[u(k * TILE + t)]
        for j in range(1, n_targets):
            for t in range(TILE):
                d[u(LEFT + k * TILE + t)] += y[u((4 * j + k) * TILE + t)]
    for c in range(2):
        gain, left, plane = GAIN + c * TILE, LEFT + 2 * c * TILE, 2 * c * TILE
        for t in range(TILE):
            re, im = x[u(plane + t)], x[u(plane + TILE + t)]
            inverse = real(1) / d[u(t)]
            d[u(gain + t)] = inverse if abs(re) + abs(im) > real(0) else real(0)
        for t in range(TILE):
            d[u(left + t)] = x[u(plane + t)] - d[u(gain + t)] * d[u(left + t)]
            d[u(left + TILE + t)] = x[u(plane + TILE + t)] - d[u(gain + t)] * d[u(left + TILE + t)]
