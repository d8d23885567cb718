import numpy as np
import pytest
import torch

from streamsep.errors import ParameterError
from streamsep_offline.filters import residual_model, wiener


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("exponent", [1.0, 2.0])
def test_residual_is_what_the_others_leave_over(spectra, exponent, dtype):
    mixture = spectra.complex(2, 9, 30).astype(np.result_type(dtype, np.complex64))
    magnitudes = 0.3 * spectra.magnitudes(3, 2, 9, 30, dtype=dtype)
    before = magnitudes.copy()
    model = residual_model(magnitudes, mixture, exponent)
    assert model.dtype == magnitudes.dtype
    assert np.array_equal(model[:3], magnitudes)
    left = np.abs(mixture) ** exponent - magnitudes.sum(0)
    assert np.allclose(model[3], np.maximum(left, 0.0), atol=1e-6)
    assert (model[3] == 0.0).any()  # spectral subtraction went below zero somewhere
    assert np.array_equal(magnitudes, before)


@pytest.mark.parametrize("level", [1e-8, 1.0, 1e8])
def test_autoscale_finds_the_gain_that_was_lost(spectra, level):
    magnitudes = spectra.magnitudes(3, 2, 9, 30, dtype=np.float32)
    mixture = (level * magnitudes.sum(0)).astype(np.complex64)
    gain = 10.0 ** spectra.rng.uniform(-2.0, 2.0, (2, 9, 1)).astype(np.float32)
    model = residual_model(gain * magnitudes, mixture, autoscale=True)
    assert np.allclose(model[:3], level * magnitudes, rtol=1e-4)
    assert (np.abs(model[3]) <= 1e-4 * np.abs(mixture)).all()


def test_mono_magnitudes_of_a_stereo_mixture(spectra):
    mixture, magnitudes = spectra.complex(2, 9, 30), spectra.magnitudes(3, 1, 9, 30)
    both = np.repeat(magnitudes, 2, 1)
    for autoscale in (False, True):
        model = residual_model(magnitudes, mixture, autoscale=autoscale)
        assert model.shape == (4, 2, 9, 30)
        assert np.array_equal(model, residual_model(both, mixture, autoscale=autoscale))


def test_broken_samples_have_no_residual_and_silence_has_none(spectra):
    mixture, magnitudes = spectra.complex(2, 9, 30), spectra.magnitudes(3, 2, 9, 30)
    mixture[0, 1, 2], magnitudes[1, 1, 5, 6], mixture[:, 7] = np.nan, np.inf, 0.0
    for autoscale in (False, True):
        model = residual_model(magnitudes, mixture, autoscale=autoscale)
        assert np.isfinite(model).all()
        assert model[3, 0, 1, 2] == 0.0
        assert (model[3, :, 7] == 0.0).all()


def test_with_the_residual_as_a_target_the_filter_gives_it_what_is_left(spectra):
    stems = spectra.panned(spectra.rng.standard_normal((3, 2)), 9, 300)
    mixture = stems.sum(0)
    estimates = wiener(residual_model(np.abs(stems[:2]), mixture), mixture)
    assert estimates.shape[0] == 3
    assert np.allclose(estimates.sum(0), mixture)
    error = np.sum(np.abs(estimates[2] - stems[2]) ** 2)
    assert error < 0.5 * np.sum(np.abs(stems[2]) ** 2)


def test_gap_of_norbert(norbert, spectra):
    # Release 0.2.1 scales the targets, then subtracts the unscaled ones.
    magnitudes = spectra.magnitudes(1, 2, 9, 30)
    mixture = 2.0 * magnitudes.sum(0).astype(complex)
    theirs = norbert.residual_model(magnitudes.T, mixture.T).T
    assert np.allclose(theirs[0], 2.0 * magnitudes[0])
    assert np.allclose(theirs[1], magnitudes[0])  # half of the mixture is counted twice
    ours = residual_model(magnitudes, mixture, autoscale=True)
    assert np.allclose(ours[0], 2.0 * magnitudes[0])
    assert np.allclose(ours[1], 0.0)


def test_tensors_give_the_same(spectra):
    mixture, magnitudes = spectra.complex(2, 9, 30), spectra.magnitudes(3, 2, 9, 30)
    for autoscale in (False, True):
        tensor = residual_model(
            torch.from_numpy(magnitudes), torch.from_numpy(mixture), autoscale=autoscale
        )
        assert np.allclose(tensor.numpy(), residual_model(magnitudes, mixture, autoscale=autoscale))


def test_exponent_must_be_positive(spectra):
    with pytest.raises(ParameterError, match="exponent 0"):
        residual_model(spectra.magnitudes(3, 2, 9, 30), spectra.complex(2, 9, 30), 0)
