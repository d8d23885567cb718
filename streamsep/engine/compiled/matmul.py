"""One matrix times several vectors, y_i += W x_i: the products of `matvec` with each weight read once.

A piece of the matrix that fits the nearest caches meets all vectors before the next piece is read,
four vectors at a time: as many sums as there are registers. Each vector's sums are taken in the order
of `matvec`, so a stream gets the same numbers whoever shares the product with it.
"""

from __future__ import annotations

import numpy as np
from numba import types
from numba.extending import overload

from streamsep.engine.compiled.cache import kernel
from streamsep.engine.compiled.matvec import CHUNK, joined_sums, split_into_bytes
from streamsep.engine.compiled.pack import BLOCK_ROWS, WORD_BYTES
from streamsep.engine.compiled.simd import (
    broadcast_float,
    broadcast_word,
    dot_bytes,
    load_bytes_as_floats,
    load_floats,
    load_words,
    multiply_add,
    store_floats,
)

_TILE = 4  # vectors that share the registers
_HALF = BLOCK_ROWS // 2  # rows whose three sums of bytes, times four vectors, fit the registers


def add_products(weights, scales, starts, x, n, work, steps, y):
    """Add W x_i to y_i for the first n rows of x and y. Only for compiled callers.

    Args:
        weights: One packed matrix. [blocks, columns or words, 64]
        scales: Scale of each row; see `matvec.add_product`.
        starts: See there.
        x: Vectors, zeros behind their ends. [>= n, >= padded columns]
        n: Vectors.
        work: Any float32 memory. [>= n, >= 3 padded columns / 4]
        steps: The same. [>= n]
        y: Written. [>= n, >= padded rows]

    Latency: 0. Thread: any. Allocates: no. In place: work, steps, y.
    """
    raise NotImplementedError("add_products is called from compiled code only")


@overload(add_products)
def _add_products(weights, scales, starts, x, n, work, steps, y):
    if weights.dtype == types.int32:

        def implementation(weights, scales, starts, x, n, work, steps, y):
            for i in range(n):
                columns = x[i, : WORD_BYTES * weights.shape[1]]
                steps[i] = split_into_bytes(columns, work[i])
            add_words(weights, scales, starts, n, work, steps, y)

    else:

        def implementation(weights, scales, starts, x, n, work, steps, y):
            add_floats(weights, scales, x, n, y)

    return implementation


def _load(weights, p):
    raise NotImplementedError


@overload(_load)
def _load_any(weights, p):
    if weights.dtype == types.float32:
        return lambda weights, p: load_floats(weights, p)
    return lambda weights, p: load_bytes_as_floats(weights, p)


def _scale(weights, scales, r):
    raise NotImplementedError


@overload(_scale)
def _scale_any(weights, scales, r):
    if weights.dtype == types.float32:
        return lambda weights, scales, r: broadcast_float(np.float32(1.0))
    return lambda weights, scales, r: load_floats(scales, r)


@kernel
def add_floats(weights, scales, x, n, y):
    """Add W x_i to y_i, float32 or widened int8 weights; see `add_products`."""
    w, n_columns, rows = weights.reshape(-1), weights.shape[1], y.shape[1]
    sums = y.reshape(-1)
    for block in range(weights.shape[0]):
        r = BLOCK_ROWS * block
        for start in range(0, n_columns, CHUNK):
            end, p = min(start + CHUNK, n_columns), (block * n_columns + start) * BLOCK_ROWS
            for i in range(0, n - n % _TILE, _TILE):
                _add_four(w, p, scales, r, x, i, start, end, sums, rows)
            for i in range(n - n % _TILE, n):
                _add_one(w, p, scales, r, x, i, start, end, sums, rows)


@kernel
def _add_one(w, p, scales, r, x, i, start, end, y, rows):
    """Columns start to end of one block of rows, for vector i."""
    zero = broadcast_float(np.float32(0.0))
    total = (zero, zero, zero, zero)
    for c in range(start, end):
        total = _multiply(_column(w, p), x[i, c], total)
        p += BLOCK_ROWS
    _store(w, scales, r, total, y, i * rows + r)


@kernel
def _add_four(w, p, scales, r, x, i, start, end, y, rows):
    """The same for vectors i to i + 3."""
    zero = broadcast_float(np.float32(0.0))
    a = b = c = d = (zero, zero, zero, zero)
    for k in range(start, end):
        column = _column(w, p)
        a, b = _multiply(column, x[i, k], a), _multiply(column, x[i + 1, k], b)
        c, d = _multiply(column, x[i + 2, k], c), _multiply(column, x[i + 3, k], d)
        p += BLOCK_ROWS
    _store(w, scales, r, a, y, i * rows + r)
    _store(w, scales, r, b, y, (i + 1) * rows + r)
    _store(w, scales, r, c, y, (i + 2) * rows + r)
    _store(w, scales, r, d, y, (i + 3) * rows + r)


