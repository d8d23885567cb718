"""Small networks for the pipeline: a random Open-Unmix, and a mask that knows no level."""

from __future__ import annotations

import numpy as np
import pytest


class SmallNetwork:
    """A random-weight Open-Unmix of every target behind the `Estimator` protocol."""

    name, sample_rate, n_fft, hop, device = "small", 8000, 512, 128, "cpu"

    def __init__(self, targets=("vocals", "drums", "other"), channels=2, context_frames=100):
        import torch

        from streamsep.models.open_unmix import OpenUnmix

        self.targets, self.channels, self.context_frames = targets, channels, context_frames
        self.batches = []
        with torch.random.fork_rng():
            torch.manual_seed(7)
            bins = self.n_fft // 2 + 1
            self.networks = [OpenUnmix(bins, channels, 16, max_bin=120).eval() for _ in targets]
        for network in self.networks:
            _lengthen_memory(network)

    def magnitudes(self, spectra):
        import torch

        self.batches.append(tuple(spectra.shape))
        with torch.no_grad():
            return torch.stack([network(spectra.abs()) for network in self.networks], dim=1)


def _lengthen_memory(network):
    """Cells that forget a quarter per frame and are listened to, as in trained networks."""
    network.requires_grad_(False)
    for name, values in network.lstm.named_parameters():
        if name.startswith("bias_ih"):
            values[len(values) // 4 : len(values) // 2] = 1.0  # the forget gates
    network.fc2.weight[:, 16:] *= 20.0


class FixedMask(SmallNetwork):
    """Shares of the mixture that depend on the bin alone: linear, so that levels can be compared."""

    context_frames = 0

    def __init__(self, targets=("vocals", "drums", "other"), sample_rate=8000):
        self.targets, self.channels, self.sample_rate = targets, 2, sample_rate
        shares = np.random.default_rng(3).uniform(0.1, 1.0, (len(targets), 2, 257, 1))
        self.shares = (shares / shares.sum(0)).astype(np.float32)
        self.batches = []

    def magnitudes(self, spectra):
        import torch

        self.batches.append(tuple(spectra.shape))
        return torch.from_numpy(self.shares) * spectra.abs()[:, None]


@pytest.fixture
def network():
    pytest.importorskip("torch")
    return SmallNetwork()


@pytest.fixture
def make_network():
    pytest.importorskip("torch")
    return SmallNetwork


@pytest.fixture
def mask():
    pytest.importorskip("torch")
    return FixedMask()


@pytest.fixture
def make_mask():
    pytest.importorskip("torch")
    return FixedMask


@pytest.fixture(scope="session")
def separate_all():
    """Run a separation over an array that comes in pieces. float32 [stems, channels, n]"""

    def run(separation, audio, sample_rate=8000, piece=3000, **options):
        def pieces():
            return (audio[:, at : at + piece] for at in range(0, audio.shape[1], piece))

        found = list(separation.run(pieces, sample_rate, len(audio), **options))
        return np.concatenate(found, axis=-1)

    return run
