"""Equality with norbert and open-unmix where they are right, and the gaps they have where we have none.

They add an absolute number to the covariance of the mixture, norbert sqrt(2.2e-16) or sqrt(1.2e-7) by
precision, open-unmix sqrt(1e-10); ours is relative to the signal. So they are right where the signal's
power is far above: loud input, or an `eps` (their parameter) far below it, which is what is compared.
Tolerances are relative to the largest magnitude of the mixture.
"""

import warnings

import numpy as np
import pytest
import torch

from streamsep_offline.filters import wiener

EPS = 1e-20
TOLERANCE = {np.complex64: 2e-5, np.complex128: 1e-6}


def by_norbert(norbert, magnitudes, mixture, iterations=1, softmask=False, eps=None):
    v, x = (np.array(values.T, order="C") for values in (magnitudes, mixture))
    return norbert.wiener(v, x, iterations, softmask, eps).T


def by_open_unmix(filtering, magnitudes, mixture, iterations=1, softmask=False, eps=1e-10):
    v, x = (torch.from_numpy(np.array(values.T, order="C")) for values in (magnitudes, mixture))
    y = filtering.wiener(v, torch.view_as_real(x), iterations, softmask, eps=eps)
    return torch.view_as_complex(y.permute(4, 2, 1, 0, 3).contiguous()).numpy()


def block(spectra, n_targets, n_channels, dtype, gain=1.0):
    mixture = gain * spectra.complex(n_channels, 20, 60)
    magnitudes = gain * spectra.magnitudes(n_targets, n_channels, 20, 60)
    return magnitudes.astype(np.float32 if dtype is np.complex64 else np.float64), mixture.astype(
        dtype
    )


def difference(a, b, mixture):
    return np.abs(a - b).max() / np.abs(mixture).max()


@pytest.mark.parametrize("dtype", [np.complex64, np.complex128])
@pytest.mark.parametrize("softmask", [False, True])
@pytest.mark.parametrize("iterations", [1, 2, 3])
@pytest.mark.parametrize("n_channels", [1, 2, 3])
@pytest.mark.parametrize("n_targets", [1, 2, 4])
def test_equals_norbert(norbert, spectra, n_targets, n_channels, iterations, softmask, dtype):
    v, x = block(spectra, n_targets, n_channels, dtype)
    theirs = by_norbert(norbert, v, x, iterations, softmask, EPS)
    assert difference(wiener(v, x, iterations, softmask), theirs, x) < TOLERANCE[dtype]


@pytest.mark.parametrize("dtype", [np.complex64, np.complex128])
@pytest.mark.parametrize("softmask", [False, True])
@pytest.mark.parametrize("iterations", [1, 2, 3])
@pytest.mark.parametrize("n_channels", [1, 2])
@pytest.mark.parametrize("n_targets", [1, 2, 4])
def test_equals_open_unmix(open_unmix, spectra, n_targets, n_channels, iterations, softmask, dtype):
    v, x = block(spectra, n_targets, n_channels, dtype)
    theirs = by_open_unmix(open_unmix, v, x, iterations, softmask, EPS)
    assert difference(wiener(v, x, iterations, softmask), theirs, x) < TOLERANCE[dtype]


def test_equals_norbert_as_it_is_installed_where_the_input_is_loud(norbert, spectra):
    v, x = block(spectra, 4, 2, np.complex128, gain=1000.0)
    assert difference(wiener(v, x), by_norbert(norbert, v, x), x) < 1e-6


@pytest.mark.parametrize("n_channels", [1, 2, 3])
def test_starts_are_equal(norbert, spectra, n_channels):
    v, x = block(spectra, 4, n_channels, np.complex128)
    for softmask in (False, True):
        theirs = by_norbert(norbert, v, x, 0, softmask)
        assert difference(wiener(v, x, 0, softmask), theirs, x) < 1e-12


def test_dual_mono_gap_of_open_unmix(open_unmix, spectra):
    # umxse's own case: one magnitude for two channels that are alike. The determinant cancels in float32
    # where the sources are loud: what it adds is too little there, and too much where they are quiet.
    mono = 10.0 * spectra.complex(1, 60, 200, dtype=np.complex64)
    x, v = np.concatenate([mono, mono]), 40.0 * spectra.magnitudes(2, 1, 60, 200, dtype=np.float32)
    theirs = by_open_unmix(open_unmix, np.repeat(v, 2, 1), x)
    assert np.mean(~np.isfinite(theirs)) > 0.01
    ours = wiener(v, x)
    assert np.isfinite(ours).all()
    assert difference(ours.sum(0), x, x) < 1e-6
    # What is right is the filter of one channel, twice.
    one = wiener(v.astype(np.float64), mono.astype(np.complex128))
    assert difference(ours, np.repeat(one, 2, 1), x) < 1e-6


@pytest.mark.parametrize(("level_db", "gap"), [(-60.0, 0.5), (-80.0, 0.9)])
def test_level_gap_of_both(norbert, open_unmix, spectra, level_db, gap):
    gain = 10.0 ** (level_db / 20.0)
    v, x = block(spectra, 4, 2, np.complex64, gain)
    for theirs in (by_norbert(norbert, v, x), by_open_unmix(open_unmix, v, x)):
        assert np.linalg.norm(theirs.sum(0) - x) > gap * np.linalg.norm(x)
    assert difference(wiener(v, x).sum(0), x, x) < 1e-6


def test_mutation_gap_of_norbert(norbert, spectra):
    v, x = block(spectra, 2, 2, np.complex128, gain=30.0)
    theirs = np.array(x.T, order="C")
    norbert.wiener(np.array(v.T, order="C"), theirs)
    assert not np.array_equal(theirs.T, x)
    before = x.copy()
    wiener(v, x)
    assert np.array_equal(x, before)


def test_mutation_gap_of_open_unmix(open_unmix, spectra):
    v, x = block(spectra, 2, 2, np.complex64)
    x[:, 3, 4] = 0.0
    theirs = torch.view_as_real(torch.from_numpy(np.array(x.T, order="C")))
    open_unmix.wiener(torch.from_numpy(np.array(v.T, order="C")), theirs, 0)
    assert (theirs[4, 3, :, 0] == 1.0).all()  # the mixture was silent there
    before = x.copy()
    assert (wiener(v, x, 0)[:, :, 3, 4] == 0).all()
    assert np.array_equal(x, before)


def test_broken_sample_gap_of_both(norbert, open_unmix, spectra):
    v, x = block(spectra, 2, 2, np.complex128)
    x[0, 3, 4] = np.nan
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)
        theirs = by_norbert(norbert, v, x), by_open_unmix(open_unmix, v, x)
    for estimates in theirs:
        assert np.isnan(estimates[:, :, 3]).all()  # all frames of that bin
    assert np.isfinite(wiener(v, x)).all()
