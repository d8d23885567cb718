import importlib
import sys

import numpy as np
import pytest
import torch

from streamsep.errors import MissingExtraError, ParameterError, ShapeError
from streamsep_offline.filters import SpatialStatistics, wiener

NAME = "streamsep_offline.filters.norbert_backend"


@pytest.fixture
def backend(norbert):
    return importlib.import_module(NAME).wiener


@pytest.mark.parametrize("n_channels", [1, 2, 3])
@pytest.mark.parametrize("softmask", [False, True])
def test_it_is_norbert_with_our_axes(norbert, backend, spectra, n_channels, softmask):
    mixture, magnitudes = spectra.complex(n_channels, 9, 50), spectra.magnitudes(3, 1, 9, 50)
    before = mixture.copy(), magnitudes.copy()
    for gain in (1.0, 100.0):  # 100: where norbert modifies its argument
        estimates = backend(gain * magnitudes, gain * mixture, 2, softmask)
        theirs = norbert.wiener(
            np.array((gain * magnitudes).T), np.array((gain * mixture).T), 2, softmask
        )
        assert np.array_equal(estimates, theirs.T)
        assert np.allclose(
            estimates, wiener(gain * magnitudes, gain * mixture, 2, softmask), atol=1e-4
        )
    assert np.array_equal(mixture, before[0])
    assert np.array_equal(magnitudes, before[1])


def test_tensors_give_tensors_in_the_precision_of_the_mixture(backend, spectra):
    mixture = spectra.complex(2, 9, 50, dtype=np.complex64)
    magnitudes = spectra.magnitudes(3, 2, 9, 50, dtype=np.float32)
    tensor = backend(torch.from_numpy(magnitudes), torch.from_numpy(mixture))
    assert tensor.dtype == torch.complex64
    assert np.array_equal(tensor.numpy(), backend(magnitudes, mixture))


def test_what_norbert_cannot_do_is_refused(backend, spectra):
    mixture, magnitudes = spectra.complex(2, 9, 50), spectra.magnitudes(3, 2, 9, 50)
    with pytest.raises(ParameterError, match="whole song"):
        backend(magnitudes, mixture, statistics=SpatialStatistics())
    with pytest.raises(ShapeError, match="as the mixture asks"):
        backend(magnitudes[:, :, 1:], mixture)


def test_without_norbert_one_line_says_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "norbert", None)
    monkeypatch.delitem(sys.modules, NAME, raising=False)
    with pytest.raises(MissingExtraError, match=r"streamsep\[norbert\]"):
        importlib.import_module(NAME)
