"""Pedals: rates, depths and where the spectrum moves."""

import numpy as np
import pytest

from streamsep_offline.maker import pedals

SAMPLE_RATE = 44100


def tone(hz, duration_s=2.0):
    n = round(duration_s * SAMPLE_RATE)
    return np.sin(2 * np.pi * hz * np.arange(n) / SAMPLE_RATE).astype(np.float32)


def rate_of(curve, step_s):
    spectrum = np.abs(np.fft.rfft((curve - curve.mean()) * np.hanning(len(curve)), 1 << 14))
    return np.argmax(spectrum) / (step_s * (1 << 14))


@pytest.mark.parametrize("rate_hz", [3.0, 6.5])
def test_tremolo_swings_at_its_rate_and_depth(rate_hz):
    y = pedals.tremolo(tone(1000.0), rate_hz, 0.6, 0.2)
    envelope = np.abs(y)[: len(y) // 441 * 441].reshape(-1, 441).max(axis=1)
    assert rate_of(envelope, 0.01) == pytest.approx(rate_hz, abs=0.2)
    assert envelope.max() == pytest.approx(1.0, abs=0.02)
    assert envelope.min() == pytest.approx(0.4, abs=0.03)


def test_vibrato_has_the_depth_and_rate_it_is_told(track_pitch):
    x = tone(440.0)
    y = pedals.vibrato(x, 5.5, 0.5, np.ones(len(x), np.float32))
    pitch = track_pitch(y[2000:], n_frame=1024)
    assert rate_of(pitch, 0.01) == pytest.approx(5.5, abs=0.2)
    assert pitch.max() == pytest.approx(69.5, abs=0.08)
    assert pitch.min() == pytest.approx(68.5, abs=0.08)
    still = pedals.vibrato(x, 5.5, 0.5, np.zeros(len(x), np.float32))
    np.testing.assert_allclose(still[10:-10], x[10:-10], atol=1e-5)


def test_wah_moves_the_middle_of_the_spectrum(rng):
    noise = rng.standard_normal(4 * SAMPLE_RATE).astype(np.float32)
    y = pedals.wah(noise, 0.5, 0.0, 1.0)

    def centre_hz(place_s):
        part = y[int(place_s * SAMPLE_RATE) :][:8192]
        power = np.abs(np.fft.rfft(part)) ** 2
        return np.sum(power * np.fft.rfftfreq(8192, 1 / SAMPLE_RATE)) / power.sum()

    assert centre_hz(0.5) > 1.8 * centre_hz(1.5)  # a quarter and three quarters of the period


def test_touch_wah_opens_with_the_stroke(rng):
    noise = rng.standard_normal(2 * SAMPLE_RATE).astype(np.float32)
    noise[SAMPLE_RATE:] *= 0.05
    y = pedals.touch_wah(noise, 1.0)
    centres = []
    for part in (y[20000:36384], y[SAMPLE_RATE + 25000 : SAMPLE_RATE + 41384]):
        power = np.abs(np.fft.rfft(part)) ** 2
        centres.append(np.sum(power * np.arange(len(power))) / power.sum())
    assert centres[0] > 1.5 * centres[1]


def test_phaser_cuts_notches_that_wander(rng):
    noise = rng.standard_normal(6 * SAMPLE_RATE).astype(np.float32)
    y = pedals.phaser(noise, rng)

    def shape_db(start):
        parts = [y[start + k * 1024 :][:4096] * np.hanning(4096) for k in range(4)]
        power = sum(np.abs(np.fft.rfft(part)) ** 2 for part in parts)[:372]  # to 4 kHz
        return 10 * np.log10(np.convolve(power, np.ones(8) / 8, "valid"))

    shapes = [shape_db(k * SAMPLE_RATE // 2) for k in range(10)]
    assert np.std(shapes, axis=0).mean() > 1.0
    assert np.isfinite(y).all()
    assert np.abs(y).max() < 12.0
