import numpy as np
import pytest

from streamsep_offline.augment.compress import Compress
from streamsep_offline.data.example import Example

RATE = 44100
HARD = Compress(1.0, low_threshold_db=-20, high_threshold_db=-20, low_ratio=10, high_ratio=10)


def rms_db(x):
    return 10 * np.log10(np.square(x, dtype=np.float64).mean())


def test_loud_and_soft_come_together_and_the_power_stays(stems):
    stems = np.concatenate([0.1 * stems, stems], axis=-1)
    example = Example.from_stems(stems)
    pressed = HARD(np.random.default_rng(0), example, RATE)
    assert rms_db(pressed.mixture) == pytest.approx(rms_db(example.mixture), abs=0.01)
    n = stems.shape[-1] // 2
    before = rms_db(example.mixture[:, n:]) - rms_db(example.mixture[:, :n])
    after = rms_db(pressed.mixture[:, n:]) - rms_db(pressed.mixture[:, :n])
    assert before == pytest.approx(20.0, abs=0.01)
    assert after < 12.0


def test_all_stems_get_the_same_gain(example):
    pressed = HARD(np.random.default_rng(0), example, RATE)
    loud = np.abs(example.stems).min(axis=0) > 1e-3
    gains = pressed.stems[:, loud] / example.stems[:, loud]
    assert np.ptp(gains, axis=0).max() < 1e-4
    assert np.ptp(gains) > 0.05
