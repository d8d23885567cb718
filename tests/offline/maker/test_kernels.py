import numpy as np
import pytest

from streamsep_offline.maker.kernels import (
    SAW,
    SINE,
    SQUARE,
    TRIANGLE,
    add_harmonics,
    add_resampled,
    follow,
)
from streamsep_offline.maker.notes import Note
from streamsep_offline.maker.synth import Patch, render

SAMPLE_RATE = 44100


def tone(hz, n=SAMPLE_RATE):
    return np.sin(2 * np.pi * hz * np.arange(n) / SAMPLE_RATE).astype(np.float32)


def test_playback_at_speed_one_is_the_sample():
    x, y = tone(300.0, 1000), np.zeros(2000, np.float32)
    add_resampled(y, x, 100, np.ones(900), 0, 0, 0.5)
    np.testing.assert_allclose(y[100:1000], 0.5 * x[1:901], atol=1e-6)
    assert not y[:100].any()
    assert not y[1000:].any()


def test_playback_adds_and_ends_with_the_sample():
    y = np.ones(500, np.float32)
    add_resampled(y, np.ones(50, np.float32), 490, np.ones(400), 0, 0, 1.0)
    assert y[495] == 2.0
    add_resampled(y, np.ones(50, np.float32), -20, np.ones(400), 0, 0, 1.0)
    assert y[10] == 2.0
    assert y[60] == 1.0


@pytest.mark.parametrize("semitones", [-7, 5, 12])
def test_playback_moves_pitch_by_semitones(semitones, peak_hz):
    y = np.zeros(30000, np.float32)
    ratio = 2.0 ** (semitones / 12)
    add_resampled(y, tone(440.0, 80000), 0, np.full(30000, ratio), 0, 0, 1.0)
    assert peak_hz(y) == pytest.approx(440.0 * ratio, rel=1e-3)


def test_fades_start_and_end_at_zero():
    y = np.zeros(1000, np.float32)
    add_resampled(y, np.ones(2000, np.float32), 0, np.ones(1000), 100, 200, 1.0)
    assert y[0] == 0.0
    assert y[50] == pytest.approx(0.5)
    assert y[500] == 1.0
    assert y[899] == pytest.approx(0.5)
    assert y[999] == 0.0


def test_envelope_rises_with_attack_and_falls_with_release():
    level = np.concatenate([np.ones(50), np.zeros(50)])
    envelope = follow(level, 0.5, 0.9)
    assert envelope[0] == pytest.approx(0.5)
    assert envelope[49] == pytest.approx(1.0)
    assert envelope[59] == pytest.approx(0.9**10, rel=1e-3)


@pytest.mark.parametrize("wave", [SAW, SQUARE, SINE, TRIANGLE])
def test_synthesiser_plays_the_pitch(wave, rng, peak_hz):
    patch = Patch(wave=wave, cutoff_hz=15000.0)
    y = render([Note(0.0, 1.0, 57.0, 1.0)], patch, SAMPLE_RATE, rng)
    assert peak_hz(y) == pytest.approx(220.0, rel=2e-3)
    assert np.abs(y).max() < 2.0


def test_low_pass_takes_the_brightness(rng):
    def brightness(cutoff_hz):
        y = render([Note(0.0, 1.0, 45.0, 1.0)], Patch(cutoff_hz=cutoff_hz), SAMPLE_RATE, rng)
        power = np.abs(np.fft.rfft(y)) ** 2
        return power[4000:].sum() / power.sum()

    assert brightness(400.0) < 0.05 * brightness(12000.0)


def test_saw_hardly_aliases(rng):
    # partials of 3951 Hz fall between 21.7 and 22 kHz only by folding back
    y = render([Note(0.0, 1.0, 107.0, 1.0)], Patch(cutoff_hz=16000.0), SAMPLE_RATE, rng)
    power = np.abs(np.fft.rfft(y * np.hanning(len(y)))) ** 2
    bins = np.arange(len(power))
    hz = 440.0 * 2 ** ((107 - 69) / 12)
    is_partial = np.abs(bins / hz - np.round(bins / hz)) * hz < 8
    assert power[~is_partial].sum() < 10 ** (-25 / 10) * power[is_partial].sum()


def test_harmonics_are_the_sum_of_sines():
    n_frame, n_frames = 441, 21
    amplitudes = np.tile([1.0, 0.5, 0.25], (n_frames, 1))
    y = np.zeros(n_frame * 20)
    add_harmonics(y, 0, np.full(n_frames, 200.0), amplitudes, n_frame, float(SAMPLE_RATE))
    time_s = np.arange(1, len(y) + 1) / SAMPLE_RATE
    expected = sum(
        a * np.sin(2 * np.pi * 200 * h * time_s) for h, a in ((1, 1), (2, 0.5), (3, 0.25))
    )
    np.testing.assert_allclose(y, expected, atol=1e-9)
