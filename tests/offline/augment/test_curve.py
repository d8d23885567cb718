import numpy as np
import pytest

from streamsep_offline.augment.curve import POINTS_HZ, filtered, random_curve
from streamsep_offline.augment.equalise import Equalise

RATE = 44100


def test_gains_have_their_deviation_at_the_points():
    rng = np.random.default_rng(0)
    curves = [random_curve(rng, 3.0, np.array(POINTS_HZ)) for _ in range(500)]
    assert np.std(20 * np.log10(curves), axis=0) == pytest.approx(3.0, abs=0.4)


def test_a_filtered_click_has_the_curve_as_its_spectrum_and_stays_in_place():
    click = np.zeros(RATE, np.float32)
    click[RATE // 2] = 1.0
    out = filtered(click, np.random.default_rng(4), 6.0, RATE)
    wanted = random_curve(np.random.default_rng(4), 6.0, np.fft.rfftfreq(RATE, 1 / RATE))
    assert np.abs(np.fft.rfft(out)) == pytest.approx(wanted, rel=0.02)
    np.testing.assert_allclose(
        out[RATE // 2 - 99 : RATE // 2], out[RATE // 2 + 99 : RATE // 2 : -1], atol=1e-5
    )


def test_deviation_0_changes_nothing(example):
    out = Equalise(1.0, deviation_db=0.0)(np.random.default_rng(0), example, RATE)
    assert np.abs(out.stems - example.stems).max() < 1e-6
