import os

import pytest

from streamsep_bridge.screen import keys as keys_module
from streamsep_bridge.screen.keys import KeyReader, decode

TYPED = "m\x1b[A\x1b[B\x1bOC\x1bODs\x1b[1;5C\x1b[15~é3\x1bq"
KEYS = ["m", "up", "down", "right", "left", "s", "é", "3", "q"]
"""F5 and Ctrl-Right are no keys of ours; Alt with a letter is that letter."""


def test_sequences_become_names():
    assert decode(TYPED) == (KEYS, "")


@pytest.mark.parametrize("at", range(1, len(TYPED)))
def test_a_sequence_may_come_in_two_pieces(at):
    first, rest = decode(TYPED[:at])
    second, rest = decode(rest + TYPED[at:])
    assert (first + second, rest) == (KEYS, "")


def test_what_is_not_complete_is_kept():
    assert decode("a\x1b[1;") == (["a"], "\x1b[1;")
    assert decode("\x1b") == ([], "\x1b")


@pytest.fixture
def terminal(monkeypatch):
    """A pseudo-terminal as standard input; gives the end that types and the one that reads."""
    pty = pytest.importorskip("pty", reason="Windows has no pseudo-terminals")
    typing, reading = pty.openpty()
    with open(reading, closefd=False) as stdin:
        monkeypatch.setattr(keys_module.sys, "stdin", stdin)
        monkeypatch.setattr(keys_module.os, "tcgetpgrp", lambda terminal: os.getpgrp())
        yield typing, reading
    os.close(typing)
    os.close(reading)


def test_keys_arrive_without_enter_and_the_terminal_is_as_before(terminal):
    import termios

    typing, reading = terminal
    before = termios.tcgetattr(reading)
    pressed = []
    with KeyReader(pressed.append) as reader:
        inside = termios.tcgetattr(reading)
        os.write(typing, "m\x1b[Aé".encode())
        wait_for(lambda: len(pressed) == 3)
    assert pressed == ["m", "up", "é"]
    assert not inside[3] & (termios.ICANON | termios.ECHO)
    assert inside[3] & termios.ISIG  # Ctrl-C goes on working
    assert termios.tcgetattr(reading) == before
    assert not reader._thread.is_alive()


def test_the_terminal_is_as_before_after_an_error(terminal):
    import termios

    before = termios.tcgetattr(terminal[1])
    with pytest.raises(ZeroDivisionError), KeyReader(lambda key: None):
        raise ZeroDivisionError
    assert termios.tcgetattr(terminal[1]) == before


def test_a_program_in_the_background_leaves_the_terminal_alone(terminal, monkeypatch):
    import termios

    monkeypatch.setattr(keys_module.os, "tcgetpgrp", lambda terminal: os.getpgrp() + 1)
    before = termios.tcgetattr(terminal[1])
    with KeyReader(lambda key: None):
        assert termios.tcgetattr(terminal[1]) == before


def test_no_terminal_no_keys(monkeypatch):
    with open(os.devnull) as stdin:
        monkeypatch.setattr(keys_module.sys, "stdin", stdin)
        with KeyReader(lambda key: None) as reader:
            assert reader._thread is None


def wait_for(is_so, seconds=5.0):
    import time

    end = time.monotonic() + seconds
    while not is_so() and time.monotonic() < end:
        time.sleep(0.01)
    assert is_so()
