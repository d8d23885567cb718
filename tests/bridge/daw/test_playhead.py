"""Jumps of a playhead are found, whatever the network does to time."""

import pytest

from streamsep_bridge.daw.playhead import Playhead


def jumps(reports):
    head = Playhead()
    return [position for position, now_s in reports if head.has_jumped(position, now_s)]


def test_playing_on_is_no_jump():
    assert jumps((0.1 * i, 0.1 * i) for i in range(50)) == []


def test_news_that_come_late_and_in_a_bunch_are_no_jump():
    late = [(0.1 * i, 2.0 + 0.001 * i) for i in range(20)]
    assert jumps([(0.0, 0.0), *late, (2.1, 2.1), (2.2, 4.0)]) == []


@pytest.mark.parametrize("target", [0.0, 1.0, 9.0])
def test_seeks_are_jumps(target):
    before = [(2.0 + 0.1 * i, 0.1 * i) for i in range(10)]
    after = [(target + 0.1 * i, 1.0 + 0.1 * i) for i in range(10)]
    assert jumps([*before, *after]) == [target]


def test_every_round_of_a_loop_is_a_jump():
    reports = [(1.0 + (0.1 * i) % 0.5, 0.1 * i) for i in range(25)]
    assert len(jumps(reports)) == 4


def test_a_stop_that_settles_a_little_earlier_is_no_jump():
    assert jumps([(1.0, 0.0), (1.1, 0.1), (1.06, 0.2)]) == []
