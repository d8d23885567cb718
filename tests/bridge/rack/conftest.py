from pathlib import Path

import numpy as np
import pytest

ZAMAXIM = Path("/usr/lib/vst3/ZaMaximX2.vst3")


@pytest.fixture
def latent_plugin():
    """A real VST3 that needs 480 samples, and leaves the sound as it is where it is not set."""
    if not ZAMAXIM.exists():
        pytest.skip("zam-plugins are not installed (apt install zam-plugins)")
    return str(ZAMAXIM)


class Delayed:
    """Called as a Pedalboard; holds back so many samples at first, as those do."""

    def __init__(self, owed, gain=1.0):
        self.owed, self.gain = owed, gain
        self.reset()

    def reset(self):
        self._kept = np.zeros((2, 0), np.float32)
        self._left = self.owed

    def __call__(self, audio, sample_rate, buffer_size=8192, reset=True):
        if reset:
            return self.gain * audio
        self._kept = np.concatenate([self._kept, audio], axis=1)
        n = max(self._kept.shape[1] - self.owed, 0)
        out, self._kept = self._kept[:, :n], self._kept[:, n:]
        return self.gain * out


@pytest.fixture
def delayed():
    return Delayed
