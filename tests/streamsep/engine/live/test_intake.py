"""Two clocks that differ, blocks that come early and late: what is played is the sound, at a steady delay."""

import numpy as np
import pytest

from streamsep.engine.live.clock import LARGEST
from streamsep.engine.live.draw import take
from streamsep.engine.live.intake import (
    CORRECTION,
    FLUSH,
    GAPS,
    HAS_ENDED,
    IS_PAUSED,
    LATENCY_NS,
    N_INTAKE,
    READ,
    flush_mark,
    make_device_intake,
    make_file_intake,
)
from streamsep.engine.live.supply import give, set_count, supply

BLOCK_IN, BLOCK_OUT = 480, 256


class TwoClocks:
    """A device that records a sound, another that plays it, in simulated time.

    Args:
        rates: Nominal, of the input and the output, in Hz.
        ppm: How much faster each really runs, in parts per million.
        late_s: Callbacks come up to so much late, at random.
        sound: Of the time in seconds.
    """

    def __init__(self, rates, ppm, late_s, sound):
        self.rate_in, self.rate_out = (r * (1 + p * 1e-6) for r, p in zip(rates, ppm, strict=True))
        self.counts = np.zeros(N_INTAKE, np.int64)
        self.intake = make_device_intake(2, *rates, self.counts).intake
        self.random, self.late_s, self.sound = np.random.default_rng(1), late_s, sound
        self.n_in = self.n_out = self.n_lost = 0
        self.fills = []
        self.is_unplugged = False

    def play(self, seconds):
        """What is played in the time. [n, 2]"""
        end, parts = (self.n_out + seconds * self.rate_out) // BLOCK_OUT * BLOCK_OUT, []
        while self.n_out < end:
            next_in, next_out = (self.n_in + BLOCK_IN) / self.rate_in, self.n_out / self.rate_out
            now = 100.0 + min(next_in, next_out) + self.random.uniform(0.0, self.late_s)
            if next_in <= next_out:
                t = (self.n_in + np.arange(BLOCK_IN)) / self.rate_in
                if self.is_unplugged:
                    self.n_lost += BLOCK_IN
                else:
                    x = self.sound(t).astype(np.float32)
                    give(self.intake, np.stack([x, -x], axis=1), now)
                self.n_in += BLOCK_IN
            else:
                block = np.empty((BLOCK_OUT, 2), np.float32)
                take(self.intake, block, now)
                parts.append(block)
                self.n_out += BLOCK_OUT
                given = self.n_out / self.rate_out * self.rate_in - self.n_lost
                self.fills.append(given - self.counts[READ])
        return np.concatenate(parts)


def sine(frequency):
    return lambda t: 0.5 * np.sin(2 * np.pi * frequency * t)


def snr_db(x, frequency, rate):
    """Power within 10 Hz of a tone against all other: what wows more slowly than that is not noise."""
    spectrum = np.abs(np.fft.rfft(x * np.kaiser(len(x), 24.0))) ** 2
    f = np.fft.rfftfreq(len(x), 1.0 / rate)
    is_tone = abs(f - frequency) < 10.0
    return 10 * np.log10(spectrum[is_tone].sum() / spectrum[~is_tone].sum())


CASES = [
    ((44100, 44100), (0, 0)),
    ((44100, 44100), (300, -300)),
    ((44100, 48000), (-300, 300)),
    ((48000, 44100), (300, -300)),
    ((48000, 48000), (-20, 30)),
]


@pytest.mark.parametrize("frequency", [1000.0, 10000.0])
@pytest.mark.parametrize(("rates", "ppm"), CASES)
def test_a_tone_passes_clean_between_two_clocks(rates, ppm, frequency):
    clocks = TwoClocks(rates, ppm, 0.001, sine(frequency))
    clocks.play(60.0)
    clocks.fills.clear()
    heard = clocks.play(8.0)
    assert clocks.counts[GAPS] == 0
    assert np.ptp(clocks.fills) < 8  # of which one is the rounding
    for channel in heard.T:
        assert snr_db(channel, frequency, clocks.rate_out) > 80.0


def test_the_delay_is_the_declared_one():
    clocks = TwoClocks((44100, 48000), (200, -100), 0.001, lambda t: t / 1000.0)
    clocks.play(20.0)
    start = clocks.n_out
    heard = clocks.play(1.0)[:, 0]
    now = (start + np.arange(len(heard))) / clocks.rate_out
    delay_s = np.median(now - 1000.0 * heard.astype(float))
    declared_s = clocks.counts[LATENCY_NS] * 1e-9 + BLOCK_IN / clocks.rate_in  # as in one stream
    assert delay_s == pytest.approx(declared_s, abs=0.0003)


