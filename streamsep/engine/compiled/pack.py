"""Weight matrices in the order in which a matrix-vector product reads them: one sequential stream.

A product at batch 1 reads every weight once, so its speed is that of memory. Rows are grouped into
blocks of 64, one register lane per row; within a block the weights of all 64 rows for one column
lie side by side. The product then keeps one running sum per lane, needs no sum across lanes, and
walks through memory from the first byte to the last. Rows are padded to whole blocks, columns to
multiples of 4, both with zeros.

Three layouts, told apart by their dtype:
    float32 [blocks, columns, 64]
    int8    [blocks, columns, 64], value = scale of its row times the byte
    int32   [blocks, columns / 4, 64], four such bytes in a word, for processors that multiply
    bytes:
            byte b of word q holds column q + b columns / 4.

int8 weights have one scale per row, max |w| / 127, and are rounded so that each row keeps its sum.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from streamsep.engine.compiled.simd import HAS_BYTE_DOT

BLOCK_ROWS = 64
"""Rows that a product computes at once: four registers of 16 lanes."""

WORD_BYTES = 4
"""Columns are padded to multiples of this in every layout, so that vectors have one length."""

_ALIGNMENT_BYTES = 64


class Packed(NamedTuple):
    """Matrices of one shape in reading order; leading axes select one.

    Attributes:
        weights: float32, int8 or int32, see the module. [..., blocks, columns or words, 64]
        scales: Scale of each row, float32; no elements for float32 weights. [..., padded rows]
        starts: -128 times the sum of each row's bytes, int32; see `matvec`; no elements for float32
            weights. [..., padded rows]
    """

    weights: np.ndarray
    scales: np.ndarray
    starts: np.ndarray


def padded_columns(n_columns: int) -> int:
    """Length of the vector that a packed matrix is multiplied with; zeros behind its end."""
    return -(-n_columns // WORD_BYTES) * WORD_BYTES


def padded_rows(n_rows: int) -> int:
    """Length of the vector that a product writes to."""
    return -(-n_rows // BLOCK_ROWS) * BLOCK_ROWS


def pack_float32(matrices: np.ndarray) -> Packed:
    """Pack matrices [..., rows, columns] as they are."""
    blocks = _blocks(matrices.astype(np.float32, copy=False))
    none = np.zeros((*matrices.shape[:-2], 0))
    return Packed(_aligned(blocks), none.astype(np.float32), none.astype(np.int32))


def pack_int8(matrices: np.ndarray, words: bool = HAS_BYTE_DOT) -> Packed:
    """Quantise matrices [..., rows, columns] to int8, one scale per row, and pack them.

    Args:
        matrices: Weights, finite.
        words: Pack for processors that multiply bytes; False is for all others.
    """
    peak = np.abs(matrices).max(-1)
    scales = (peak / 127.0).astype(np.float32)
    divisors = np.where(scales > 0.0, scales, np.float32(1.0))
    quantised = _round_keeping_sums(matrices / divisors[..., None]).astype(np.int8)
    weights = _blocks(quantised)
    if words:
        weights = _words(weights)
    starts = -128 * quantised.sum(-1, dtype=np.int32)
    return Packed(_aligned(weights), _pad_rows(scales), _pad_rows(starts))


def _round_keeping_sums(values: np.ndarray) -> np.ndarray:
    """Integers whose rows add up to what the rows of `values` add up to, to the nearest integer.

    Rounding errors of a row that add up would answer to what all inputs have in common (loudness, the
    mean of rectified units). So as many values as it takes, those nearest to the middle between two
    integers, are rounded the other way. values: [..., rows, columns]
    """
    rounded = np.rint(values)
    left = values - rounded
    missing = np.rint(left.sum(-1, keepdims=True))
    direction = np.sign(missing)
    left *= direction
    count = np.abs(missing).astype(np.intp)
    order = np.sort(left, axis=-1)
    nearest = np.take_along_axis(order, left.shape[-1] - np.maximum(count, 1), axis=-1)
    return np.clip(rounded + direction * (left >= nearest), -127.0, 127.0)


def _pad_rows(vectors: np.ndarray) -> np.ndarray:
    rows = vectors.shape[-1]
    padded = np.zeros((*vectors.shape[:-1], padded_rows(rows)), vectors.dtype)
    padded[..., :rows] = vectors
    return padded


def _blocks(matrices: np.ndarray) -> np.ndarray:
    """[..., rows, columns] -> [..., blocks, padded columns, 64]."""
    *leading, rows, columns = matrices.shape
    shape = (*leading, padded_rows(rows), padded_columns(columns))
    padded = np.zeros(shape, matrices.dtype)
    padded[..., :rows, :columns] = matrices
    split = padded.reshape(*leading, shape[-2] // BLOCK_ROWS, BLOCK_ROWS, shape[-1])
    return split.swapaxes(-1, -2)


def _words(blocks: np.ndarray) -> np.ndarray:
    """int8 [..., blocks, columns, 64] -> int32 [..., blocks, columns / 4, 64]."""
    *leading, columns, rows = blocks.shape
    quarters = blocks.reshape(*leading, WORD_BYTES, columns // WORD_BYTES, rows)
    together = np.ascontiguousarray(np.moveaxis(quarters, -3, -1))
    return together.view("<i4")[..., 0].astype(np.int32, copy=False)


def _aligned(array: np.ndarray) -> np.ndarray:
    """A contiguous copy that starts at a cache line, so that no vector straddles two."""
    raw = np.empty(array.nbytes + _ALIGNMENT_BYTES, np.uint8)
    skip = -raw.ctypes.data % _ALIGNMENT_BYTES
    copy = raw[skip : skip + array.nbytes].view(array.dtype).reshape(array.shape)
    copy[...] = array
    return copy
