import numpy as np
import pytest

from signals import noise_stems
from streamsep_offline.evaluation.leakage import leakage_db

RATE = 8000


@pytest.fixture
def song():
    """A stem that is silent in its second half, and a mixture."""
    reference, other = noise_stems(2, 4.0)
    reference[:, 2 * RATE :] = 0.0
    return reference, reference + other


@pytest.mark.parametrize("gain_db", [-40.0, -6.0, 0.0])
def test_a_part_of_the_mixture_leaks_by_its_level(song, gain_db):
    reference, mixture = song
    estimate = 10 ** (gain_db / 20) * mixture
    assert leakage_db(reference, estimate, mixture, RATE) == pytest.approx(gain_db, abs=1e-5)


def test_what_is_in_the_estimate_while_the_stem_sounds_does_not_count(song):
    reference, mixture = song
    assert leakage_db(reference, reference, mixture, RATE) == -100.0
    estimate = mixture.copy()
    estimate[:, 2 * RATE :] *= 0.1
    assert leakage_db(reference, estimate, mixture, RATE) == pytest.approx(-20.0, abs=1e-5)


def test_where_the_mixture_is_silent_too_nothing_counts(song):
    reference, mixture = song
    mixture[:, 3 * RATE :] = 0.0
    hum = np.full_like(mixture, 1.0)
    hum[:, : 3 * RATE] = 0.5 * mixture[:, : 3 * RATE]
    assert leakage_db(reference, hum, mixture, RATE) == pytest.approx(-6.02, abs=0.01)


def test_a_stem_that_is_never_silent_has_none(song):
    reference, mixture = song
    assert np.isnan(leakage_db(mixture, reference, mixture, RATE))
    assert np.isnan(leakage_db(reference, reference, 0 * mixture, RATE))
