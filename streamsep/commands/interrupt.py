"""Ctrl-C at a good moment: between blocks, never in the middle of writing one to several files."""

from __future__ import annotations

import contextlib
import signal
import threading
from collections.abc import Iterator
from types import FrameType


@contextlib.contextmanager
def deferred_interrupt() -> Iterator[None]:
    """Let a Ctrl-C that comes inside take effect at the end."""
    if threading.current_thread() is not threading.main_thread():
        yield  # signals reach only the main thread
        return
    pending: list[tuple[int, FrameType | None]] = []
    before = signal.signal(signal.SIGINT, lambda number, frame: pending.append((number, frame)))
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
    for number, frame in pending:
        if callable(before):
            before(number, frame)
        elif number != signal.SIGINT:  # only Ctrl-C is ignored
            signal.default_int_handler(number, frame)


@contextlib.contextmanager
def terminate_as_interrupt() -> Iterator[None]:
    """Treat SIGTERM (`timeout`, a service manager) as Ctrl-C: it leaves playable files too.

    Also where Ctrl-C is ignored, as in what a script starts in the background.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def interrupt(number: int, frame: FrameType | None) -> None:
        handler = signal.getsignal(signal.SIGINT)
        (handler if callable(handler) else signal.default_int_handler)(number, frame)

    before = signal.signal(signal.SIGTERM, interrupt)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def ignore_interrupt(*_: object) -> None:
    """Begin of a helping process: Ctrl-C reaches every process, and is its parent's business."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
