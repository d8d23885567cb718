"""Planes, which run on a GPU and for surround sound, against compiled bins; here on the processor."""

import numpy as np
import pytest
import torch

from streamsep_offline.filters import planes, wiener
from streamsep_offline.filters.refine import Start, measure, refine
from streamsep_offline.filters.solve import factorise, solve

TOLERANCE = {np.complex64: 1e-5, np.complex128: 1e-12}


@pytest.fixture(params=["numpy", "torch"])
def face(request):
    return (lambda values: values) if request.param == "numpy" else torch.from_numpy


def by_planes(face, magnitudes, mixture, iterations, softmask, outer=None):
    mixture = face(mixture)
    estimates, whole = planes.start(face(magnitudes), planes.repaired(mixture), softmask)
    return np.asarray(planes.refine(estimates, whole, mixture, outer, iterations))


@pytest.mark.parametrize("dtype", [np.complex64, np.complex128])
@pytest.mark.parametrize("n_channels", [1, 2])
@pytest.mark.parametrize("softmask", [False, True])
def test_planes_and_bins_are_the_same(spectra, face, n_channels, softmask, dtype):
    mixture = spectra.complex(n_channels, 9, 300, dtype=dtype)
    magnitudes = spectra.magnitudes(5, n_channels, 9, 300, dtype=mixture.real.dtype.type)
    mixture[0, 1, 2] = np.nan
    mixture[:, 3] = 0.0
    magnitudes[2, 0, 5, 6] = np.inf
    magnitudes[:, :, 7] = 0.0
    for iterations in (0, 1, 2):
        ours = wiener(magnitudes, mixture, iterations, softmask)
        other = by_planes(face, magnitudes, mixture, iterations, softmask)
        assert other.dtype == dtype
        assert np.allclose(other, ours, rtol=0.0, atol=TOLERANCE[dtype])


@pytest.mark.parametrize("n_channels", [1, 2])
def test_given_statistics_are_used_alike(spectra, face, n_channels):
    mixture = spectra.complex(n_channels, 9, 300)
    magnitudes = spectra.magnitudes(3, n_channels, 9, 300)
    outer = measure(Start(magnitudes), mixture)
    some = slice(20, 60)
    ours = refine(Start(magnitudes[..., some]), mixture[..., some], outer, 2)
    other = by_planes(
        face, magnitudes[..., some].copy(), mixture[..., some].copy(), 2, False, outer
    )
    assert np.allclose(other, ours)
    assert (
        not np.allclose(ours, wiener(magnitudes[..., some], mixture[..., some], 2))
        or n_channels == 1
    )


def test_two_channels_with_the_general_solution_are_the_same(spectra, monkeypatch):
    mixture, magnitudes = spectra.complex(2, 9, 300), spectra.magnitudes(4, 2, 9, 300)
    monkeypatch.setattr(planes, "_filter_two", planes._filter_many)
    other = by_planes(lambda values: values, magnitudes, mixture, 2, False)
    assert np.allclose(other, wiener(magnitudes, mixture, 2))


def test_bins_may_be_cut(spectra, monkeypatch):
    mixture, magnitudes = spectra.complex(4, 9, 50), spectra.magnitudes(3, 4, 9, 50)
    whole = wiener(magnitudes, mixture), measure(Start(magnitudes), mixture)
    monkeypatch.setattr("streamsep_offline.filters.refine._PLANE_NUMBERS", 1)
    assert np.array_equal(wiener(magnitudes, mixture), whole[0])
    assert np.array_equal(measure(Start(magnitudes), mixture), whole[1])


@pytest.mark.skipif(not torch.cuda.is_available(), reason="no CUDA device here")
@pytest.mark.parametrize("n_channels", [1, 2, 3])
def test_a_gpu_gives_the_same(spectra, n_channels):
    mixture = spectra.complex(n_channels, 9, 300, dtype=np.complex64)
    magnitudes = spectra.magnitudes(4, n_channels, 9, 300, dtype=np.float32)
    tensors = torch.from_numpy(magnitudes).cuda(), torch.from_numpy(mixture).cuda()
    estimates = wiener(*tensors, iterations=2)
    assert estimates.is_cuda
    assert np.allclose(estimates.cpu().numpy(), wiener(magnitudes, mixture, 2), atol=1e-5)


def test_a_hermitian_system_is_solved(spectra):
    root = spectra.complex(7, 5, 5)
    matrix = root @ root.conj().swapaxes(-1, -2)
    right = spectra.complex(7, 5)
    rows = [[matrix[:, i, k] for k in range(i + 1)] for i in range(5)]
    solution = np.stack(solve(*factorise(rows), list(right.T)), -1)
    assert np.allclose((matrix @ solution[..., None])[..., 0], right)
