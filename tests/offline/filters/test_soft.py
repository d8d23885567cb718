import numpy as np
import pytest
import torch

from streamsep.errors import ParameterError
from streamsep_offline.filters import binary_mask, compress_filter, logit_mask, soft_mask


@pytest.mark.parametrize("level", [1e-25, 1e-4, 1.0, 1e15])
@pytest.mark.parametrize("exponent", [0.5, 1.0, 2.0, 8.0])
def test_soft_masks_sum_to_one_and_know_no_level(spectra, level, exponent):
    magnitudes = spectra.magnitudes(4, 2, 9, 30, dtype=np.float32)
    masks = soft_mask(np.float32(level) * magnitudes, exponent)
    assert masks.dtype == np.float32
    assert np.allclose(masks.sum(0), 1.0, atol=1e-6)
    powers = magnitudes.astype(float) ** exponent
    assert np.allclose(masks, powers / powers.sum(0), rtol=1e-4, atol=1e-6)


def test_a_large_exponent_is_nearly_binary(spectra):
    magnitudes = spectra.magnitudes(4, 2, 9, 30)
    largest = np.sort(magnitudes, 0)
    clear = largest[-1] > 1.2 * largest[-2]
    assert clear.any()
    assert np.allclose(soft_mask(magnitudes, 200.0)[:, clear], binary_mask(magnitudes)[:, clear])


@pytest.mark.parametrize("mask", [soft_mask, binary_mask])
def test_masks_of_silence_sum_to_one(mask):
    assert np.allclose(mask(np.zeros((4, 2, 9, 30), np.float32)).sum(0), 1.0)


@pytest.mark.parametrize("bad", [np.nan, np.inf, -1.0])
@pytest.mark.parametrize("mask", [soft_mask, binary_mask])
def test_a_broken_magnitude_counts_as_zero(spectra, mask, bad):
    magnitudes = spectra.magnitudes(4, 2, 9, 30)
    magnitudes[2, 1, 5, 7] = bad
    before = magnitudes.copy()
    masks = mask(magnitudes)
    assert np.array_equal(magnitudes, before, equal_nan=True)
    magnitudes[2, 1, 5, 7] = 0.0
    assert np.array_equal(masks, mask(magnitudes))


def test_of_equals_the_first_takes_it():
    masks = binary_mask(np.array([1.0, 3.0, 3.0, 2.0]).reshape(4, 1, 1, 1))
    assert masks.ravel().tolist() == [0.0, 1.0, 0.0, 0.0]


def test_logit_is_half_at_the_threshold_and_harder_than_the_mask():
    m = np.linspace(0.0, 1.0, 101)
    hard = logit_mask(m, 0.4, 20.0)
    assert hard[40] == pytest.approx(0.5)
    assert (np.diff(hard) > 0.0).all()
    assert hard[0] < 1e-3
    assert hard[100] > 1.0 - 1e-4


def test_logit_is_norberts_where_that_can_be_called(norbert, spectra):
    masks = soft_mask(spectra.magnitudes(4, 2, 9, 30))
    assert np.allclose(logit_mask(masks, 0.4, 15.0), norbert.contrib._logit(masks, 0.4, 15.0))


def test_gaps_of_norbert(norbert, spectra):
    v, x = spectra.magnitudes(9, 30, 2, 4), spectra.complex(9, 30, 2)
    with pytest.raises(TypeError, match="thresh"):
        norbert.softmask(v, x, logit=0.6)
    with pytest.raises(ValueError, match="not inexact"):
        norbert.compress_filter(spectra.complex(9, 30, 2, 2))


@pytest.mark.parametrize("n_channels", [1, 2, 3])
def test_a_compressed_filter_is_a_direction_times_a_harder_mask(spectra, n_channels):
    column = spectra.complex(9, 30, n_channels, 1)
    direction = column @ column.conj().swapaxes(-1, -2)
    direction *= n_channels / np.trace(direction, axis1=-2, axis2=-1)[..., None, None]
    mask = spectra.rng.uniform(0.0, 1.0, (9, 30, 1, 1))
    compressed = compress_filter(mask * direction, 0.5, 12.0)
    assert np.allclose(compressed, logit_mask(mask, 0.5, 12.0) * direction)


def test_a_filter_of_nothing_stays_nothing():
    assert (compress_filter(np.zeros((9, 30, 2, 2), np.complex64)) == 0).all()


def test_tensors_give_the_same(spectra):
    magnitudes, gains = spectra.magnitudes(4, 2, 9, 30), spectra.complex(9, 30, 2, 2)
    tensor = torch.from_numpy(magnitudes)
    for mask in (soft_mask, binary_mask, logit_mask):
        assert np.allclose(mask(tensor).numpy(), mask(magnitudes))
    assert np.allclose(compress_filter(torch.from_numpy(gains)).numpy(), compress_filter(gains))


@pytest.mark.parametrize(
    ("call", "part"),
    [
        (lambda m: soft_mask(m, 0.0), "exponent 0.0"),
        (lambda m: logit_mask(m, threshold=1.5), "threshold 1.5"),
        (lambda m: logit_mask(m, slope=-1.0), "slope -1.0"),
        (lambda m: compress_filter(m, threshold=-0.1), "threshold -0.1"),
    ],
)
def test_parameters_out_of_range_are_refused(call, part):
    with pytest.raises(ParameterError, match=part):
        call(np.ones((2, 2, 2, 2)))
