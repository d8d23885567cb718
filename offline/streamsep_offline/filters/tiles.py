"""Tiles of one bin: from the caller's arrays into planes that lie in the cache, and back.

A tile is `TILE` frames of one bin, real and imaginary parts apart, so that loops over frames run over
neighbours and are vectorised: the compiler knows the distances between planes of one array, and different
kinds of planes lie in different arrays (interleaved, its test for overlaps would fail and the loops would
run one frame at a time). Mono is stereo with a silent right channel.

Conventions: `first` is the first frame of a tile; beyond the last frame everything is 0. The last axis of
mixture, estimates and `out` holds real and imaginary parts of the frames in turn. Broken samples (NaN, Inf,
beyond LIMIT) are read as 0.

All functions: Thread: any. Allocates: only `make_tile`. In place: the tile, out.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from streamsep_offline.filters.compiled import kernel
from streamsep_offline.filters.equations import LIMIT, TINY, equation, power

TILE = 128
"""Frames: all planes of a tile fit into the first-level cache, and float32 suffices for its sums."""

WHOLE, GAIN, LEFT = 4 * TILE, TILE, 3 * TILE
"""Where in x whole frames are marked, and where in d gains and what is left over begin."""

_LINE = 64
"""Bytes of a cache line."""


@equation
def u(index: int) -> int:
    """Index that cannot be negative: counting from the end would keep loops from being vectorised."""
    return np.uintp(index)


class Tile(NamedTuple):
    """Planes of TILE frames each."""

    x: np.ndarray
    """Mixture: left re, left im, right re, right im; then, whether a frame is whole."""
    y: np.ndarray
    """Estimates, per source as x."""
    s: np.ndarray
    """Per source its share; at first, whether its sample is whole."""
    g: np.ndarray
    """Matrix: eight numbers as in `equations.adjugate_product`; at first, phasors as x."""
    d: np.ndarray
    """Determinant; then, gain of either channel, and what is left over of the mixture, as x."""


@kernel
def _planes(count: int, dtype: np.dtype) -> np.ndarray:
    """Planes that begin with a cache line, as the longest vectors like it."""
    memory = np.zeros(count * TILE + _LINE, dtype)
    skipped = -memory.ctypes.data % _LINE // memory.itemsize
    return memory[skipped : skipped + count * TILE]


@kernel
def make_tile(n_targets: int, dtype: np.dtype) -> Tile:
    """Memory for a tile."""
    return Tile(
        _planes(5, dtype),
        _planes(4 * n_targets, dtype),
        _planes(n_targets, dtype),
        _planes(8, dtype),
        _planes(7, dtype),
    )


@kernel
def read_mixture(mixture: np.ndarray, f: int, first: int, tile: Tile) -> None:
    """Read a tile of the mixture, mark whole frames by 1."""
    x = tile.x
    real = x.dtype.type
    zero, one, limit = real(0), real(1), real(LIMIT)
    n = min(TILE, mixture.shape[2] // 2 - first)
    for t in range(TILE):
        x[u(WHOLE + t)] = one
    for c in range(2):
        plane = 2 * c * TILE
        n_given = n if c < mixture.shape[0] else 0
        for t in range(n_given):
            x[u(plane + t)] = mixture[u(c), u(f), u(2 * (first + t))]
            x[u(plane + TILE + t)] = mixture[u(c), u(f), u(2 * (first + t) + 1)]
        for t in range(n_given, TILE):
            x[u(plane + t)] = zero
            x[u(plane + TILE + t)] = zero
        for t in range(TILE):
            re, im = x[u(plane + t)], x[u(plane + TILE + t)]
            is_good = (abs(re) <= limit) & (abs(im) <= limit)
            x[u(plane + t)] = re if is_good else zero
            x[u(plane + TILE + t)] = im if is_good else zero
            x[u(WHOLE + t)] = x[u(WHOLE + t)] if is_good else zero


@kernel
def _divide_by_size(tile: Tile) -> None:
    """Phasors x / |x|."""
    x, g = tile.x, tile.g
    real = x.dtype.type
    for c in range(2):
        plane = 2 * c * TILE
        for t in range(TILE):
            re, im = x[u(plane + t)], x[u(plane + TILE + t)]
            gain = real(1) / (math.sqrt(power(re, im)) + real(TINY))
            g[u(plane + t)] = re * gain
            g[u(plane + TILE + t)] = im * gain


@kernel
def _divide_by_total(magnitudes: np.ndarray, f: int, first: int, tile: Tile) -> None:
    """Phasors x / sum_j (v_j + TINY): where all v_j = 0 every source gets the same."""
    x, g, d = tile.x, tile.g, tile.d
    real = x.dtype.type
    zero, limit, tiny = real(0), real(LIMIT), real(TINY)
    n = min(TILE, magnitudes.shape[3] - first)
    for c in range(2):
        plane, side = 2 * c * TILE, min(c, magnitudes.shape[1] - 1)
        for t in range(TILE):
            d[u(t)] = zero
        for j in range(magnitudes.shape[0]):
            for t in range(n):
                v = magnitudes[u(j), u(side), u(f), u(first + t)]
                d[u(t)] += (v if (v >= zero) & (v <= limit) else zero) + tiny
        for t in range(TILE):
            gain = real(1) / d[u(t)]
            g[u(plane + t)] = x[u(plane + t)] * gain
            g[u(plane + TILE + t)] = x[u(plane + TILE + t)] * gain


@kernel
def start(magnitudes: np.ndarray, softmask: bool, f: int, first: int, tile: Tile) -> None:
    """y_j = v_j x / |x|, or v_j x / sum_i v_i by the soft mask; s marks whole samples by 1."""
    x, y, s, g = tile.x, tile.y, tile.s, tile.g
    real = x.dtype.type
    zero, limit = real(0), real(LIMIT)
    last = magnitudes.shape[1] - 1
    n = min(TILE, magnitudes.shape[3] - first)
    if softmask:
        _divide_by_total(magnitudes, f, first, tile)
    else:
        _divide_by_size(tile)
    floor = real(TINY) if softmask else zero
    for j in range(magnitudes.shape[0]):
        for t in range(TILE):
            s[u(j * TILE + t)] = x[u(WHOLE + t)]
        for c in range(2):
            plane, side = (4 * j + 2 * c) * TILE, min(c, last)
            for t in range(n):
                v = magnitudes[u(j), u(side), u(f), u(first + t)]
                is_good = (v >= zero) & (v <= limit)
                v = (v if is_good else zero) + floor
                y[u(plane + t)] = v * g[u(2 * c * TILE + t)]
                y[u(plane + TILE + t)] = v * g[u((2 * c + 1) * TILE + t)]
                s[u(j * TILE + t)] = s[u(j * TILE + t)] if is_good else zero
            for t in range(n, TILE):
                y[u(plane + t)] = zero
                y[u(plane + TILE + t)] = zero


@kernel
def read_estimates(estimates: np.ndarray, f: int, first: int, tile: Tile) -> None:
    """Read a tile of estimates; s marks whole samples by 1."""
    x, y, s = tile.x, tile.y, tile.s
    real = x.dtype.type
    zero, limit = real(0), real(LIMIT)
    n = min(TILE, estimates.shape[3] // 2 - first)
    for j in range(estimates.shape[0]):
        for t in range(TILE):
            s[u(j * TILE + t)] = x[u(WHOLE + t)]
        for c in range(2):
            plane = (4 * j + 2 * c) * TILE
            n_given = n if c < estimates.shape[1] else 0
            for t in range(n_given):
                re = estimates[u(j), u(c), u(f), u(2 * (first + t))]
                im = estimates[u(j), u(c), u(f), u(2 * (first + t) + 1)]
                is_good = (abs(re) <= limit) & (abs(im) <= limit)
                y[u(plane + t)] = re if is_good else zero
                y[u(plane + TILE + t)] = im if is_good else zero
                s[u(j * TILE + t)] = s[u(j * TILE + t)] if is_good else zero
            for t in range(n_given, TILE):
                y[u(plane + t)] = zero
                y[u(plane + TILE + t)] = zero


@kernel
def write(out: np.ndarray, f: int, first: int, tile: Tile) -> None:
    """Write estimates times gains, plus of what is left over every source's share."""
    y, s, d = tile.y, tile.s, tile.d
    n = min(TILE, out.shape[3] // 2 - first)
    for j in range(out.shape[0]):
        for c in range(out.shape[1]):
            plane, gain, left = (4 * j + 2 * c) * TILE, GAIN + c * TILE, LEFT + 2 * c * TILE
            for t in range(n):
                share, g = s[u(j * TILE + t)], d[u(gain + t)]
                re = g * y[u(plane + t)] + share * d[u(left + t)]
                im = g * y[u(plane + TILE + t)] + share * d[u(left + TILE + t)]
                out[u(j), u(c), u(f), u(2 * (first + t))] = re
                out[u(j), u(c), u(f), u(2 * (first + t) + 1)] = im


@kernel
def keep(tile: Tile) -> None:
    """Gains of 1 and nothing left over: estimates are written as they are."""
    d = tile.d
    real = d.dtype.type
    for t in range(2 * TILE):
        d[u(GAIN + t)] = real(1)
    for t in range(4 * TILE):
        d[u(LEFT + t)] = real(0)