@pytest.mark.parametrize("is_output", [False, True])
def test_a_stream_that_stops_leaves_a_gap_without_a_click_and_the_delay_returns(is_output):
    clocks = TwoClocks((44100, 44100), (50, -50), 0.001, sine(1000.0))
    before = clocks.play(10.0)
    fill = np.mean(clocks.fills[-100:])
    if is_output:
        clocks.n_out += round(0.5 * clocks.rate_out / BLOCK_OUT) * BLOCK_OUT
    else:
        clocks.is_unplugged = True
        before = np.concatenate([before, clocks.play(1.0)])
        clocks.is_unplugged = False
    heard = np.concatenate([before, clocks.play(5.0)])[:, 0]
    assert clocks.counts[GAPS] == 1
    steepest = 0.5 * 2 * np.pi * 1000.0 / 44100 + 0.5 / 64
    assert np.abs(np.diff(heard)).max() < steepest
    assert np.abs(heard[-44100:]).max() > 0.49
    assert np.mean(clocks.fills[-100:]) == pytest.approx(fill, abs=25)


class File:
    """A file's intake; its frames are whole numbers from 1 on, by channel with their sign."""

    def __init__(self):
        self.counts = np.zeros(N_INTAKE, np.int64)
        self.intake = make_file_intake(2, 48000, self.counts).intake
        self.fade, self.target = self.intake.fade, self.intake.target
        self.next = 1

    def supply(self, n):
        x = np.arange(self.next, self.next + n, dtype=np.float32)
        supply(self.intake, np.stack([x, -x], axis=1))
        self.next += n

    def take(self, n):
        block = np.full((n, 2), np.nan, np.float32)
        take(self.intake, block, 0.0)
        np.testing.assert_array_equal(block[:, 0], -block[:, 1])
        return block[:, 0]


def test_a_file_passes_bit_by_bit_from_its_first_frame_to_its_last():
    file, random, heard = File(), np.random.default_rng(2), []
    while file.next < 100_000:
        file.supply(int(random.integers(1000, 3000)))
        while file.next - 1 - file.counts[READ] > 3000:
            heard.append(file.take(int(random.integers(1, 1500))))
    set_count(file.counts, HAS_ENDED, 1)
    heard += [file.take(1000) for _ in range(20)]
    heard = np.concatenate(heard)
    played = heard[np.flatnonzero(heard)[0] :]
    np.testing.assert_array_equal(played[: file.next - 1], np.arange(1, file.next))
    assert not played[file.next - 1 :].any()
    assert file.counts[GAPS] == 0


def test_nothing_is_heard_before_there_is_enough():
    file = File()
    file.supply(file.target - 1)
    assert not file.take(64).any()
    file.supply(1)
    assert file.take(64)[0] == 1.0


def test_a_pause_fades_and_goes_on_at_the_next_frame():
    file = File()
    file.supply(20_000)
    before = file.take(1000)
    set_count(file.counts, IS_PAUSED, 1)
    leaving = file.take(1000)
    assert not leaving[file.fade + 1 :].any()
    assert not file.take(1000).any()
    set_count(file.counts, IS_PAUSED, 0)
    coming = file.take(1000)
    assert np.all(np.diff(leaving[: file.fade]) < 0.0)
    assert np.all(np.diff(coming) > 0.0)
    n_faded = 1000 + file.fade
    assert before[-1] == 1000.0
    assert coming[-1] == pytest.approx(n_faded + 1000, abs=1)
    assert file.counts[GAPS] == 0


@pytest.mark.parametrize("n", [16, 256, 4096])
def test_a_seek_leaves_out_what_was_not_played_yet(n):
    file = File()
    file.supply(20_000)
    file.take(256)
    set_count(file.counts, FLUSH, flush_mark(20_000, is_faded=True))
    file.supply(10_000)
    heard = np.concatenate([file.take(n) for _ in range(max(4096 // n, 2))])
    silent = np.flatnonzero(heard == 0.0)[0]
    assert silent <= file.fade + 1
    after = heard[heard > 2000.0]
    assert np.all(np.diff(after) > 0.0)
    assert after[-1] > 20_000
    assert file.counts[GAPS] == 0


def test_a_file_that_does_not_keep_up_fades_and_returns():
    file = File()
    file.supply(2000)
    heard = [file.take(256) for _ in range(12)]
    assert file.counts[GAPS] == 1
    file.supply(2000)
    heard = np.concatenate([*heard, file.take(1000)])
    gone = np.flatnonzero(heard)[-1001]
    assert np.abs(np.diff(heard)).max() <= 1.0 + 2500.0 / file.fade
    assert heard[-1] > heard[gone]


def test_the_delay_stays_where_it_is_for_minutes():
    clocks = TwoClocks((44100, 44100), (300, -300), 0.001, sine(440.0))
    clocks.play(30.0)
    clocks.fills.clear()
    clocks.play(270.0)
    assert np.ptp(clocks.fills) < 6
    assert clocks.counts[GAPS] == 0
    assert clocks.intake.numbers[CORRECTION] == pytest.approx(600e-6, abs=10e-6)


def test_a_clock_that_no_card_has_is_not_followed():
    clocks = TwoClocks((44100, 44100), (20_000, 0), 0.0, sine(440.0))
    clocks.play(10.0)
    assert clocks.intake.numbers[CORRECTION] == LARGEST
