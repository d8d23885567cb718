import numpy as np
import pytest

from streamsep_offline.data.example import Example

RATE = 44100


@pytest.fixture
def stems():
    """A voice in the middle, knocks, and chords to the left. float32 [3, 2, 0.5 s]"""
    rng = np.random.default_rng(0)
    t = np.arange(RATE // 2) / RATE
    voice = 0.2 * np.sin(2 * np.pi * 440 * t + np.sin(2 * np.pi * 5 * t))
    knocks = 0.3 * rng.standard_normal(t.size) * np.exp(-30 * (t % 0.125))
    chord = 0.1 * (np.sin(2 * np.pi * 330 * t) + np.sin(2 * np.pi * 415 * t))
    return np.stack([[voice, voice], [knocks, knocks], [chord, 0.2 * chord]]).astype(np.float32)


@pytest.fixture
def example(stems):
    return Example.from_stems(stems)
