"""Amplifier: harmonics, working point, sag, bounds."""

import numpy as np
import pytest

from streamsep_offline.maker.amplifier import Amplifier, amplify, random_amplifier
from streamsep_offline.maker.dynamics import active_rms

SAMPLE_RATE = 44100


def tone(hz, duration_s=1.0, level=1.0):
    n = round(duration_s * SAMPLE_RATE)
    return (level * np.sin(2 * np.pi * hz * np.arange(n) / SAMPLE_RATE)).astype(np.float32)


def harmonics_db(x, hz, n_harmonics=9):
    """Levels of the harmonics against the first."""
    x = x[SAMPLE_RATE // 2 :]
    spectrum = np.abs(np.fft.rfft(x * np.hanning(len(x)))) ** 2
    width = SAMPLE_RATE / len(x)
    power = [
        spectrum[round(k * hz / width) - 3 : round(k * hz / width) + 4].sum()
        for k in range(1, n_harmonics + 1)
    ]
    return 10 * np.log10(np.array(power) / power[0] + 1e-20)


def test_gain_makes_harmonics():
    def total(gain):
        y = amplify(tone(220.0), Amplifier(gain, bias=0.2, power_drive=0.3))
        return 10 * np.log10(np.sum(10 ** (harmonics_db(y, 220.0)[1:] / 10)))

    clean, crunch, heavy = (total(gain) for gain in (0.2, 3.0, 40.0))
    assert clean < -18.0
    assert clean + 6.0 < crunch < heavy
    assert heavy > -10.0


def test_working_point_decides_even_harmonics():
    middle = harmonics_db(amplify(tone(220.0), Amplifier(8.0, n_stages=1, bias=0.0)), 220.0)
    aside = harmonics_db(amplify(tone(220.0), Amplifier(8.0, n_stages=1, bias=0.5)), 220.0)
    assert middle[[1, 3, 5]].max() < -60.0
    assert aside[1] > -35.0
    assert middle[2] > -15.0


def test_hardly_aliases():
    hz = 3137.0  # its harmonics above the Nyquist frequency fold back between the others
    y = amplify(tone(hz), Amplifier(20.0, n_stages=2, bias=0.3))[SAMPLE_RATE // 2 :]
    power = np.abs(np.fft.rfft(y * np.hanning(len(y)))) ** 2
    bins = np.arange(len(power)) * SAMPLE_RATE / len(y)
    is_partial = np.abs(bins / hz - np.round(bins / hz)) * hz < 12
    heard = (bins > 100.0) & (bins < 6000.0)
    folded = power[heard & ~is_partial].sum() / power[heard].sum()
    assert 10 * np.log10(folded) < -38.0


def test_sag_lets_the_attack_through():
    x = np.concatenate([np.zeros(SAMPLE_RATE // 2, np.float32), tone(220.0)])
    soft = amplify(x, Amplifier(4.0, sag=1.5, power_drive=0.6))
    stiff = amplify(x, Amplifier(4.0, sag=0.0, power_drive=0.6))

    def attack_db(y):
        early = np.square(y[22050 + 100 : 22050 + 400]).mean()
        late = np.square(y[22050 + 20000 : 22050 + 30000]).mean()
        return 10 * np.log10(early / late)

    assert attack_db(soft) > attack_db(stiff) + 0.7


@pytest.mark.parametrize("level", [1e-4, 1.0, 100.0])
def test_output_is_level_and_without_offset(level, rng):
    for gain in (0.3, 5.0, 60.0):
        x = tone(110.0, 2.0, level) + tone(164.8, 2.0, level)
        y = amplify(x, random_amplifier(rng, gain))
        assert active_rms(y) == pytest.approx(1.0, rel=0.02)
        assert np.abs(y).max() < 6.0
        assert abs(y.mean()) < 0.01
    assert not amplify(np.zeros(SAMPLE_RATE, np.float32), random_amplifier(rng, 60.0)).any()
