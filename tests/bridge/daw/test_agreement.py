"""Two faders that are told of each other's moves come to rest at the same place."""

import random

import pytest

from streamsep_bridge.daw.agreement import Agreement, is_same


def test_what_was_sent_is_not_taken_back():
    agreement = Agreement()
    assert agreement.is_open
    assert agreement.should_take(0.0, 0.0)
    agreement.take(0.0)
    assert not agreement.should_send(0.0, 0.0)
    for step in range(1, 6):
        assert agreement.should_send(-float(step), 0.01 * step)
    assert not agreement.should_take(-2.004, 0.1)  # an echo of long ago, as the DAW rounds it
    assert not agreement.should_take(-5.0, 0.2)
    assert agreement.should_take(-2.0, 0.3)  # moved back by a hand


def test_an_echo_that_comes_too_late_is_a_move():
    agreement = Agreement()
    agreement.send(-6.0, 0.0)
    agreement.send(-7.0, 0.0)
    assert agreement.should_take(-6.0, 5.0)


def test_silence_is_one_place():
    assert is_same(-float("inf"), -float("inf"))
    assert not is_same(-float("inf"), -120.0)


class Strip:
    """A DAW's fader at the other end of a slow line: it rounds, has a top, and tells what it did."""

    def __init__(self, line):
        self.db, self._line = 0.0, line

    def obey(self, db):
        self.db = min(round(db, 3), 6.0)
        self._line.append(self.db)


@pytest.mark.parametrize("seed", range(20))
def test_hands_on_both_sides_end_in_agreement_and_silence(seed):
    rng = random.Random(seed)
    there, back = [], []
    strip, here, agreement, n_sent = Strip(back), 0.0, Agreement(), 0
    agreement.take(0.0)
    for step in range(400):
        now_s = 0.01 * step
        if step < 200 and rng.random() < 0.2:
            here = rng.uniform(-60.0, 12.0)
        if step < 200 and rng.random() < 0.1:
            strip.obey(rng.uniform(-60.0, 6.0))
        while there and rng.random() < 0.5:
            strip.obey(there.pop(0))
        while back and rng.random() < 0.5:
            told = back.pop(0)
            if agreement.should_take(told, now_s):
                here = told
                agreement.take(here)
        if agreement.should_send(here, now_s):
            there.append(here)
            n_sent += 1
            last_sent = step
    assert last_sent < 300
    assert n_sent < 100
    assert is_same(here, strip.db)
