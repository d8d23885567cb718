"""Time that is up is Ctrl-C: to who sleeps, to who saves, and where Ctrl-C itself is ignored."""

import signal
import threading
import time

import pytest

from streamsep.commands.interrupt import deferred_interrupt
from streamsep.errors import ParameterError
from streamsep_offline.commands.stop_after import interrupted_after, read_time


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("45s", 45), ("9m", 540), ("2h30m", 9000), ("90", 90), (" 1H ", 3600), ("1m30", 90)],
)
def test_times_as_people_write_them(text, seconds):
    assert read_time(text) == seconds


@pytest.mark.parametrize("text", ["", "0", "soon", "-5m", "5 m", "1.5h", "3d", "m"])
def test_what_is_no_time_is_refused(text):
    with pytest.raises(ParameterError, match="45s, 9m"):
        read_time(text)


def _sleep(seconds=30.0):
    began_s = time.monotonic()
    with pytest.raises(KeyboardInterrupt), interrupted_after("1s"):
        time.sleep(seconds)
    return time.monotonic() - began_s


def test_a_sleeper_is_woken():
    assert 0.9 < _sleep() < 20.0


def test_who_waits_for_a_lock_is_woken():
    with pytest.raises(KeyboardInterrupt), interrupted_after("1s"):
        threading.Event().wait(30.0)


def test_a_step_is_finished_first():
    finished = []

    def step():
        with interrupted_after("1s"), deferred_interrupt():
            time.sleep(1.5)
            finished.append(True)

    with pytest.raises(KeyboardInterrupt):
        step()
    assert finished


def test_where_ctrl_c_is_ignored_the_clock_is_heard():
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        assert _sleep() < 20.0
        assert signal.getsignal(signal.SIGINT) is signal.SIG_IGN
    finally:
        signal.signal(signal.SIGINT, before)


def test_who_is_done_in_time_hears_nothing():
    with interrupted_after("1s"):
        pass
    time.sleep(1.2)


def test_no_time_never_ends():
    with interrupted_after(None):
        pass
