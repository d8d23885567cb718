import numpy as np
import pytest

from streamsep.errors import ParameterError
from streamsep_offline.augment.codec import Codec
from streamsep_offline.data.example import Example

RATE = 44100


def knocks(n, channels):
    rng = np.random.default_rng(0)
    t = np.arange(n) / RATE
    x = rng.standard_normal((1, channels, n)) * np.exp(-30 * (t % 0.2))
    return Example.from_stems((0.1 * x + 0.05 * np.sin(2 * np.pi * 440 * t)).astype(np.float32))


@pytest.mark.parametrize("codec", ["mp3", "vorbis", "aac"])
@pytest.mark.parametrize("kbps", [48, 128, 320])
@pytest.mark.parametrize("channels", [1, 2])
def test_what_comes_back_is_in_its_place_and_better_with_more_bits(codec, kbps, channels):
    example = knocks(30011, channels)
    piece = Codec(1.0, codecs=(codec,), low_kbps=kbps, high_kbps=kbps)
    heard = piece(np.random.default_rng(0), example, RATE)
    x, y = example.mixture[0].astype(np.float64), heard.mixture[0].astype(np.float64)
    lags = np.fft.irfft(np.fft.rfft(x, 2**17).conj() * np.fft.rfft(y, 2**17))
    assert int(np.argmax(lags)) == 0
    assert np.corrcoef(x, y)[0, 1] > (0.95 if kbps == 320 else 0.6)
    assert np.square(y).mean() == pytest.approx(np.square(x).mean(), rel=0.5)
    assert np.array_equal(heard.stems, example.stems)


@pytest.mark.parametrize("gain", [1e-4, 1.0, 30.0])
def test_level_is_no_matter(gain):
    """A whisper is not lost, and what is beyond full scale is not clipped."""
    example = knocks(20000, 2)
    piece = Codec(1.0, codecs=("vorbis",))
    plain = piece(np.random.default_rng(0), example, RATE).mixture
    scaled = Example(*(array * np.float32(gain) for array in example))
    heard = piece(np.random.default_rng(0), scaled, RATE).mixture
    assert np.abs(heard / gain - plain).max() < 0.02 * np.abs(plain).max()


def test_a_rate_that_a_codec_does_not_hold_is_named():
    with pytest.raises(ParameterError, match="mp3 does not hold 96000 Hz"):
        Codec(1.0, codecs=("mp3",))(np.random.default_rng(0), knocks(2000, 2), 96000)
