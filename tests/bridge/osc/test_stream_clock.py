"""Which sample plays at a time of day, from readings that come late, and after a clock was set."""

import random

import pytest

from streamsep_bridge.osc.stream_clock import StreamClock, tag_of_time, time_of_tag

RATE, BLOCK = 48000, 256


def read_for(clock, seconds, start_s, offset_s, rng):
    """Readings of a stream that began at -offset_s, each up to a block and a little late."""
    for step in range(round(seconds * 100)):
        now_s = start_s + 0.01 * step
        samples = int((now_s + offset_s - rng.uniform(0.0, 0.002)) * RATE) // BLOCK * BLOCK
        clock.read(samples, RATE, now_s)
    return now_s


def test_late_readings_give_the_true_time():
    clock, rng = StreamClock(), random.Random(0)
    now_s = read_for(clock, 5.0, 1000.0, -990.0, rng)
    assert clock.sample_at(now_s + 0.5, RATE) == pytest.approx((now_s - 989.5) * RATE, abs=100)


def test_a_clock_that_was_set_is_followed():
    clock, rng = StreamClock(), random.Random(0)
    read_for(clock, 2.0, 1000.0, -990.0, rng)
    now_s = read_for(clock, 2.0, 1012.0, -1000.0, rng)  # ten seconds on, and the stream is not
    assert clock.sample_at(now_s, RATE) == pytest.approx((now_s - 1000.0) * RATE, abs=300)


def test_another_stream_begins_anew():
    clock = StreamClock()
    assert clock.sample_at(5.0, RATE) == 0
    clock.read(480000, RATE, 100.0)
    clock.read(0, RATE, 101.0)
    assert clock.sample_at(102.0, RATE) == RATE


@pytest.mark.parametrize("time_s", [0.0, 1.8e9, 2085978495.0, 3.0e9])
def test_tags_are_times(time_s):
    assert time_of_tag(tag_of_time(time_s + 0.25)) == pytest.approx(time_s + 0.25, abs=1e-6)
