import os
import signal
import threading

import pytest

from streamsep.commands.interrupt import deferred_interrupt, terminate_as_interrupt


def interrupted_inside(done, number=signal.SIGINT):
    with deferred_interrupt():
        signal.raise_signal(number)
        done.append("rest of the block")
    done.append("never")


def test_ctrl_c_waits_for_the_end_of_the_block():
    done = []
    with pytest.raises(KeyboardInterrupt):
        interrupted_inside(done)
    assert done == ["rest of the block"]
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


def test_error_inside_comes_before_ctrl_c():
    with pytest.raises(ZeroDivisionError), deferred_interrupt():
        raise ZeroDivisionError


@pytest.mark.skipif(os.name == "nt", reason="Windows has no SIGTERM to catch")
def test_sigterm_acts_like_ctrl_c():
    with pytest.raises(KeyboardInterrupt), terminate_as_interrupt():
        signal.raise_signal(signal.SIGTERM)
    assert signal.getsignal(signal.SIGTERM) is signal.SIG_DFL


@pytest.fixture
def ignored_ctrl_c():
    """As in what a script starts in the background."""
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.mark.skipif(os.name == "nt", reason="Windows has no SIGTERM to catch")
def test_sigterm_ends_what_ignores_ctrl_c(ignored_ctrl_c):
    with pytest.raises(KeyboardInterrupt), terminate_as_interrupt():
        signal.raise_signal(signal.SIGTERM)
    done = []
    with pytest.raises(KeyboardInterrupt), terminate_as_interrupt():
        interrupted_inside(done, signal.SIGTERM)
    assert done == ["rest of the block"]


def test_ignored_ctrl_c_stays_ignored(ignored_ctrl_c):
    done = []
    interrupted_inside(done)
    assert done == ["rest of the block", "never"]


def test_other_threads_may_use_it():
    done = []

    def work():
        with deferred_interrupt(), terminate_as_interrupt():
            done.append(True)

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert done
