import numpy as np
import pytest
import torch

from streamsep.spec import Profile
from streamsep.stft import Analysis
from streamsep_offline.losses.heard import Heard

PROFILE = Profile("small", 256, 128, 64)
RATE = 8000


@pytest.fixture
def audio():
    """Two examples of two stereo stems, 0.8 s at 8 kHz. float64 [2, 2, 2, 6400]"""
    rng = np.random.default_rng(0)
    noise = rng.standard_normal((2, 2, 2, 6400)) * np.array([0.3, 0.1])[None, :, None, None]
    return torch.from_numpy(noise)


@pytest.fixture
def hear(audio):
    """Makes a `Heard` of `audio` and estimates that `change` makes of the true spectra."""
    analysis = Analysis(PROFILE, 2, torch.float64)

    def make(change=lambda y: y, gain=1.0, stems=audio):
        stems = stems * gain
        references = torch.stack([analysis.offline(x) for x in stems.unbind(1)], 1)
        mixture = references.sum(dim=1)
        return Heard(mixture, references, change(references), PROFILE, RATE)

    return make


@pytest.fixture
def blurred():
    """Estimates that are wrong in level, phase and place, and wrong alike at every level."""
    rng = np.random.default_rng(1)

    def change(y):
        leak = 0.3 * y.flip(1)
        turn = torch.from_numpy(np.exp(0.4j * rng.standard_normal(y.shape)))
        return 0.8 * y * turn + leak

    return change
