import numpy as np
import pytest
import torch

from streamsep.errors import ParameterError, ShapeError
from streamsep_offline.filters import expectation_maximization, gaussian, wiener

CHANNELS = [1, 2, 3, 6]


@pytest.fixture(params=CHANNELS)
def estimates(request, spectra):
    return spectra.complex(3, request.param, 9, 50)


def test_power_is_the_mean_over_channels(estimates):
    psd = gaussian.power_spectral_density(estimates)
    assert np.allclose(psd, (np.abs(estimates) ** 2).mean(1))


def test_covariance_is_hermitian_of_trace_channels_and_scale_free(estimates):
    n_channels = estimates.shape[1]
    covariances = gaussian.spatial_covariance(estimates)
    assert covariances.shape == (3, 9, n_channels, n_channels)
    assert np.allclose(covariances, covariances.conj().swapaxes(-1, -2))
    assert np.allclose(np.trace(covariances, axis1=-2, axis2=-1), n_channels)
    assert (np.linalg.eigvalsh(covariances) > -1e-12).all()
    assert np.allclose(gaussian.spatial_covariance(1e-9 * estimates), covariances)
    by_hand = np.einsum("jaft,jbft->jfab", estimates, estimates.conj())
    by_hand /= (np.abs(estimates) ** 2).mean(1).sum(-1)[..., None, None]
    assert np.allclose(covariances, by_hand)


def test_a_silent_source_has_no_covariance(estimates):
    estimates[1] = 0.0
    assert (gaussian.spatial_covariance(estimates)[1] == 0.0).all()


def test_broken_samples_are_left_out_of_the_model(spectra):
    clean = spectra.complex(2, 2, 9, 50)
    spoilt = clean.copy()
    spoilt[0, 0, :, 7] = np.nan
    without = np.delete(clean, 7, -1)
    covariances = gaussian.spatial_covariance(spoilt)
    assert np.allclose(covariances[0], gaussian.spatial_covariance(without)[0])


def test_mixture_covariance_is_the_sum_of_the_sources(estimates):
    psd, covariances = gaussian.local_gaussian_model(estimates)
    total = gaussian.mix_covariance(psd, covariances)
    assert np.allclose(total, np.einsum("jft,jfab->ftab", psd, covariances))


def test_gain_is_the_textbook_formula(estimates):
    psd, covariances = gaussian.local_gaussian_model(estimates)
    gains = gaussian.wiener_gain(psd, covariances)
    inverse = np.linalg.inv(gaussian.mix_covariance(psd, covariances))
    textbook = psd[..., None, None] * (covariances[:, :, None] @ inverse)
    assert np.allclose(gains, textbook, atol=1e-6)
    assert np.allclose(gains.sum(0), np.eye(estimates.shape[1]))


def test_one_iteration_is_model_gain_and_filter(estimates):
    mixture = estimates.sum(0) + 0.1
    gains = gaussian.wiener_gain(*gaussian.local_gaussian_model(estimates))
    by_parts = gaussian.apply_filter(gains, mixture)
    assert np.allclose(by_parts, expectation_maximization(estimates, mixture, 1))


@pytest.mark.parametrize("n_channels", CHANNELS)
def test_iterations_may_be_done_one_by_one(spectra, n_channels):
    mixture, magnitudes = (
        spectra.complex(n_channels, 9, 50),
        spectra.magnitudes(3, n_channels, 9, 50),
    )
    estimates = wiener(magnitudes, mixture, 0)
    for i in (1, 2, 3):
        estimates = expectation_maximization(estimates, mixture, 1)
        assert np.allclose(estimates, wiener(magnitudes, mixture, i))


def test_arguments_are_not_modified(estimates):
    mixture = 100.0 * estimates.sum(0)
    before = estimates.copy(), mixture.copy()
    psd, covariances = gaussian.local_gaussian_model(estimates)
    model = psd.copy(), covariances.copy()
    gaussian.mix_covariance(psd, covariances)
    gaussian.apply_filter(gaussian.wiener_gain(psd, covariances), mixture)
    assert np.array_equal(expectation_maximization(estimates, mixture, 0), estimates)
    expectation_maximization(estimates, mixture)
    for now, then in zip((estimates, mixture, psd, covariances), before + model, strict=True):
        assert np.array_equal(now, then)


def test_tensors_give_the_same(estimates):
    mixture = estimates.sum(0)
    tensor = torch.from_numpy(estimates)
    psd, covariances = gaussian.local_gaussian_model(tensor)
    gains = gaussian.wiener_gain(psd, covariances)
    filtered = gaussian.apply_filter(gains, torch.from_numpy(mixture))
    assert np.allclose(filtered.numpy(), expectation_maximization(estimates, mixture, 1))
    total = gaussian.mix_covariance(psd, covariances).numpy()
    model = gaussian.local_gaussian_model(estimates)
    assert np.allclose(total, gaussian.mix_covariance(*model))


def test_wrong_shapes_are_refused(spectra):
    mixture = spectra.complex(2, 9, 50)
    with pytest.raises(ShapeError, match=r"\[targets, 2, 9, 50\]"):
        expectation_maximization(spectra.complex(3, 1, 9, 50), mixture)
    with pytest.raises(ShapeError, match="complex128"):
        expectation_maximization(spectra.complex(3, 2, 9, 50, dtype=np.complex64), mixture)
    with pytest.raises(ParameterError, match="-2 iterations"):
        expectation_maximization(spectra.complex(3, 2, 9, 50), mixture, -2)
    with pytest.raises(ShapeError, match="same estimates"):
        gaussian.wiener_gain(np.ones((3, 9, 5)), np.ones((2, 9, 2, 2), complex))
