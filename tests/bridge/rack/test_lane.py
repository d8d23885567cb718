"""A lane returns what belongs to a time to that time, from wherever it begins."""

import numpy as np
import pytest

from signals import music
from streamsep.engine.live.desk import Desk
from streamsep.engine.live.inserts import FROM, IS_ON, RACK_BLOCK, READY, SENT, SENT_FROM
from streamsep_bridge.rack.lane import PRE_ROLL, Lane
from streamsep_bridge.rack.rack import Rack

RING, N = 1 << 15, 24576
MUSIC = music(1.0)[:, :N]
LAST = 6000


class Echo:
    """Adds what was `LAST` samples ago."""

    def reset(self):
        self._past = np.zeros((2, LAST), np.float32)

    def __call__(self, audio, sample_rate, buffer_size=8192, reset=True):
        joined = np.concatenate([self._past, audio], axis=1)
        self._past = joined[:, audio.shape[1] :]
        return audio + joined[:, : audio.shape[1]]


def desk_with(until, start=0):
    desk = Desk(2, rack_frames=RING)
    desk.rack_sent[0, 1, :, :N] = MUSIC
    desk.rack_counts[SENT_FROM], desk.rack_counts[SENT] = start, until
    return desk


def follow(lane):
    while lane.follow():
        pass


@pytest.fixture
def rack(delayed):
    def make(owed):
        return Rack(delayed(owed, gain=-1.0), 44100, block_size=RACK_BLOCK)

    return make


def test_nothing_is_done_before_something_was_sent(rack):
    desk = desk_with(0, start=-1)
    assert not Lane(desk, 0, 1, 1, 0, rack(0)).follow()
    assert not desk.rack_lanes[1, IS_ON]


@pytest.mark.parametrize("owed", [0, 100, 480])
def test_results_lie_at_the_time_that_they_belong_to(rack, owed):
    desk = desk_with(2000)
    lane = Lane(desk, 0, 1, 1, 0, rack(owed))
    for until in (2000, 2100, 5000, 15000, N):
        desk.rack_counts[SENT] = until
        follow(lane)
        ready = until // RACK_BLOCK * RACK_BLOCK - owed
        assert desk.rack_lanes[1, :3].tolist() == [1, 0, ready]
        assert np.array_equal(desk.rack_returned[1, :, :ready], -MUSIC[:, :ready])


def test_one_that_comes_later_has_heard_what_was_before(rack):
    whole, late = desk_with(4000), desk_with(20000)
    first = Lane(whole, 0, 1, 1, 0, Rack(Echo(), 44100, block_size=RACK_BLOCK))
    follow(first)
    whole.rack_counts[SENT] = late.rack_counts[SENT] = 20000
    follow(first)
    second = Lane(late, 0, 1, 1, 0, Rack(Echo(), 44100, block_size=RACK_BLOCK))
    follow(second)
    whole.rack_counts[SENT] = late.rack_counts[SENT] = N
    follow(first)
    follow(second)
    begin, end = late.rack_lanes[1, FROM], late.rack_lanes[1, READY]
    assert begin == 20000 > PRE_ROLL
    assert end > 23000
    expected = whole.rack_returned[1, :, begin:end]
    assert np.abs(expected).max() > 0.1
    assert np.array_equal(late.rack_returned[1, :, begin:end], expected)


def test_a_slot_that_begins_anew_begins_from_silence(rack):
    desk = desk_with(4096)
    lane = Lane(desk, 0, 1, 1, 0, rack(100))
    follow(lane)
    desk.rack_counts[SENT_FROM], desk.rack_counts[SENT] = 9000, 12000
    follow(lane)
    assert desk.rack_lanes[1, FROM] == 9000
    ready = desk.rack_lanes[1, READY]
    assert np.array_equal(desk.rack_returned[1, :, 9000:ready], -MUSIC[:, 9000:ready])


def test_trouble_is_left_and_tried_again(rack):
    desk = desk_with(4096)
    lane = Lane(desk, 0, 1, 1, 0, rack(0))
    follow(lane)
    desk.rack_sent[0, 1, :, 5000] = np.nan
    desk.rack_counts[SENT] = 8192
    follow(lane)
    assert lane.rack.trouble
    assert not desk.rack_lanes[1, IS_ON]
    desk.rack_sent[0, 1, :, 5000] = 0.0
    lane.switch(False)
    assert desk.rack_lanes[1, IS_ON]
    desk.rack_counts[SENT] = N
    follow(lane)
    assert not lane.rack.trouble
    assert np.array_equal(desk.rack_returned[1, :, 9000:N], -MUSIC[:, 9000:N])


def test_bypass_is_a_switch(rack):
    desk = desk_with(4096)
    lane = Lane(desk, 0, 1, 1, 0, rack(0))
    lane.switch(True)
    follow(lane)
    assert desk.rack_lanes[1, :3].tolist() == [0, 0, 4096]
    lane.switch(False)
    assert desk.rack_lanes[1, IS_ON]
