import numpy as np
import pytest

from streamsep.song.tones import band, damped_partials, pan_gains, place, ramp_ends, shaped_noise


def test_damped_partials_are_the_sum_of_sines_they_stand_for():
    f, tau = np.array([55.0, 440.0, 3000.0]), np.array([0.5, 0.1, 0.03])
    a, phi = np.array([1.0, 0.5, 0.25]), np.array([0.0, 1.0, 2.0])
    t = np.arange(20011)[:, None] / 48000
    direct = np.sum(a * np.exp(-t / tau) * np.sin(2 * np.pi * f * t + phi), axis=1)
    assert np.max(np.abs(damped_partials(f, tau, a, phi, 20011, 48000) - direct)) < 2e-6


def test_partials_that_would_alias_are_left_out():
    one = (np.ones(1), np.ones(1), np.zeros(1))
    assert not np.any(damped_partials(np.array([3700.0]), *one, 800, 8000))
    assert not np.any(damped_partials(np.array([18500.0]), *one, 800, 44100))
    assert np.any(damped_partials(np.array([3500.0]), *one, 800, 8000))


@pytest.mark.parametrize("sample_rate", [44100, 48000])
def test_noise_has_unit_power_in_its_band_only(sample_rate):
    gain = band(1000.0, 4000.0, order=4)
    noise = shaped_noise(np.random.default_rng(0), 1.0, sample_rate, gain)
    assert noise.shape == (sample_rate,)
    assert abs(10 * np.log10(np.mean(noise**2))) < 0.3
    power = np.abs(np.fft.rfft(noise)) ** 2
    expected = gain(np.arange(1.0, 20001.0)) ** 2
    share = power[1000:4001].sum() / power.sum()
    assert share == pytest.approx(expected[999:4000].sum() / expected.sum(), abs=0.03)
    assert share > 0.8


def test_noise_is_the_same_sound_at_every_rate():
    low, high = (
        shaped_noise(np.random.default_rng(1), 0.5, rate, band(500.0, 8000.0))
        for rate in (48000, 96000)
    )
    assert np.max(np.abs(low - high[::2])) < 1e-4


def test_ramps_leave_the_middle_and_the_argument_alone():
    sound = np.ones(1000, np.float32)
    ramped = ramp_ends(sound, 0.1, 0.2, 1000)
    assert np.all(sound == 1)
    assert np.all(ramped[100:800] == 1)
    assert ramped[0] == 0
    assert ramped[-1] < 1e-3


def test_panning_keeps_the_power():
    for pan in (-1.0, -0.3, 0.0, 1.0):
        assert abs(np.sum(pan_gains(pan) ** 2) - 1) < 1e-6
    left, right = pan_gains(-1.0).ravel()
    assert left == pytest.approx(1)
    assert right == pytest.approx(0, abs=1e-7)


def test_a_sound_is_cut_at_both_ends_of_the_track():
    sound = np.arange(1.0, 6.0, dtype=np.float32)
    track = np.zeros((2, 8), np.float32)
    place(track, sound, -0.002, 1000)
    place(track, sound, 0.006, 1000)
    place(track, sound, 0.1, 1000)
    place(track, sound, -0.1, 1000)
    assert track[0].tolist() == track[1].tolist() == [3, 4, 5, 0, 0, 0, 1, 2]
