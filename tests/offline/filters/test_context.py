import numpy as np
import pytest
import torch

from streamsep.errors import ParameterError, ShapeError
from streamsep_offline.filters import SpatialStatistics, expectation_maximization, wiener

BLOCKS = [slice(0, 70), slice(70, 71), slice(71, 300)]


@pytest.fixture(params=[1, 2, 3])
def song(request, spectra):
    n_channels = request.param
    return spectra.magnitudes(3, n_channels, 9, 300), spectra.complex(n_channels, 9, 300)


@pytest.mark.parametrize("softmask", [False, True])
def test_two_passes_over_blocks_are_the_whole_song_at_once(song, softmask):
    magnitudes, mixture = song
    statistics = SpatialStatistics()
    for block in BLOCKS:
        statistics.add(magnitudes[..., block], mixture[..., block], softmask)
    blocks = [wiener(magnitudes[..., b], mixture[..., b], 1, softmask, statistics) for b in BLOCKS]
    assert np.allclose(np.concatenate(blocks, -1), wiener(magnitudes, mixture, 1, softmask))


def test_a_third_pass_is_the_second_iteration(song):
    magnitudes, mixture = song
    first, second = SpatialStatistics(), SpatialStatistics()
    for block in BLOCKS:
        first.add(magnitudes[..., block], mixture[..., block])
    once = [wiener(magnitudes[..., b], mixture[..., b], 1, statistics=first) for b in BLOCKS]
    for block, estimates in zip(BLOCKS, once, strict=True):
        second.add_estimates(estimates, mixture[..., block])
    twice = [
        expectation_maximization(estimates, mixture[..., block], 1, second)
        for block, estimates in zip(BLOCKS, once, strict=True)
    ]
    assert np.allclose(np.concatenate(twice, -1), wiener(magnitudes, mixture, 2))


def test_blocks_alone_are_something_else(spectra):
    magnitudes, mixture = spectra.magnitudes(3, 2, 9, 300), spectra.complex(2, 9, 300)
    alone = np.concatenate([wiener(magnitudes[..., b], mixture[..., b]) for b in BLOCKS], -1)
    assert not np.allclose(alone, wiener(magnitudes, mixture), atol=0.01)


def test_a_source_that_was_silent_so_far_may_sound(song):
    magnitudes, mixture = song
    statistics = SpatialStatistics()
    silent = magnitudes[..., :100].copy()
    silent[1] = 0.0
    statistics.add(silent, mixture[..., :100])
    late = slice(100, 300)
    estimates = wiener(magnitudes[..., late], mixture[..., late], 1, statistics=statistics)
    assert np.allclose(estimates.sum(0), mixture[..., late])
    loudness = np.mean(np.abs(estimates) ** 2, (1, 2, 3))
    assert loudness[1] > 0.3 * loudness.max()


def test_tensors_count_like_arrays(song):
    magnitudes, mixture = song
    arrays, tensors = SpatialStatistics(), SpatialStatistics()
    arrays.add(magnitudes, mixture)
    tensors.add(torch.from_numpy(magnitudes), torch.from_numpy(mixture))
    shape = 3, *mixture.shape[:2]
    assert np.array_equal(arrays.outer_products(*shape), tensors.outer_products(*shape))


def test_broken_samples_are_left_out(song):
    magnitudes, mixture = song
    clean, spoilt = SpatialStatistics(), SpatialStatistics()
    clean.add(np.delete(magnitudes, 8, -1), np.delete(mixture, 8, -1))
    mixture[..., 8] = np.nan
    spoilt.add(magnitudes, mixture)
    shape = 3, *mixture.shape[:2]
    assert np.allclose(clean.outer_products(*shape), spoilt.outer_products(*shape))


def test_what_does_not_fit_is_refused(spectra):
    statistics = SpatialStatistics()
    magnitudes, mixture = spectra.magnitudes(3, 2, 9, 30), spectra.complex(2, 9, 30)
    with pytest.raises(ParameterError, match="without any frame"):
        wiener(magnitudes, mixture, statistics=statistics)
    statistics.add(magnitudes, mixture)
    with pytest.raises(ShapeError, match=r"\(2, 9, 2\) after others of \(3, 9, 2\)"):
        statistics.add(magnitudes[:2], mixture)
    with pytest.raises(ShapeError, match="do not fit"):
        wiener(magnitudes[:, :1], mixture[:1], statistics=statistics)
