import numpy as np
import pytest
import torch

from streamsep.errors import ParameterError
from streamsep_offline.filters import reduce_interferences, smooth


@pytest.mark.parametrize("width", [0.5, 1.0, 3.0, 40.0])
@pytest.mark.parametrize("temporal", [False, True])
def test_a_constant_stays_and_the_mean_stays(spectra, width, temporal):
    assert np.allclose(smooth(np.full((2, 1, 9, 30), 3.0), width, temporal), 3.0)
    magnitudes = spectra.magnitudes(2, 1, 9, 30)
    smoothed = smooth(magnitudes, width, temporal)
    assert np.allclose(smoothed.mean(-1).mean(-1), magnitudes.mean((-1, -2)))
    assert smoothed.std() < magnitudes.std()


def test_an_impulse_becomes_a_gaussian():
    magnitudes = np.zeros((1, 1, 61, 81))
    magnitudes[0, 0, 30, 40] = 1.0
    smoothed = smooth(magnitudes, 2.5)[0, 0]
    bins, frames = np.mgrid[-30:31, -40:41]
    expected = np.exp(-(bins**2 + frames**2) / (2 * 2.5**2)) / (2 * np.pi * 2.5**2)
    assert np.allclose(smoothed, expected, atol=1e-5)


def test_targets_and_channels_are_never_mixed(spectra):
    magnitudes = spectra.magnitudes(3, 2, 9, 30)
    alone = smooth(magnitudes[1:2, :1], 2.0)
    assert np.array_equal(smooth(magnitudes, 2.0)[1:2, :1], alone)


@pytest.mark.parametrize("width", [1.0, 2.0, 7.3])
def test_equals_scipy(spectra, width):
    ndimage = pytest.importorskip("scipy.ndimage", reason="scipy is not installed")
    magnitudes = spectra.magnitudes(2, 1, 9, 30)
    options = {"sigma": width, "radius": int(np.ceil(4 * width))}
    assert np.allclose(
        smooth(magnitudes, width), ndimage.gaussian_filter(magnitudes, axes=(-2, -1), **options)
    )


def test_over_time_equals_norbert_and_over_all_norbert_mixes_targets(norbert, spectra):
    magnitudes = spectra.magnitudes(2, 1, 9, 30)
    theirs = norbert.smooth(magnitudes.T, 2, temporal=True).T
    assert np.allclose(smooth(magnitudes, 2.0, temporal=True), theirs)
    magnitudes[0] = 0.0
    assert norbert.smooth(magnitudes.T, 2).T[0].max() > 0.1  # of a silent target
    assert (smooth(magnitudes, 2.0)[0] == 0.0).all()


def test_the_weaker_target_gives_way_and_the_stronger_one_stays():
    magnitudes = np.ones((2, 1, 60, 80))
    magnitudes[0, :, :, :40] = 0.1
    magnitudes[1, :, :, 40:] = 0.1
    reduced = reduce_interferences(magnitudes, width=3.0)
    assert (reduced <= magnitudes).all()
    assert reduced[0, :, :, :20].max() < 0.001
    assert reduced[0, :, :, 60:].min() > 0.95


def test_threshold_and_slope_have_an_effect(norbert, spectra):
    magnitudes = spectra.magnitudes(2, 1, 9, 30)
    by_default = reduce_interferences(magnitudes)
    assert (reduce_interferences(magnitudes, threshold=0.9) < by_default).all()
    assert not np.allclose(reduce_interferences(magnitudes, slope=3.0), by_default)
    theirs = norbert.contrib.reduce_interferences
    assert np.array_equal(theirs(magnitudes.T, 0.9, 3.0), theirs(magnitudes.T))


def test_silence_and_broken_samples_stay_finite(spectra):
    magnitudes = spectra.magnitudes(2, 1, 9, 30)
    magnitudes[0, 0, 1, 2], magnitudes[1, 0, 3, 4] = np.nan, -1.0
    before = magnitudes.copy()
    for result in (smooth(magnitudes), reduce_interferences(magnitudes)):
        assert np.isfinite(result).all()
    assert np.array_equal(magnitudes, before, equal_nan=True)
    assert (reduce_interferences(np.zeros((2, 1, 9, 30))) == 0.0).all()


def test_level_does_not_matter(spectra):
    magnitudes = spectra.magnitudes(2, 1, 9, 30, dtype=np.float32)
    quiet = reduce_interferences(np.float32(1e-6) * magnitudes)
    assert np.allclose(1e6 * quiet, reduce_interferences(magnitudes), rtol=1e-4)


def test_tensors_give_the_same(spectra):
    magnitudes = spectra.magnitudes(2, 1, 9, 30)
    tensor = torch.from_numpy(magnitudes)
    assert np.allclose(smooth(tensor, 2.0).numpy(), smooth(magnitudes, 2.0))
    assert np.allclose(reduce_interferences(tensor).numpy(), reduce_interferences(magnitudes))


def test_a_negative_width_is_refused():
    with pytest.raises(ParameterError, match="width -1"):
        smooth(np.ones((2, 1, 9, 30)), -1.0)


def test_width_zero_changes_nothing(spectra):
    magnitudes = spectra.magnitudes(2, 1, 9, 30)
    assert np.array_equal(smooth(magnitudes, 0.0), magnitudes)
