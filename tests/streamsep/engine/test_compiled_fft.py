import numpy as np
import pytest

from streamsep.engine.compiled.fft import irfft, make_plan, rfft


@pytest.mark.parametrize("n", [4, 8, 16, 32, 256, 512, 1024, 2048, 4096, 8192])
def test_against_float64(n):
    x = np.random.default_rng(n).standard_normal(n).astype(np.float32)
    plan = make_plan(n)
    re, im, back = (
        np.empty(n // 2 + 1, np.float32),
        np.empty(n // 2 + 1, np.float32),
        np.empty_like(x),
    )
    rfft(x, re, im, plan)
    truth = np.fft.rfft(x.astype(np.float64))
    assert np.abs(re + 1j * im - truth).max() < 1e-6 * np.abs(truth).max()
    irfft(re, im, back, plan)
    assert np.abs(back - x).max() < 2e-6


def test_inverse_ignores_imaginary_parts_of_the_ends_as_numpy_does():
    rng = np.random.default_rng(0)
    re, im = rng.standard_normal((2, 17)).astype(np.float32)
    x = np.empty(32, np.float32)
    irfft(re, im, x, make_plan(32))
    assert np.allclose(x, np.fft.irfft(re + 1j * im), atol=1e-6)


def test_silence_is_exact():
    x, re, im = np.zeros(1024, np.float32), np.ones(513, np.float32), np.ones(513, np.float32)
    rfft(x, re, im, make_plan(1024))
    assert not re.any()
    assert not im.any()
