import math

import numpy as np
import pytest

from streamsep.levels import StemLevels


def test_levels_are_those_of_the_whole_whatever_the_blocks():
    t = np.arange(44100) / 44100
    sine = np.sin(2 * np.pi * 441 * t)
    stems = np.stack(
        [np.stack([sine, sine]), np.stack([0.1 * sine, 0 * sine]), np.zeros((2, 44100))]
    )
    levels = StemLevels(3)
    for block in np.array_split(stems.astype(np.float32), [0, 1, 700, 40000], axis=-1):
        levels.add(block)
    assert levels.rms_db[:2] == pytest.approx([-3.01, -26.02], abs=0.01)
    assert levels.peak_db[:2] == pytest.approx([0.0, -20.0], abs=0.01)
    assert levels.rms_db[2] == levels.peak_db[2] == -math.inf


def test_levels_of_nothing_are_silence():
    assert StemLevels(1).rms_db == [-math.inf]
