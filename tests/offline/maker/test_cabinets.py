"""Cabinets: what a guitar loudspeaker passes, and what the microphone's place does."""

import itertools

import numpy as np
import pytest

from streamsep_offline.maker.cabinets import random_cabinet, random_response, response
from streamsep_offline.maker.space import convolved

SAMPLE_RATE = 44100


def level_db(impulse, low_hz, high_hz):
    spectrum = np.abs(np.fft.rfft(impulse, 1 << 15)) ** 2
    hz = np.fft.rfftfreq(1 << 15, 1 / SAMPLE_RATE)
    return 10 * np.log10(spectrum[(hz >= low_hz) & (hz < high_hz)].mean())


def test_speakers_end_at_five_kilohertz_and_have_no_sub_bass(rng):
    for _ in range(20):
        impulse = random_response(random_cabinet(rng), rng)
        middle = level_db(impulse, 400.0, 3500.0)
        assert level_db(impulse, 8500.0, 15000.0) < middle - 18.0
        assert level_db(impulse, 5.0, 35.0) < middle - 6.0
        assert np.sum(impulse**2) == pytest.approx(1.0, rel=1e-4)


def test_nothing_comes_before_the_sound_and_energy_comes_early(rng):
    impulse = response(random_cabinet(rng), 0.3, 0.0, 0.004)
    assert np.square(impulse[:200]).sum() > 0.85
    x = np.zeros(5000, np.float32)
    x[1000] = 1.0
    y = convolved(x, impulse)
    assert np.abs(y[:1000]).max() < 1e-6
    assert len(y) == len(x)


def test_beside_the_middle_of_the_cone_is_duller(rng):
    cabinet = random_cabinet(rng)

    def treble(off_axis):
        impulse = response(cabinet, off_axis, 0.0, 0.004)
        return level_db(impulse, 2500.0, 4500.0) - level_db(impulse, 300.0, 900.0)

    assert treble(1.0) < treble(0.5) < treble(0.0) - 0.5


def test_cabinets_differ(rng):
    spectra = [
        20 * np.log10(np.abs(np.fft.rfft(random_response(random_cabinet(rng), rng), 2048))[20:200])
        for _ in range(6)
    ]
    for a, b in itertools.pairwise(spectra):
        assert np.std(a - b) > 1.0
