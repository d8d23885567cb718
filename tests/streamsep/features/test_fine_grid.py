import numpy as np
import pytest

from streamsep.features.fine_grid import N_FINE, fine_grid, points_heard
from streamsep.spec import PROFILES, STEM_SETS, Profile, StreamSpec

STEP_HZ = 44100 / 2048


def _spec(profile="stage", sample_rate=44100):
    return StreamSpec(PROFILES[profile], sample_rate, 2, STEM_SETS["4stems"])


def test_at_the_rate_of_training_points_are_bins():
    grid = fine_grid(_spec())
    np.testing.assert_array_equal(grid.reading(), np.eye(N_FINE, 1025))
    np.testing.assert_array_equal(grid.shares(), np.eye(N_FINE, 1025))


@pytest.mark.parametrize("sample_rate", [44100, 48000])
@pytest.mark.parametrize("profile", PROFILES)
def test_what_is_heard_and_said_lies_at_its_frequency(profile, sample_rate):
    spec = _spec(profile, sample_rate)
    grid, bin_hz = fine_grid(spec), sample_rate / spec.profile.n_fft
    hz = bin_hz * np.arange(spec.profile.n_bins)
    # A line over frequency is read, and said, without a bend.
    np.testing.assert_allclose(grid.reading() @ hz, STEP_HZ * np.arange(N_FINE), atol=0.01)
    said = (STEP_HZ * np.arange(N_FINE)) @ grid.shares()
    reached = hz <= STEP_HZ * (N_FINE - 1)
    assert len(grid.low_point) == np.count_nonzero(reached)
    np.testing.assert_allclose(said[reached], hz[reached], atol=0.01)
    assert not said[~reached].any()


def test_without_points_nothing_is_heard_or_said():
    grid = fine_grid(_spec(), 0)
    assert grid.reading().shape == grid.shares().shape == (0, 1025)
    assert len(grid.low_point) == len(grid.low_bin) == 0
    assert [points_heard(n) for n in (320, 320 + 3 * N_FINE)] == [0, N_FINE]


def test_a_short_window_has_fewer_bins_than_points():
    spec = StreamSpec(Profile("small", 256, 128, 64), 44100, 2, STEM_SETS["4stems"])
    grid = fine_grid(spec)
    assert grid.low_bin.max() + 1 < spec.profile.n_bins
    np.testing.assert_allclose(grid.reading().sum(axis=1), 1.0, atol=1e-6)
