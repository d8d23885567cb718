import numpy as np
import pytest

from streamsep.engine.compiled.activations import exp, sigmoid, tanh
from streamsep.engine.compiled.cache import kernel
from streamsep.engine.compiled.matvec import add_float32, add_int8, add_words, split_into_bytes
from streamsep.engine.compiled.pack import (
    pack_float32,
    pack_int8,
    padded_columns,
    padded_rows,
)
from streamsep.engine.compiled.simd import HAS_BYTE_DOT

SHAPES = [(1, 1), (10, 7), (64, 64), (65, 66), (130, 2974)]


def problem(shape, seed=0):
    """Matrix, padded vector, padded start of the result."""
    rng = np.random.default_rng(seed)
    matrix = rng.standard_normal(shape).astype(np.float32)
    x = np.zeros(padded_columns(shape[1]), np.float32)
    x[: shape[1]] = rng.standard_normal(shape[1])
    y = np.zeros(padded_rows(shape[0]), np.float32)
    y[: shape[0]] = rng.standard_normal(shape[0])
    return matrix, x, y


def exact(matrix, x, y):
    rows, columns = matrix.shape
    return y[:rows] + matrix.astype(np.float64) @ x[:columns]


def dequantised(packed, shape):
    """The matrix that packed bytes stand for."""
    rows = packed.weights.swapaxes(-1, -2).reshape(padded_rows(shape[0]), -1)
    return (rows * packed.scales[:, None].astype(np.float64))[: shape[0], : shape[1]]


@pytest.mark.parametrize("shape", SHAPES, ids=str)
def test_float32_product(shape):
    matrix, x, y = problem(shape)
    expected = exact(matrix, x, y)
    add_float32(pack_float32(matrix).weights, x, y)
    assert np.abs(y[: shape[0]] - expected).max() <= 3e-6 * np.sqrt(shape[1])
    assert not y[shape[0] :].any()


@pytest.mark.parametrize("shape", SHAPES, ids=str)
def test_int8_product_widened(shape):
    matrix, x, y = problem(shape)
    packed = pack_int8(matrix, words=False)
    expected = exact(dequantised(packed, shape), x, y)
    add_int8(packed.weights, packed.scales, x, y)
    assert np.abs(y[: shape[0]] - expected).max() <= 1e-5 * np.sqrt(shape[1])
    assert not y[shape[0] :].any()


@pytest.mark.skipif(not HAS_BYTE_DOT, reason="needs a processor that multiplies bytes")
@pytest.mark.parametrize("shape", SHAPES, ids=str)
def test_int8_product_by_bytes(shape):
    matrix, x, y = problem(shape)
    expected = exact(dequantised(pack_int8(matrix, words=False), shape), x, y)
    packed = pack_int8(matrix, words=True)
    work = np.zeros_like(x)
    step = split_into_bytes(x, work)
    add_words(packed.weights, packed.scales, packed.starts, work, step, y)
    assert np.abs(y[: shape[0]] - expected).max() <= 3e-6 * np.sqrt(shape[1])
    assert not y[shape[0] :].any()


def joined(work, n_columns):
    """The vector that the three bytes stand for, in steps."""
    words = work.view(np.int32)[: 3 * n_columns // 4].reshape(3, n_columns // 4)
    parts = words.view(np.uint8).reshape(3, n_columns // 4, 4).transpose(0, 2, 1).reshape(3, -1)
    low, mid, high = parts.astype(np.int64)
    return low + 256 * mid + 65536 * (high - 128)


def test_bytes_hold_the_vector_to_24_bits_at_every_scale():
    rng = np.random.default_rng(3)
    for _ in range(2000):
        x = (rng.standard_normal(32) * 10.0 ** rng.uniform(-30, 30)).astype(np.float32)
        work = np.zeros_like(x)
        step = float(split_into_bytes(x, work))
        peak = float(np.abs(x).max())
        assert np.abs(step * joined(work, 32) - x).max() <= 2.0**-22 * peak


def test_bytes_of_silence_are_zero():
    x, work = np.zeros(16, np.float32), np.ones(16, np.float32)
    assert np.isfinite(split_into_bytes(x, work))
    assert not joined(work, 16).any()


def test_int8_rows_keep_their_sums_and_each_weight_to_a_step():
    matrix, _, _ = problem((70, 501))
    packed = pack_int8(matrix, words=False)
    error = (dequantised(packed, matrix.shape) - matrix) / packed.scales[:70, None]
    assert np.abs(error).max() < 1.0
    assert np.sqrt(np.mean(error**2)) < 0.31  # rounding to nearest alone gives 0.289
    assert np.abs(error.sum(1)).max() <= 0.51  # and sums of 501 such errors of about 6.5


def test_rows_of_zeros_stay_zero():
    packed = pack_int8(np.zeros((3, 5), np.float32))
    assert not packed.weights.any()
    assert np.isfinite(packed.scales).all()


def test_weights_start_at_cache_lines():
    for packed in (
        pack_float32(np.ones((3, 5), np.float32)),
        pack_int8(np.ones((3, 5), np.float32)),
    ):
        assert packed.weights.ctypes.data % 64 == 0


@kernel
def _evaluate(x, exponential, logistic, tangent):
    for i in range(x.shape[0]):
        exponential[i], logistic[i], tangent[i] = exp(x[i]), sigmoid(x[i]), tanh(x[i])


def test_activations_are_as_exact_as_promised():
    x = np.concatenate([np.linspace(-86, 86, 200_001), np.linspace(-1, 1, 20_001)]).astype(
        np.float32
    )
    exponential, logistic, tangent = (np.empty_like(x) for _ in range(3))
    _evaluate(x, exponential, logistic, tangent)
    exact_x = x.astype(np.float64)
    assert np.abs(exponential / np.exp(exact_x) - 1.0).max() <= 3e-7
    assert np.abs(logistic - 1.0 / (1.0 + np.exp(-exact_x))).max() <= 2e-7
    assert np.abs(tangent - np.tanh(exact_x)).max() <= 2e-7


def test_activations_saturate_where_exp_would_overflow():
    x = np.array([-np.inf, -1e30, -1000.0, 1000.0, 1e30, np.inf], np.float32)
    exponential, logistic, tangent = (np.empty_like(x) for _ in range(3))
    _evaluate(x, exponential, logistic, tangent)
    assert np.isfinite(exponential).all()
    assert logistic == pytest.approx([0, 0, 0, 1, 1, 1], abs=1e-6)
    assert tangent == pytest.approx([-1, -1, -1, 1, 1, 1], abs=1e-6)
