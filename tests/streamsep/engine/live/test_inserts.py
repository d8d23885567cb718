"""Racks come in without a trace: what they leave as it is stays as it is, late by what was declared."""

import numpy as np
import pytest

from signals import music
from streamsep.engine.live.inserts import EXTRA, RACK_BLOCK, SUM_GROUP, SUM_LANE, rack_reserve
from streamsep.engine.live.memory import IS_RECORDING, LATE_RACKS, MAX_TARGETS
from streamsep.engine.live.pump import pump
from streamsep.engine.live.rack_side import begin_lane, find_sent, give_back, switch_lane, take
from streamsep.errors import EngineError

MUSIC = music(1.0)[:, : 44100 // 512 * 512]
RESERVE = rack_reserve(256)


def jump(samples):
    return float(np.abs(np.diff(samples, axis=-1)).max())


def late(samples, n):
    return np.pad(samples, ((0, 0), (n, 0)))[:, : samples.shape[1]]


class HandRack:
    """The other side, worked by hand: a lane through a gain, and late by so many samples."""

    def __init__(self, desk, group, row, lane, gain=1.0, owed=0):
        self.desk, self.group, self.row, self.lane = desk, group, row, lane
        self.gain, self.owed, self.start, self.is_stopped = np.float32(gain), owed, None, False

    def __call__(self, now=0):
        start, end = find_sent(self.desk.rack_counts, self.group)
        if start < 0 or self.is_stopped:
            return
        if start != self.start:
            self.start = self.at = start
            begin_lane(self.desk.rack_lanes, self.lane, start)
            switch_lane(self.desk.rack_lanes, self.lane, 1)
        block = np.zeros((2, RACK_BLOCK), np.float32)
        while self.at + self.owed + RACK_BLOCK <= end:
            take(self.desk.rack_sent, self.group, self.row, self.at, block)
            returned = (self.desk.rack_lanes, self.desk.rack_returned, self.lane, self.at)
            give_back(*returned, self.gain * block)
            self.at += RACK_BLOCK


@pytest.fixture(scope="module")
def plain(rig):
    return rig().play(MUSIC)


@pytest.mark.parametrize("delays", [(RESERVE, 0), (0, RESERVE), (RESERVE + 480, RESERVE + 33)])
def test_without_a_rack_process_all_is_only_later(rig, plain, delays):
    live = rig(delays=delays)
    assert np.array_equal(live.play(MUSIC), late(plain, sum(delays)))
    assert live.engine.latency_samples == live.separator.latency_samples + sum(delays)
    assert live.desk.counts[LATE_RACKS] == 0


@pytest.mark.parametrize("block", [64, 256, 1000])
def test_racks_that_leave_the_sound_as_it_is_leave_no_trace(rig, block):
    reserve, mixture = rack_reserve(block), MUSIC[:, : MUSIC.shape[1] // block * block]
    live = rig(block=block, delays=(reserve + 480, reserve))
    racks = [
        HandRack(live.desk, 0, 0, 0, owed=480),
        HandRack(live.desk, 0, 3, 3),
        HandRack(live.desk, SUM_GROUP, EXTRA, SUM_LANE),
    ]
    played = live.play(mixture, lambda now: [rack(now) for rack in racks])
    expected = rig(block=block).play(mixture)
    assert np.array_equal(played, late(expected, 2 * reserve + 480))
    assert live.desk.counts[LATE_RACKS] == 0


def test_a_rack_changes_its_stem_and_nothing_else(rig):
    live = rig(delays=(RESERVE + 480, 0))
    rack = HandRack(live.desk, 0, 1, 1, gain=-1.0, owed=480)
    played = live.play(MUSIC, rack)
    other = rig()
    other.desk.move_fader(0, 1, -np.eye(2), 1)
    expected = late(other.play(MUSIC), RESERVE + 480)
    assert np.abs(played - expected)[:, 2048:].max() < 1e-7


def test_the_sums_rack_changes_the_mix_before_the_limiter(rig, plain):
    live = rig(delays=(0, RESERVE))
    played = live.play(MUSIC, HandRack(live.desk, SUM_GROUP, EXTRA, SUM_LANE, gain=0.5))
    assert np.array_equal(played[:, 1024:], late(np.float32(0.5) * plain, RESERVE)[:, 1024:])


def test_a_rack_that_stops_is_faded_out_counted_once_and_comes_back(rig, plain):
    live = rig(delays=(RESERVE, 0))
    rack = HandRack(live.desk, 0, 3, 3, gain=-1.0)

    def sleepy(now):
        rack.is_stopped = 12288 <= now < 20480
        rack(now)

    played, expected = live.play(MUSIC, sleepy), late(plain, RESERVE)
    assert live.desk.counts[LATE_RACKS] == 1
    assert np.array_equal(played[:, 14000:20480], expected[:, 14000:20480])
    assert not np.allclose(played[:, 24000:], expected[:, 24000:])
    assert jump(played) < 1.3 * jump(plain)


def test_a_rack_that_is_left_out_is_not_late(rig, plain):
    live = rig(delays=(RESERVE, 0))
    rack = HandRack(live.desk, 0, 3, 3, gain=-1.0)

    def leave(now):
        if now == 12288:
            switch_lane(live.desk.rack_lanes, 3, 0)
        rack(now)

    played, expected = live.play(MUSIC, leave), late(plain, RESERVE)
    assert live.desk.counts[LATE_RACKS] == 0
    assert np.array_equal(played[:, 13000:], expected[:, 13000:])
    assert jump(played) < 1.3 * jump(plain)


def test_a_change_of_the_model_with_racks_makes_no_jump(rig):
    live = rig(delays=(RESERVE, RESERVE))
    coming = live.separator_of("classic-2stems")
    racks = [
        HandRack(live.desk, 0, 0, 0),
        HandRack(live.desk, 1, 0, MAX_TARGETS),
        HandRack(live.desk, SUM_GROUP, EXTRA, SUM_LANE),
    ]

    def change(now):
        if now == 8192:
            index = live.engine.place(live.slot(coming), live.unity(2))
            live.desk.change_slot(index, 2048 + live.engine.latency_samples, fade=1024)
        for rack in racks:
            rack(now)

    played, n = live.play(MUSIC, change), live.engine.latency_samples
    assert live.engine.active.program.spec.targets == coming.stems
    assert live.desk.counts[LATE_RACKS] == 0
    assert np.abs(played - late(MUSIC, n))[:, n + 64 :].max() < 1e-6
    assert racks[1].start > 0


def test_late_stems_bypass_and_recorder_stay_aligned(rig):
    live = rig(reserve=1024, delays=(RESERVE, RESERVE))
    slot, n = live.engine.active, live.engine.latency_samples
    rack = HandRack(live.desk, 0, 1, 1, gain=-1.0)
    live.desk.counts[IS_RECORDING] = 1

    def sleepy(now):
        if not 12288 <= now < 20480:
            pump(slot.block.address)
        rack(now)
        if now == 30720:
            live.desk.set_bypass(True, 64)

    played, dry = live.play(MUSIC, sleepy), late(MUSIC, n)
    assert np.array_equal(played[:, 16500:20000], dry[:, 16500:20000])
    assert np.array_equal(played[:, 32000:], dry[:, 32000:])
    assert jump(played[:, 4096:]) < 1.3 * jump(MUSIC)
    frames = live.desk.record.reshape(8192, MAX_TARGETS + 2, 2).transpose(1, 2, 0)
    assert np.array_equal(frames[0, :, n + 64 : 8192], dry[:, n + 64 : 8192])
    mixed = frames[1:5].sum(axis=0, dtype=np.float64)
    assert np.abs(mixed - frames[-1])[:, n + 64 :].max() < 1e-6


def test_a_delay_beyond_the_rings_is_refused(rig):
    with pytest.raises(EngineError, match="their rings hold"):
        rig(delays=(1 << 15, 0))
