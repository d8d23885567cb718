import numpy as np
import pytest

from streamsep_offline.augment.band import Band, limited
from streamsep_offline.augment.microphone import Microphone

RATE = 44100


def response_db(filtered, hz):
    return 20 * np.log10(np.abs(np.fft.rfft(filtered)[round(hz * filtered.size / RATE)]))


def test_corners_are_where_they_are_said_to_be():
    click = np.zeros((1, RATE), np.float32)
    click[0, 100] = 1.0
    out = limited(click, 100.0, 8000.0, 4, RATE)[0]
    assert response_db(out, 1000) == pytest.approx(0.0, abs=0.1)
    for corner_hz in (100, 8000):
        assert response_db(out, corner_hz) == pytest.approx(-3.0, abs=0.1)
    assert response_db(out, 50) == pytest.approx(-24.1, abs=0.5)
    assert response_db(out, 16000) < -24.0


def test_corners_beyond_the_rate_cut_nothing(example):
    out = limited(example.mixture, 5.0, 60000.0, 4, RATE)
    assert np.array_equal(out, example.mixture)


@pytest.mark.parametrize("piece", [Band(1.0), Microphone(1.0)])
def test_the_same_for_all_parts(piece, example):
    """Linear: filtering the stems and summing is filtering the sum."""
    varied = piece(np.random.default_rng(0), example, RATE)
    alone = example._replace(stems=example.mixture[None])
    whole = piece(np.random.default_rng(0), alone, RATE)
    assert np.abs(whole.mixture - varied.mixture).max() < 1e-5
