"""Matrix times vector at the speed of memory: y += W x for the three layouts of `pack`.

float32 and int8 weights multiply float32 activations directly. Where the processor multiplies
bytes, widening each weight to float32 would cost more than reading it, so the *activations* are
written as 24-bit integers instead, relative to the largest of their vector, and split into three
bytes,

    x = step (u0 + 256 u1 + 65536 (u2 - 128)),   u in 0 to 255,   step = max |x| / (2^23 - 8),

and each weight meets all three at full speed; the 128 is taken off by starting the third sum at
-128 times the sum of the row's weights. The sums are exact integers (66,000 columns fit before an
int32 overflows); what is rounded is x, to 2^-24 of the vector's largest value, as float32 rounds
that value. So this is int8 weights with float32 activations, reordered.
"""

from __future__ import annotations

import numpy as np
from numba import types
from numba.extending import overload

from streamsep.engine.compiled.cache import kernel
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
    to_floats,
)

_LIMIT = np.float32(2**23 - 8)  # room for the rounding of x / step, which must not reach 2^23
CHUNK = 256
"""Columns per running float32 sum; one sum over thousands would round four times as much."""


def add_product(weights, scales, starts, x, work, y):
    """Add W x to y; the weights' dtype says how, at compile time. Only for compiled callers.

    Args:
        weights: One packed matrix. [blocks, columns or words, 64]
        scales: Scale of each row. [padded rows], or none for float32
        starts: Where each row's sum over the top bytes starts. [padded rows], or none for float32
        x: Vector, float32, zeros behind its end. [padded columns]
        work: Any float32 memory. [>= 3 padded columns / 4]
        y: Vector, float32, written. [padded rows]

    Latency: 0. Thread: any. Allocates: no. In place: work, y.
    """
    raise NotImplementedError("add_product is called from compiled code only")


@overload(add_product)
def _add_product(weights, scales, starts, x, work, y):
    if weights.dtype == types.float32:

        def implementation(weights, scales, starts, x, work, y):
            add_float32(weights, x, y)

    elif weights.dtype == types.int8:

        def implementation(weights, scales, starts, x, work, y):
            add_int8(weights, scales, x, y)

    else:

        def implementation(weights, scales, starts, x, work, y):
            step = split_into_bytes(x, work)
            add_words(weights, scales, starts, work, step, y)

    return implementation


@kernel
def add_float32(weights, x, y):
    """Add W x to y, float32 weights; see `add_product`."""
    w, p, n_columns = weights.reshape(-1), 0, weights.shape[1]
    zero, one = broadcast_float(np.float32(0.0)), broadcast_float(np.float32(1.0))
    for block in range(weights.shape[0]):
        r = BLOCK_ROWS * block
        for start in range(0, n_columns, CHUNK):
            s0, s1, s2, s3 = zero, zero, zero, zero
            for c in range(start, min(start + CHUNK, n_columns)):
                v = broadcast_float(x[c])
                s0 = multiply_add(load_floats(w, p), v, s0)
                s1 = multiply_add(load_floats(w, p + 16), v, s1)
                s2 = multiply_add(load_floats(w, p + 32), v, s2)
                s3 = multiply_add(load_floats(w, p + 48), v, s3)
                p += BLOCK_ROWS
            store_floats(y, r, multiply_add(s0, one, load_floats(y, r)))
            store_floats(y, r + 16, multiply_add(s1, one, load_floats(y, r + 16)))
            store_floats(y, r + 32, multiply_add(s2, one, load_floats(y, r + 32)))
            store_floats(y, r + 48, multiply_add(s3, one, load_floats(y, r + 48)))


@kernel
def add_int8(weights, scales, x, y):
    """Add W x to y, int8 weights widened to float32 one register at a time; see `add_product`."""
    w, p = weights.reshape(-1), 0
    zero = broadcast_float(np.float32(0.0))
    for block in range(weights.shape[0]):
        s0, s1, s2, s3 = zero, zero, zero, zero
        for c in range(weights.shape[1]):
            v = broadcast_float(x[c])
            s0 = multiply_add(load_bytes_as_floats(w, p), v, s0)
            s1 = multiply_add(load_bytes_as_floats(w, p + 16), v, s1)
            s2 = multiply_add(load_bytes_as_floats(w, p + 32), v, s2)
            s3 = multiply_add(load_bytes_as_floats(w, p + 48), v, s3)
            p += BLOCK_ROWS
        r = BLOCK_ROWS * block
        add_scaled(s0, scales, y, r)
        add_scaled(s1, scales, y, r + 16)
        add_scaled(s2, scales, y, r + 32)
        add_scaled(s3, scales, y, r + 48)


