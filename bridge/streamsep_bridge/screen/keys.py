"""Keys from the terminal as they are pressed; the terminal is as it was before when the reader is left."""

from __future__ import annotations

import contextlib
import importlib
import os
import re
import select
import sys
import threading
import time
from collections.abc import Callable, Iterator
from types import TracebackType

_POLL_S = 0.05
"""A reader that is left ends after so long at most; an Escape that is alone so long stays alone."""

_ARROWS = {"A": "up", "B": "down", "C": "right", "D": "left"}
_WINDOWS_ARROWS = {"H": "up", "P": "down", "M": "right", "K": "left"}

_SEQUENCE = re.compile(r"\x1b[O\[]([0-?]*[ -/]*)([@-~])")
_BEGINNING = re.compile(r"\x1b(?:[O\[][0-?]*[ -/]*)?")


def decode(text: str) -> tuple[list[str], str]:
    """Keys that a terminal sent.

    Args:
        text: What came in, after what was left over before.

    Returns:
        Names: a character, or "up", "down", "left", "right"; keys with other sequences are left out.
        And the beginning of a sequence whose end is yet to come.
    """
    keys: list[str] = []
    while text:
        sequence = _SEQUENCE.match(text)
        if sequence:
            if not sequence[1] and sequence[2] in _ARROWS:
                keys.append(_ARROWS[sequence[2]])
            text = text[sequence.end() :]
        elif _BEGINNING.fullmatch(text):
            return keys, text
        else:
            if text[0] != "\x1b":
                keys.append(text[0])
            text = text[1:]
    return keys, ""


class KeyReader:
    """Calls a function with every key, in a thread of its own.

    Args:
        pressed: Gets a character, or "up", "down", "left", "right".

    It reads nothing where standard input is no terminal, or where the program runs in the background.
    """

    def __init__(self, pressed: Callable[[str], None]) -> None:
        self._pressed = pressed
        self._is_left = threading.Event()
        self._thread: threading.Thread | None = None
        self._mode = contextlib.ExitStack()

    def __enter__(self) -> KeyReader:
        if has_keyboard():
            if os.name != "nt":
                self._mode.enter_context(_keys_at_once(sys.stdin.fileno()))
            self._thread = threading.Thread(target=self._run, daemon=True, name="streamsep-keys")
            self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._is_left.set()
        self._mode.close()
        if self._thread is not None:
            self._thread.join(4 * _POLL_S)

    def _run(self) -> None:
        keys = _windows_keys if os.name == "nt" else _posix_keys
        for key in keys(self._is_left):
            self._pressed(key)


def has_keyboard() -> bool:
    """Whether keys can be read: a terminal stops whoever asks it for keys from the background."""
    if sys.stdin is None or not sys.stdin.isatty():
        return False
    return os.name == "nt" or os.tcgetpgrp(sys.stdin.fileno()) == os.getpgrp()


@contextlib.contextmanager
def _keys_at_once(terminal: int) -> Iterator[None]:
    """Keys come without Enter and unseen; Ctrl-Z and Ctrl-S, which would stop the sound, do nothing."""
    termios = importlib.import_module("termios")  # Windows has none
    before = termios.tcgetattr(terminal)
    mode = termios.tcgetattr(terminal)
    mode[0] &= ~termios.IXON
    mode[3] &= ~(termios.ECHO | termios.ICANON)
    mode[6][termios.VMIN], mode[6][termios.VTIME] = 1, 0
    mode[6][termios.VSUSP] = os.fpathconf(terminal, "PC_VDISABLE").to_bytes(1, "little")
    try:
        termios.tcsetattr(terminal, termios.TCSANOW, mode)
        yield
    finally:
        termios.tcsetattr(terminal, termios.TCSANOW, before)


def _posix_keys(is_left: threading.Event) -> Iterator[str]:
    terminal, rest = sys.stdin.fileno(), ""
    while not is_left.is_set():
        if not select.select([terminal], [], [], _POLL_S)[0]:
            rest = ""
            continue
        data = os.read(terminal, 64)
        if not data:
            return  # the terminal is gone
        keys, rest = decode(rest + data.decode(errors="ignore"))
        yield from keys


def _windows_keys(is_left: threading.Event) -> Iterator[str]:
    msvcrt = importlib.import_module("msvcrt")
    while not is_left.is_set():
        if not msvcrt.kbhit():
            time.sleep(_POLL_S / 2.0)
            continue
        key = msvcrt.getwch()
        if key not in ("\x00", "\xe0"):
            yield key
            continue
        arrow = _WINDOWS_ARROWS.get(msvcrt.getwch())
        if arrow:
            yield arrow
