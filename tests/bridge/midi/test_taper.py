import math

import numpy as np
import pytest

from streamsep_bridge.midi.taper import TOP, level_of, position_of


def test_the_marks_of_the_way():
    assert level_of(0) == -math.inf
    assert [level_of(position) for position in (1, 100, 127)] == [-60.0, 0.0, 10.0]


def test_it_rises_all_the_way_and_is_finest_around_0_db():
    levels_db = np.array([level_of(position) for position in range(1, 128)])
    steps_db = np.diff(levels_db)
    assert (steps_db > 0.0).all()
    assert steps_db[60:].max() < 0.4
    assert steps_db.max() < 1.5


@pytest.mark.parametrize("position", [0.0, 1.0, 25.0, 63.5, 99.99, 100.0, 127.0])
def test_there_and_back(position):
    assert position_of(level_of(position)) == pytest.approx(position)


def test_levels_beyond_its_ends_are_at_its_ends():
    assert position_of(24.0) == TOP
    assert position_of(-90.0) == 1.0
