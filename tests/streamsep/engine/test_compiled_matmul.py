"""One reading of a matrix gives each vector what a reading of its own would have given."""

import numpy as np
import pytest

from streamsep.engine.compiled import matmul, matvec
from streamsep.engine.compiled.pack import pack_float32, pack_int8, padded_columns, padded_rows
from streamsep.engine.compiled.simd import HAS_BYTE_DOT

SHAPES = [(1, 1), (65, 66), (130, 600)]


def problem(shape, n):
    rng = np.random.default_rng(n)
    matrix = rng.standard_normal(shape).astype(np.float32)
    x = np.zeros((n, padded_columns(shape[1]) + 4), np.float32)
    x[:, : shape[1]] = rng.standard_normal((n, shape[1])) * 10.0 ** rng.integers(-3, 3, (n, 1))
    y = np.zeros((n, padded_rows(shape[0])), np.float32)
    y[:, : shape[0]] = rng.standard_normal((n, shape[0]))
    return matrix, x, y


@pytest.mark.parametrize("n", [1, 4, 7])
@pytest.mark.parametrize("shape", SHAPES, ids=str)
def test_floats_give_the_same_bits(shape, n):
    matrix, x, y = problem(shape, n)
    packed, expected = pack_float32(matrix), y.copy()
    for i in range(n):
        matvec.add_float32(packed.weights, x[i], expected[i])
    matmul.add_floats(packed.weights, packed.scales, x, n, y)
    assert np.array_equal(y, expected)


@pytest.mark.parametrize("n", [1, 4, 7])
@pytest.mark.parametrize("shape", SHAPES, ids=str)
def test_widened_bytes_give_nearly_the_same(shape, n):
    matrix, x, y = problem(shape, n)
    packed, expected = pack_int8(matrix, words=False), y.copy()
    for i in range(n):
        matvec.add_int8(packed.weights, packed.scales, x[i], expected[i])
    matmul.add_floats(packed.weights, packed.scales, x, n, y)
    assert np.abs(y - expected).max() <= 1e-6 * np.abs(expected).max()


@pytest.mark.skipif(not HAS_BYTE_DOT, reason="needs a processor that multiplies bytes")
@pytest.mark.parametrize("n", [1, 4, 7])
@pytest.mark.parametrize("shape", SHAPES, ids=str)
def test_bytes_give_the_same_bits(shape, n):
    matrix, x, y = problem(shape, n)
    packed, expected = pack_int8(matrix, words=True), y.copy()
    n_columns = padded_columns(shape[1])
    work, steps = np.zeros((n, n_columns), np.float32), np.zeros(n, np.float32)
    for i in range(n):
        steps[i] = matvec.split_into_bytes(x[i, :n_columns], work[i])
        matvec.add_words(
            packed.weights, packed.scales, packed.starts, work[i], steps[i], expected[i]
        )
    matmul.add_words(packed.weights, packed.scales, packed.starts, n, work, steps, y)
    assert np.array_equal(y, expected)


def test_only_the_vectors_asked_for_are_touched():
    matrix, x, y = problem((65, 66), 6)
    before = y.copy()
    packed = pack_float32(matrix)
    matmul.add_floats(packed.weights, packed.scales, x, 5, y)
    assert np.array_equal(y[5], before[5])
    assert (y[:5, :65] != before[:5, :65]).all()
