import numpy as np
import pytest

from streamsep_offline.augment.saturate import Saturate
from streamsep_offline.data.example import Example

RATE = 44100


def harmonics_db(drive):
    tone = 0.1 * np.sin(2 * np.pi * 1000 * np.arange(RATE) / RATE).astype(np.float32)
    example = Example.from_stems(tone[None, None])
    piece = Saturate(1.0, low_drive=drive, high_drive=drive)
    out = piece(np.random.default_rng(0), example, RATE).mixture[0]
    spectrum = np.abs(np.fft.rfft(out))
    return 20 * np.log10(spectrum[3000] / spectrum[1000]), np.square(out).mean()


def test_drive_makes_harmonics_and_power_stays():
    """tanh(drive sin): the third harmonic is drive^2 / 12 of the first while drive is small."""
    soft_db, power = harmonics_db(0.3)
    assert soft_db == pytest.approx(20 * np.log10(0.3**2 / 12), abs=0.7)
    assert power == pytest.approx(0.005, rel=1e-3)
    hard_db, power = harmonics_db(30.0)
    assert hard_db == pytest.approx(20 * np.log10(1 / 3), abs=0.5)  # a square wave
    assert power == pytest.approx(0.005, rel=1e-3)