@kernel
def add_scaled(total, scales, y, r):
    """Y[r : r + 16] += scales[r : r + 16] total."""
    store_floats(y, r, multiply_add(load_floats(scales, r), total, load_floats(y, r)))


@kernel
def split_into_bytes(x, work):
    """Write x as the three bytes of the module's equation, and return the step.

    The words of `work` are u0, then u1, then u2 of all columns; byte b of word q is column
    q + b columns / 4, as in the weights.
    """
    peak = np.float32(0.0)
    for c in range(x.shape[0]):
        peak = max(peak, abs(x[c]))
    step = max(peak / _LIMIT, np.float32(1e-38))  # of digital silence any step will do
    inverse = _LIMIT / max(peak, _LIMIT * np.float32(1e-38))
    words, n_words = work.view(np.int32), x.shape[0] // WORD_BYTES
    for q in range(n_words):
        a = np.int32(np.rint(x[q] * inverse))
        b = np.int32(np.rint(x[q + n_words] * inverse))
        c = np.int32(np.rint(x[q + 2 * n_words] * inverse))
        d = np.int32(np.rint(x[q + 3 * n_words] * inverse))
        words[q] = _join(a, b, c, d)
        words[q + n_words] = _join(a >> 8, b >> 8, c >> 8, d >> 8)
        words[q + 2 * n_words] = _join(
            (a >> 16) + 128, (b >> 16) + 128, (c >> 16) + 128, (d >> 16) + 128
        )
    return step


@kernel
def _join(a, b, c, d):
    """Lowest bytes of four integers in one word, a lowest."""
    low = np.int32(255)
    word = np.int32(a) & low
    word |= (np.int32(b) & low) << np.int32(8)
    word |= (np.int32(c) & low) << np.int32(16)
    return word | (np.int32(d) & low) << np.int32(24)


@kernel
def add_words(weights, scales, starts, work, step, y):
    """Add W x to y, four int8 weights per word times the bytes of x; see `add_product`."""
    w, p, u, n_words = weights.reshape(-1), 0, work.view(np.int32), weights.shape[1]
    zero = broadcast_word(np.int32(0))
    for block in range(weights.shape[0]):
        l0, l1, l2, l3 = zero, zero, zero, zero
        m0, m1, m2, m3 = zero, zero, zero, zero
        r = BLOCK_ROWS * block
        h0, h1 = load_words(starts, r), load_words(starts, r + 16)
        h2, h3 = load_words(starts, r + 32), load_words(starts, r + 48)
        for q in range(n_words):
            low, mid = broadcast_word(u[q]), broadcast_word(u[q + n_words])
            high = broadcast_word(u[q + 2 * n_words])
            w0, w1 = load_words(w, p), load_words(w, p + 16)
            w2, w3 = load_words(w, p + 32), load_words(w, p + 48)
            l0, m0, h0 = dot_bytes(l0, low, w0), dot_bytes(m0, mid, w0), dot_bytes(h0, high, w0)
            l1, m1, h1 = dot_bytes(l1, low, w1), dot_bytes(m1, mid, w1), dot_bytes(h1, high, w1)
            l2, m2, h2 = dot_bytes(l2, low, w2), dot_bytes(m2, mid, w2), dot_bytes(h2, high, w2)
            l3, m3, h3 = dot_bytes(l3, low, w3), dot_bytes(m3, mid, w3), dot_bytes(h3, high, w3)
            p += BLOCK_ROWS
        add_scaled(joined_sums(l0, m0, h0, step), scales, y, r)
        add_scaled(joined_sums(l1, m1, h1, step), scales, y, r + 16)
        add_scaled(joined_sums(l2, m2, h2, step), scales, y, r + 32)
        add_scaled(joined_sums(l3, m3, h3, step), scales, y, r + 48)


@kernel
def joined_sums(low, mid, high, step):
    """Step (low + 256 mid + 65536 high): the three sums of bytes as one float32."""
    total = multiply_add(to_floats(mid), broadcast_float(np.float32(256.0)), to_floats(low))
    total = multiply_add(to_floats(high), broadcast_float(np.float32(65536.0)), total)
    return multiply_add(total, broadcast_float(step), broadcast_float(np.float32(0.0)))
