"""Dynamics, filters and space."""

import numpy as np
import pytest

from streamsep_offline.maker import dynamics, filters, space

SAMPLE_RATE = 44100


def tone(hz, duration_s=1.0):
    n = round(duration_s * SAMPLE_RATE)
    return np.sin(2 * np.pi * hz * np.arange(n) / SAMPLE_RATE).astype(np.float32)


def rms_db(x):
    return 10 * np.log10(np.mean(np.square(x, dtype=np.float64)) + 1e-20)


@pytest.mark.parametrize("gain", [1e-4, 1.0, 300.0])
def test_unit_rms_at_every_level(gain, rng):
    x = (gain * rng.standard_normal((2, 50000))).astype(np.float32)
    assert rms_db(dynamics.to_unit_rms(x)) == pytest.approx(0.0, abs=0.01)
    assert not dynamics.to_unit_rms(np.zeros_like(x)).any()


def test_active_rms_ignores_pauses(rng):
    x = rng.standard_normal((2, 10 * SAMPLE_RATE)).astype(np.float32)
    x[:, SAMPLE_RATE:] = 0.0
    assert dynamics.active_rms(x) == pytest.approx(1.0, rel=0.02)
    assert dynamics.active_rms(np.zeros((2, SAMPLE_RATE), np.float32)) == 0.0


def test_compressor_brings_loud_and_soft_together():
    x = np.concatenate([tone(200.0), 0.1 * tone(200.0)])
    gain = dynamics.compression_gain(x, -12.0, 4.0)
    assert gain.max() <= 1.0
    loud, soft = (10 * np.log10(np.mean(part[20000:40000] ** 2)) for part in np.split(gain, 2))
    assert soft == pytest.approx(0.0, abs=0.5)  # 20 dB under the peaks: below the threshold
    assert loud == pytest.approx(-12.0 * (1 - 1 / 4), abs=0.7)


def test_compression_is_the_same_at_every_playing_level():
    x = tone(100.0) * np.linspace(0.01, 1.0, SAMPLE_RATE, dtype=np.float32)
    a = dynamics.compression_gain(x, -10.0, 3.0)
    b = dynamics.compression_gain(0.01 * x, -10.0, 3.0)
    np.testing.assert_allclose(a, b, rtol=1e-3)


def test_saturation_limits_and_keeps_the_sign():
    x = 5.0 * tone(100.0)
    y = dynamics.saturate(x, 3.0)
    assert np.abs(y).max() <= 1.0
    assert np.all(x * y >= 0.0)


def test_ducking_dips_at_kicks_and_recovers():
    gain = dynamics.ducking_gain(SAMPLE_RATE, [0.2], 0.8, 0.3)
    assert gain[: int(0.2 * SAMPLE_RATE)].min() == 1.0
    assert gain.min() == pytest.approx(0.2, abs=0.02)
    assert gain[int(0.52 * SAMPLE_RATE) :].min() == 1.0
    assert np.abs(np.diff(gain)).max() < 0.02  # no click


def test_bell_has_its_gain_at_its_centre():
    section = filters.peaking_section(1000.0, 6.0, 1.0)[None]
    at = filters.apply_sections(tone(1000.0), section)[SAMPLE_RATE // 2 :]
    away = filters.apply_sections(tone(50.0), section)[SAMPLE_RATE // 2 :]
    assert rms_db(at) - rms_db(tone(1000.0)) == pytest.approx(6.0, abs=0.1)
    assert rms_db(away) - rms_db(tone(50.0)) == pytest.approx(0.0, abs=0.1)


def test_filters_cut_where_they_say():
    for filtered, kept, cut in (
        (filters.high_pass, 2000.0, 50.0),
        (filters.low_pass, 50.0, 8000.0),
    ):
        assert rms_db(filtered(tone(kept), 500.0)) > rms_db(tone(kept)) - 1.0
        assert rms_db(filtered(tone(cut), 500.0)) < rms_db(tone(cut)) - 30.0
    assert rms_db(filters.band_pass(tone(1000.0), 500.0, 2000.0)) > -4.0


@pytest.mark.parametrize("position", [-1.0, -0.3, 0.0, 0.8])
def test_panning_keeps_power(position):
    stereo = space.pan(tone(440.0), position)
    assert np.sum(stereo**2) == pytest.approx(2 * np.sum(tone(440.0) ** 2), rel=1e-4)
    louder = np.sum(stereo[1] ** 2) - np.sum(stereo[0] ** 2)
    assert np.sign(round(float(louder))) == np.sign(position)


def test_width_zero_is_mono_and_one_is_nothing(rng):
    x = rng.standard_normal((2, 1000)).astype(np.float32)
    narrow = space.set_width(x, 0.0)
    np.testing.assert_array_equal(narrow[0], narrow[1])
    np.testing.assert_allclose(space.set_width(x, 1.0), x, atol=1e-6)


def test_widening_vanishes_in_mono(rng):
    x = rng.standard_normal(5000).astype(np.float32)
    wide = space.widen(np.stack([x, x]), x, 0.01, 0.7)
    np.testing.assert_allclose(wide.mean(axis=0), x, atol=1e-6)
    assert np.abs(wide[0] - wide[1]).max() > 0.1


def test_echo_comes_after_the_sound(rng):
    x = np.zeros((2, 3 * SAMPLE_RATE), np.float32)
    x[:, 1000] = 1.0
    y = space.echo(x, rng, 0.5, 0.5)
    first = 1000 + int(0.5 / 3 * SAMPLE_RATE) - 2
    np.testing.assert_array_equal(y[:, :first], x[:, :first])
    assert np.square(y[:, first:]).sum() > 1e-4


def test_reverberation_decays_as_told_and_never_precedes(rng):
    x = np.zeros(3 * SAMPLE_RATE, np.float32)
    x[SAMPLE_RATE] = 1.0
    wet = space.reverberate(x, rng, 1.0, 0.0) - x
    assert rms_db(wet[:, : SAMPLE_RATE - 5]) < -130  # rounding of the transform only
    start = SAMPLE_RATE + 2000
    early, late = (wet[:, start + k : start + k + 4410] for k in (0, SAMPLE_RATE // 2))
    assert rms_db(early) - rms_db(late) == pytest.approx(30.0, abs=2.0)
    assert np.corrcoef(wet)[0, 1] == pytest.approx(0.0, abs=0.1)


@pytest.mark.parametrize(
    "effect",
    [
        lambda x, rng: dynamics.compress(x, -12.0, 3.0),
        lambda x, rng: dynamics.saturate(x, 2.0),
        lambda x, rng: dynamics.to_unit_active_rms(x),
        lambda x, rng: filters.random_equaliser(x, rng),
        lambda x, rng: space.echo(x, rng, 0.5, 0.3),
        lambda x, rng: space.reverberate(x, rng, 0.5, -10.0),
        lambda x, rng: space.chorus(x, x[0], rng, 0.5),
        lambda x, rng: space.set_width(x, 0.3),
    ],
)
def test_arguments_stay_and_silence_stays_silent(effect, rng):
    x = rng.standard_normal((2, SAMPLE_RATE)).astype(np.float32)
    before = x.copy()
    y = effect(x, rng)
    np.testing.assert_array_equal(x, before)
    assert y.dtype == np.float32
    assert y.shape == x.shape
    assert np.isfinite(y).all()
    assert np.abs(effect(np.zeros_like(x), rng)).max() < 1e-12