@kernel
def _column(w, p):
    """Weights of 64 rows for one column."""
    return _load(w, p), _load(w, p + 16), _load(w, p + 32), _load(w, p + 48)


@kernel
def _multiply(column, x, total):
    v = broadcast_float(x)
    return (
        multiply_add(column[0], v, total[0]),
        multiply_add(column[1], v, total[1]),
        multiply_add(column[2], v, total[2]),
        multiply_add(column[3], v, total[3]),
    )


@kernel
def _store(w, scales, r, total, y, q):
    """y[q : q + 64] += scales[r : r + 64] total."""
    store_floats(y, q, multiply_add(total[0], _scale(w, scales, r), load_floats(y, q)))
    q, r = q + 16, r + 16
    store_floats(y, q, multiply_add(total[1], _scale(w, scales, r), load_floats(y, q)))
    q, r = q + 16, r + 16
    store_floats(y, q, multiply_add(total[2], _scale(w, scales, r), load_floats(y, q)))
    q, r = q + 16, r + 16
    store_floats(y, q, multiply_add(total[3], _scale(w, scales, r), load_floats(y, q)))


@kernel
def add_words(weights, scales, starts, n, work, steps, y):
    """Add W x_i to y_i, four int8 weights per word times the bytes of x_i; see `add_products`."""
    w, n_words, rows = weights.reshape(-1), weights.shape[1], y.shape[1]
    u, sums = work.view(np.int32), y.reshape(-1)
    for half in range(2 * weights.shape[0]):
        r = _HALF * half
        p = (half // 2) * n_words * BLOCK_ROWS + _HALF * (half % 2)
        for i in range(0, n - n % _TILE, _TILE):
            _dot_four(w, p, n_words, scales, starts, r, u, i, steps, sums, rows)
        for i in range(n - n % _TILE, n):
            _dot_one(w, p, n_words, scales, starts, r, u, i, steps, sums, rows)


@kernel
def _dot_one(w, p, n_words, scales, starts, r, u, i, steps, y, rows):
    """Half a block of rows for vector i."""
    total = _begin(starts, r)
    for q in range(n_words):
        pair = (load_words(w, p), load_words(w, p + 16))
        total = _dot(pair, u, i, q, n_words, total)
        p += BLOCK_ROWS
    _store_bytes(scales, r, total, steps[i], y, i * rows + r)


@kernel
def _dot_four(w, p, n_words, scales, starts, r, u, i, steps, y, rows):
    """The same for vectors i to i + 3."""
    a = b = c = d = _begin(starts, r)
    for q in range(n_words):
        pair = (load_words(w, p), load_words(w, p + 16))
        a = _dot(pair, u, i, q, n_words, a)
        b = _dot(pair, u, i + 1, q, n_words, b)
        c = _dot(pair, u, i + 2, q, n_words, c)
        d = _dot(pair, u, i + 3, q, n_words, d)
        p += BLOCK_ROWS
    _store_bytes(scales, r, a, steps[i], y, i * rows + r)
    _store_bytes(scales, r, b, steps[i + 1], y, (i + 1) * rows + r)
    _store_bytes(scales, r, c, steps[i + 2], y, (i + 2) * rows + r)
    _store_bytes(scales, r, d, steps[i + 3], y, (i + 3) * rows + r)


@kernel
def _begin(starts, r):
    """Sums over the low, the middle and the top bytes of 32 rows."""
    zero = broadcast_word(np.int32(0))
    return (zero, zero, zero, zero, load_words(starts, r), load_words(starts, r + 16))


@kernel
def _dot(pair, u, i, q, n_words, total):
    low, mid = broadcast_word(u[i, q]), broadcast_word(u[i, q + n_words])
    high = broadcast_word(u[i, q + 2 * n_words])
    return (
        dot_bytes(total[0], low, pair[0]),
        dot_bytes(total[1], low, pair[1]),
        dot_bytes(total[2], mid, pair[0]),
        dot_bytes(total[3], mid, pair[1]),
        dot_bytes(total[4], high, pair[0]),
        dot_bytes(total[5], high, pair[1]),
    )


@kernel
def _store_bytes(scales, r, total, step, y, q):
    """y[q : q + 32] += scales[r : r + 32] step total."""
    for_first = joined_sums(total[0], total[2], total[4], step)
    for_second = joined_sums(total[1], total[3], total[5], step)
    store_floats(y, q, multiply_add(load_floats(scales, r), for_first, load_floats(y, q)))
    q, r = q + 16, r + 16
    store_floats(y, q, multiply_add(load_floats(scales, r), for_second, load_floats(y, q)))
