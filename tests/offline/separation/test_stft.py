import numpy as np
import pytest

from streamsep.errors import ParameterError
from streamsep_offline.separation.stft import Stft

SIZES = [(4096, 1024), (1024, 512), (512, 64)]


def _noise(*shape):
    return np.random.default_rng(0).standard_normal(shape).astype(np.float32)


@pytest.mark.parametrize(("n_fft", "hop"), SIZES)
def test_inverse_returns_the_signal_where_all_frames_are(n_fft, hop):
    stft, x = Stft(n_fft, hop), _noise(2, 20 * n_fft)
    y = stft.signal(stft.spectra(x))
    inner = slice(n_fft - hop, -(n_fft - hop))
    assert y.dtype == np.float32
    np.testing.assert_allclose(y[:, inner], x[:, inner], atol=2e-6)


@pytest.mark.parametrize(("n_fft", "hop"), SIZES)
def test_torch_and_numpy_agree(n_fft, hop):
    torch = pytest.importorskip("torch")
    stft, x = Stft(n_fft, hop), _noise(2, 8 * n_fft)
    spectra = stft.spectra(x)
    twin = stft.spectra(torch.from_numpy(x))
    scale = np.abs(spectra).max()
    np.testing.assert_allclose(twin.numpy(), spectra, atol=1e-6 * scale)
    signal = stft.signal(twin)
    np.testing.assert_allclose(signal.numpy(), stft.signal(spectra), atol=3e-6)


def test_spectra_are_those_of_torch_stft():
    torch = pytest.importorskip("torch")
    x = _noise(2, 20000)
    window = torch.hann_window(2048)
    expected = torch.stft(
        torch.from_numpy(x), 2048, 512, window=window, center=False, return_complex=True
    )
    got = Stft(2048, 512).spectra(x)
    np.testing.assert_allclose(got, expected.numpy(), atol=1e-4)


def test_a_sine_lies_in_its_bin():
    x = np.sin(2 * np.pi * 32 / 1024 * np.arange(4096)).astype(np.float32)
    spectra = np.abs(Stft(1024, 256).spectra(x[None]))[0]
    assert np.all(np.argmax(spectra, axis=0) == 32)
    np.testing.assert_allclose(spectra[32], 256.0, rtol=1e-4)  # half of the window's sum


@pytest.mark.parametrize(("n_fft", "hop"), [(1000, 300), (512, 512)])
def test_a_hop_that_does_not_divide_is_refused(n_fft, hop):
    with pytest.raises(ParameterError, match="multiple of hop"):
        Stft(n_fft, hop)
