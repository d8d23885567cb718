"""Expectation-maximisation for one or two channels, compiled, bin by bin: a bin stays in the cache.

The first pass over the frames of a bin makes its moments, the second filters and writes. Both make the
start anew from what was read: that costs less than keeping it. Later iterations start from what the one
before wrote, still in the cache.

Conventions: as in `tiles` and `kernels`. Thread: any. Allocates: a tile. In place: out, moments.
"""

from __future__ import annotations

import numpy as np

from streamsep_offline.filters.compiled import kernel
from streamsep_offline.filters.kernels import (
    NUMBERS,
    TOGETHER,
    add_moments,
    close,
    filter_tile,
    find_products,
    find_shares,
)
from streamsep_offline.filters.tiles import (
    TILE,
    Tile,
    keep,
    make_tile,
    read_estimates,
    read_mixture,
    start,
    write,
)


@kernel
def _read(
    magnitudes: np.ndarray,
    softmask: bool,
    estimates: np.ndarray,
    mixture: np.ndarray,
    f: int,
    first: int,
    tile: Tile,
) -> None:
    read_mixture(mixture, f, first, tile)
    if magnitudes.shape[0] > 0:
        start(magnitudes, softmask, f, first, tile)
    else:
        read_estimates(estimates, f, first, tile)


@kernel
def _measure_bin(
    magnitudes: np.ndarray,
    softmask: bool,
    estimates: np.ndarray,
    mixture: np.ndarray,
    f: int,
    tile: Tile,
    moments: np.ndarray,
) -> None:
    for first in range(0, mixture.shape[2] // 2, TILE):
        _read(magnitudes, softmask, estimates, mixture, f, first, tile)
        add_moments(tile, moments)


@kernel
def measure(
    magnitudes: np.ndarray,
    softmask: bool,
    estimates: np.ndarray,
    mixture: np.ndarray,
    moments: np.ndarray,
    first_bin: int,
    last_bin: int,
) -> None:
    """Add the moments of the start; arguments as in `refine`, moments [bins, targets, 4]."""
    tile = make_tile(moments.shape[1], mixture.dtype)
    for f in range(first_bin, last_bin):
        _measure_bin(magnitudes, softmask, estimates, mixture, f, tile, moments[f])


@kernel
def _refine_bin(
    magnitudes: np.ndarray,
    softmask: bool,
    estimates: np.ndarray,
    mixture: np.ndarray,
    given: np.ndarray,
    f: int,
    is_filtering: bool,
    tile: Tile,
    products: np.ndarray,
    moments: np.ndarray,
    out: np.ndarray,
) -> None:
    """One iteration in one bin, or without filtering the start."""
    n_targets = out.shape[0]
    if given.shape[0] > 0:
        moments[:] = given[f]
    elif is_filtering:
        moments[:] = 0.0
        _measure_bin(magnitudes, softmask, estimates, mixture, f, tile, moments)
    find_products(moments, products)
    for first in range(0, mixture.shape[2] // 2, TILE):
        _read(magnitudes, softmask, estimates, mixture, f, first, tile)
        if is_filtering:
            find_shares(tile, n_targets)
            filter_tile(tile, products, n_targets)
            close(tile, n_targets)
        else:
            keep(tile)
        write(out, f, first, tile)


@kernel
def refine(
    magnitudes: np.ndarray,
    softmask: bool,
    estimates: np.ndarray,
    mixture: np.ndarray,
    given: np.ndarray,
    iterations: int,
    out: np.ndarray,
    first_bin: int,
    last_bin: int,
) -> None:
    """Start, then `iterations` times moments and filter.

    Args:
        magnitudes: Start from these, >= 0. [targets, 1 or channels, bins, frames] or empty
        softmask: How: True by the soft mask, False with the phase of the mixture.
        estimates: Start from these where `magnitudes` is empty. [targets, channels, bins, 2 frames]
        mixture: [channels, bins, 2 frames]
        given: Moments to use instead of those of these frames. [bins, targets, 4] or empty
        iterations: 0 writes the start.
        out: Written. [targets, channels, bins, 2 frames]
        first_bin: Where to begin.
        last_bin: Where to end, not included.
    """
    n_targets = out.shape[0]
    tile = make_tile(n_targets, mixture.dtype)
    n_padded = (n_targets + TOGETHER - 1) // TOGETHER * TOGETHER
    products = np.zeros((n_targets, NUMBERS, n_padded), mixture.dtype)
    moments = np.zeros((n_targets, 4))
    nothing = magnitudes[:0]
    for f in range(first_bin, last_bin):
        for i in range(max(1, iterations)):
            _refine_bin(
                magnitudes if i == 0 else nothing,
                softmask,
                estimates if i == 0 else out,
                mixture,
                given,
                f,
                iterations > 0,
                tile,
                products,
                moments,
                out,
            )
