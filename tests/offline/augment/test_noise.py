import numpy as np
import pytest

from streamsep_offline.augment.clip import Clip
from streamsep_offline.augment.noise import Noise

RATE = 44100


def added(piece, example):
    return piece(np.random.default_rng(0), example, RATE).mixture - example.mixture


@pytest.mark.parametrize("hum", [0.0, 1.0])
def test_ratio_of_mixture_to_noise(example, hum):
    noise = added(Noise(1.0, low_snr_db=20, high_snr_db=20, hum=hum), example)
    ratio = np.square(example.mixture).mean() / np.square(noise).mean()
    assert 10 * np.log10(ratio) == pytest.approx(20.0, abs=0.01)


@pytest.mark.parametrize("tilt", [0.0, 2.0])
def test_the_spectrum_falls_by_its_tilt(example, tilt):
    piece = Noise(1.0, low_snr_db=0, high_snr_db=0, low_tilt=tilt, high_tilt=tilt, hum=0.0)
    power = np.square(np.abs(np.fft.rfft(added(piece, example)[0])))
    low, high = (power[round(f * 0.45) : round(f * 0.55)].mean() for f in (500, 5000))
    assert np.log10(low / high) == pytest.approx(tilt, abs=0.15)


def test_clipping_cuts_the_peaks_by_so_many_db(example):
    cut = Clip(1.0, low_db=6.0, high_db=6.0)(np.random.default_rng(0), example, RATE).mixture
    peak = np.abs(example.mixture).max()
    assert np.abs(cut).max() == pytest.approx(peak * 10 ** (-6 / 20), rel=1e-5)
    inside = np.abs(example.mixture) < 0.5 * peak
    assert np.array_equal(cut[inside], example.mixture[inside])
