"""What becomes of a mixture on its way to an ear."""

import numpy as np
import pytest

from streamsep_offline.maker import heard

SAMPLE_RATE = 44100


@pytest.fixture
def clicks(rng):
    """Bursts of noise with silence before, at which a place in time shows."""
    x = np.zeros((2, 3 * SAMPLE_RATE), np.float32)
    for start in (30000, 60000, 100000):
        x[:, start : start + 3000] = 0.3 * rng.standard_normal((2, 3000))
    return x


@pytest.mark.parametrize("seed", range(8))
def test_it_stays_in_place_and_in_range(clicks, seed):
    before = clicks.copy()
    audio, how = heard.as_heard(clicks, np.random.default_rng(seed))
    assert how
    assert audio.shape == clicks.shape
    assert audio.dtype == np.float32
    assert np.abs(audio).max() <= 0.971
    np.testing.assert_array_equal(clicks, before)
    n_fft = 1 << 18
    a, b = (np.fft.rfft(x.mean(axis=0), n_fft) for x in (clicks, audio))
    lag = int(np.argmax(np.fft.irfft(np.conj(a) * b)))
    assert min(lag, n_fft - lag) <= 8
    again, _ = heard.as_heard(clicks, np.random.default_rng(seed))
    np.testing.assert_array_equal(audio, again)


def test_every_way_is_taken(clicks):
    words = " ".join(heard.as_heard(clicks, np.random.default_rng(k))[1] for k in range(24))
    for word in ("vorbis", "microphone", *(["mp3"] if heard.has_mp3() else [])):
        assert word in words
