import numpy as np
import pytest

from streamsep.song.room import PRE_DELAY_S, reverberate, room_response


def _response(sample_rate):
    return room_response(sample_rate, np.random.default_rng(0))


def test_the_room_dies_away_within_about_a_second_and_starts_late():
    response = _response(44100)
    assert not np.any(response[:, : round(0.99 * PRE_DELAY_S * 44100)])
    energy = np.cumsum(np.sum(response[:, ::-1] ** 2, axis=0))[::-1]  # Schroeder's integral
    decay_db = 10 * np.log10(energy / energy[0] + 1e-12)
    at_5, at_25 = (np.argmax(decay_db < level) / 44100 for level in (-5, -25))
    assert 0.4 < 3 * (at_25 - at_5) < 1.3


def test_left_and_right_are_not_alike():
    left, right = _response(44100)
    assert abs(np.sum(left * right)) < 0.3 * np.sqrt(np.sum(left**2) * np.sum(right**2))


def test_the_room_is_the_same_at_every_rate():
    low, high = (np.abs(np.fft.rfft(_response(rate), rate))[:, 200:8000] for rate in (44100, 48000))
    difference_db = 10 * np.log10(np.mean(low**2) / np.mean(high**2))
    assert abs(difference_db) < 0.3


@pytest.mark.parametrize("n_samples", [1, 1000, 200_001])
def test_the_answer_is_the_convolution_however_long_the_track(n_samples):
    response = np.random.default_rng(1).standard_normal((2, 40)).astype(np.float32)
    audio = np.random.default_rng(2).standard_normal((2, n_samples)).astype(np.float32)
    before = audio.copy()
    wet = reverberate(audio, response)
    mono = audio.mean(axis=0)
    direct = np.stack([np.convolve(mono, r)[:n_samples] for r in response])
    assert wet.shape == audio.shape
    assert np.max(np.abs(wet - direct)) < 1e-4
    assert np.array_equal(audio, before)
