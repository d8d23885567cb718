"""Spectra to filter, and the peers to compare with."""

from __future__ import annotations

import warnings
from types import ModuleType

import numpy as np
import pytest

from streamsep_offline.bench.wiener import import_filtering


class Spectra:
    """Random spectra of any shape; float64 unless another type is asked for."""

    def __init__(self, seed: int = 0) -> None:
        self.rng = np.random.default_rng(seed)

    def complex(self, *shape: int, dtype: type = np.complex128) -> np.ndarray:
        parts = self.rng.standard_normal((2, *shape))
        return (parts[0] + 1j * parts[1]).astype(dtype)

    def magnitudes(self, *shape: int, dtype: type = np.float64) -> np.ndarray:
        return np.abs(self.complex(*shape)).astype(dtype)

    def panned(
        self, gains: np.ndarray, n_bins: int, n_frames: int, dtype: type = np.complex128
    ) -> np.ndarray:
        """Stems [targets, channels, bins, frames] of one direction each, active now and then."""
        n_targets = gains.shape[0]
        shape = (n_targets, n_bins, n_frames)
        sources = self.complex(*shape) * 10.0 ** self.rng.uniform(-4.0, 0.0, shape)
        return (sources[:, None] * gains[:, :, None, None]).astype(dtype)


@pytest.fixture
def spectra() -> Spectra:
    return Spectra()


@pytest.fixture(scope="session")
def norbert() -> ModuleType:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # norbert uses an old name of scipy's
        return pytest.importorskip("norbert", reason="the peer norbert is not installed")


@pytest.fixture(scope="session")
def open_unmix() -> ModuleType:
    """open-unmix's module `filtering`."""
    filtering = import_filtering()
    if filtering is None:
        pytest.skip("the peer openunmix is not installed (pip install --no-deps openunmix)")
    return filtering
