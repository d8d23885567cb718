"""A command that stops itself: queues and lent machines give so many minutes and no more."""

from __future__ import annotations

import _thread
import contextlib
import re
import signal
import threading
from collections.abc import Iterator

from streamsep.errors import ParameterError

_TIME = re.compile(r"(?=.)(?:(\d+)h)?(?:(\d+)m)?(?:(\d+)s?)?")


def read_time(text: str) -> float:
    """Seconds of a time as people write it: "45s", "9m", "2h30m", "90".

    Raises:
        ParameterError: It is no time, or none at all.
    """
    found = _TIME.fullmatch(text.strip().lower())
    hours, minutes, seconds = (int(x or 0) for x in found.groups()) if found else (0, 0, 0)
    total_s = 3600.0 * hours + 60.0 * minutes + seconds
    if total_s <= 0.0:
        raise ParameterError(f"the time '{text}' is not understood; write 45s, 9m or 2h30m")
    return total_s


@contextlib.contextmanager
def interrupted_after(text: str | None) -> Iterator[None]:
    """Ctrl-C for what is inside, so long after the block was entered.

    Also where Ctrl-C is ignored, as in what a script starts in the background. Call it in the main thread.

    Args:
        text: See `read_time`; None never interrupts.

    Raises:
        ParameterError: The time is not understood.
        KeyboardInterrupt: The time is up.
    """
    if text is None:
        yield
        return
    main = threading.get_ident()

    def interrupt() -> None:
        if hasattr(signal, "pthread_kill"):
            signal.pthread_kill(main, signal.SIGINT)  # wakes who sleeps or waits for a lock
        else:
            _thread.interrupt_main()

    clock = threading.Timer(read_time(text), interrupt)
    clock.daemon = True
    before = signal.getsignal(signal.SIGINT)
    if not callable(before):
        signal.signal(signal.SIGINT, signal.default_int_handler)
    clock.start()
    try:
        yield
    finally:
        clock.cancel()
        signal.signal(signal.SIGINT, before)
