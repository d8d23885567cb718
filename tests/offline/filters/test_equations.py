"""The equations on numbers, on planes of numpy and torch, and compiled: always the same."""

import numba
import numpy as np
import pytest
import torch

from streamsep_offline.filters.equations import (
    LOADING,
    adjugate_product,
    filtered,
    power,
    spatial_covariance,
)


def matrix(numbers):
    """[..., 2, 2] of left, right, re, im."""
    left, right, re, im = (np.asarray(n) for n in numbers)
    return np.moveaxis(np.array([[left, re + 1j * im], [re - 1j * im, right]]), (0, 1), (-2, -1))


def covariances(spectra, count):
    """Moments of a few frames each. [4, count]"""
    y = spectra.complex(2, count, 3)
    cross = (y[0] * y[1].conj()).sum(-1)
    left, right = (np.abs(y) ** 2).sum(-1)
    return np.array([left, right, cross.real, cross.imag])


def test_covariance_has_trace_two_whatever_the_level(spectra):
    moments = covariances(spectra, 50)
    r = matrix(spatial_covariance(*moments))
    assert np.allclose(np.trace(r, axis1=-2, axis2=-1), 2.0 + 2.0 * LOADING)
    assert np.allclose(matrix(spatial_covariance(*(1e-30 * moments))), r)
    weight = 0.5 * (moments[0] + moments[1])
    assert np.allclose(r, matrix(moments / weight) + LOADING * np.eye(2))


def test_covariance_of_silence_is_the_identity():
    assert np.allclose(matrix(spatial_covariance(0.0, 0.0, 0.0, 0.0)), (1.0 + LOADING) * np.eye(2))


@pytest.mark.parametrize("excess", [0.0, 1e-7, 1e-3])
def test_rounding_never_makes_a_determinant_negative(excess):
    # Of one direction, the cross term made larger than Cauchy and Schwarz allow.
    left, right = 3.0, 0.7
    cross = (1.0 + excess) * np.sqrt(left * right) * np.exp(0.4j)
    r = matrix(spatial_covariance(left, right, cross.real, cross.imag))
    assert (np.linalg.eigvalsh(r) > 0.5 * LOADING).all()
    assert np.angle(r[0, 1]) == pytest.approx(0.4)


def test_products_are_those_of_matrices(spectra):
    r = spatial_covariance(*covariances(spectra, 50))
    for j in range(50):
        a, b = ([n[k] for n in r] for k in (j, (j + 1) % 50))
        g = np.array(adjugate_product(*a, *b)).reshape(2, 2, 2)
        adjugate = np.linalg.det(matrix(b)) * np.linalg.inv(matrix(b))
        assert np.allclose(g[..., 0] + 1j * g[..., 1], matrix(a) @ adjugate)


def test_products_of_both_orders_add_to_a_positive_multiple_of_the_identity(spectra):
    r = spatial_covariance(*covariances(spectra, 50))
    a, b = ([n[:, None] for n in r], [n[None] for n in r])
    total = np.array(adjugate_product(*a, *b)) + np.array(adjugate_product(*b, *a))
    assert np.allclose(total[0], total[6])
    assert (total[0] > LOADING).all()
    assert np.allclose(total[1:6], 0.0)
    assert np.allclose(total[7], 0.0)


def test_filtered_is_a_matrix_times_a_vector(spectra):
    g, x = spectra.complex(50, 2, 2), spectra.complex(50, 2)
    numbers = [
        part
        for row in (g[:, 0, 0], g[:, 0, 1], g[:, 1, 0], g[:, 1, 1])
        for part in (row.real, row.imag)
    ]
    y = filtered(*numbers, x[:, 0].real, x[:, 0].imag, x[:, 1].real, x[:, 1].imag)
    expected = (g @ x[..., None])[..., 0]
    assert np.allclose(np.array(y[0]) + 1j * y[1], expected[:, 0])
    assert np.allclose(np.array(y[2]) + 1j * y[3], expected[:, 1])


@numba.njit
def compiled(numbers, out):
    for k in range(numbers.shape[1]):
        a = numbers[:, k]
        r = spatial_covariance(a[0], a[1], a[2], a[3])
        g = adjugate_product(r[0], r[1], r[2], r[3], a[1], a[0], a[3], a[2])
        y = filtered(g[0], g[1], g[2], g[3], g[4], g[5], g[6], g[7], a[0], a[1], a[2], a[3])
        out[k] = power(y[0], y[1]) + power(y[2], y[3])


def test_numbers_planes_tensors_and_compiled_loops_agree(spectra):
    moments = covariances(spectra, 50)
    moments[:, 7] = 0.0

    def by(a):
        r = spatial_covariance(*a)
        y = filtered(*adjugate_product(*r, a[1], a[0], a[3], a[2]), *a)
        return power(y[0], y[1]) + power(y[2], y[3])

    loops = np.empty(50)
    compiled(moments, loops)
    assert np.allclose(loops, by(moments))
    assert np.allclose(by(torch.from_numpy(moments)).numpy(), by(moments))
    assert np.allclose([by(column) for column in moments.T], by(moments))
