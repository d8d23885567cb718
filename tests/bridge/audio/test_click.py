import numpy as np
import pytest

from streamsep_bridge.audio.click import find_click, make_click

N = 60000
CLICK = make_click()


def returned(delay, gain=1.0, noise=0.0, seed=0):
    """What is heard of a click after so many samples, in noise."""
    heard = noise * np.random.default_rng(seed).standard_normal(N)
    heard[delay : delay + len(CLICK)] += gain * CLICK
    return heard.astype(np.float32)


def test_a_click_resembles_itself_nowhere_else():
    spectrum = np.fft.fft(CLICK.astype(np.float64))
    circular = np.fft.ifft(spectrum * spectrum.conj()).real
    assert circular[0] == pytest.approx(len(CLICK))
    np.testing.assert_allclose(circular[1:], -1.0, atol=1e-6)


@pytest.mark.parametrize("delay", [0, 1, 255, 44099 - len(CLICK), N - len(CLICK)])
@pytest.mark.parametrize("gain", [1.0, -1.0, 0.01, 1e-4])
def test_it_is_found_to_the_sample_at_any_level_and_polarity(delay, gain):
    found = find_click(returned(delay, gain), CLICK)
    assert (found.delay_samples, found.is_inverted) == (delay, gain < 0.0)


@pytest.mark.parametrize("seed", range(10))
def test_it_is_found_20_db_below_the_noise(seed):
    found = find_click(returned(12345, -0.01, 0.1, seed), CLICK)
    assert (found.delay_samples, found.is_inverted) == (12345, True)


def test_it_is_found_in_hum_and_under_an_offset():
    hum = 0.3 * np.sin(2 * np.pi * 50.0 / 44100 * np.arange(N)) + 0.1
    assert find_click(returned(777, 0.01) + hum, CLICK).delay_samples == 777


def test_it_is_found_when_it_is_clipped_and_rounded_off():
    loud = np.clip(returned(500, 3.0, 0.1), -1.0, 1.0)
    assert find_click(loud, CLICK).delay_samples == 500
    # A converter's filter: three samples, the middle one is the largest.
    soft = np.convolve(returned(500), [0.25, 0.5, 0.25])
    assert find_click(soft, CLICK).delay_samples == 501


@pytest.mark.parametrize("seed", range(10))
def test_noise_and_silence_hold_no_click(seed):
    random = np.random.default_rng(seed)
    assert find_click(random.standard_normal(N), CLICK) is None
    assert find_click(np.zeros(N), CLICK) is None
    crackle = np.zeros(N)
    crackle[random.integers(0, N, 3)] = 1.0
    assert find_click(crackle, CLICK) is None


def test_half_a_click_does_not_count():
    cut = np.zeros(N)
    half = len(CLICK) // 2
    cut[-half:] = CLICK[:half]
    assert find_click(cut, CLICK) is None
