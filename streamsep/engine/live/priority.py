"""Real-time priority for threads that sound depends on, where the system has it and lets us."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterable, Iterator
from pathlib import Path

WORKER_PRIORITY = 2
"""Of a model's worker: above all ordinary work, below any sound server and its clients (JACK: 5 and more)."""

AUDIO_PRIORITY = 5
"""Of an audio thread that its driver left an ordinary one."""


def thread_ids() -> set[int]:
    """Threads of this process as the system numbers them; empty where it does not tell (Linux does)."""
    try:
        return {int(entry.name) for entry in Path("/proc/self/task").iterdir()}
    except OSError:
        return set()


def is_real_time(thread: int) -> bool:
    """Whether a thread is scheduled before all ordinary ones."""
    try:
        return os.sched_getscheduler(thread) in (os.SCHED_FIFO, os.SCHED_RR)
    except (AttributeError, OSError):  # another system, or the thread has ended
        return False


@contextlib.contextmanager
def collect_threads(found: set[int]) -> Iterator[None]:
    """Add threads that are started meanwhile, by whatever library, to a set."""
    before = thread_ids()
    yield
    found |= thread_ids() - before


def raise_priority(threads: Iterable[int], priority: int) -> bool:
    """Schedule threads before ordinary ones; those that already are keep the priority they have.

    Args:
        threads: As the system numbers them; those that have ended do not count.
        priority: 1 to 99.

    Returns:
        Whether all of them are, and there is one.
    """
    threads = set(threads) & thread_ids()
    for thread in threads:
        if not is_real_time(thread):
            # Another system has no such call, or this one forbids it.
            with contextlib.suppress(AttributeError, OSError):
                os.sched_setscheduler(thread, os.SCHED_FIFO, os.sched_param(priority))
    return bool(threads) and all(is_real_time(thread) for thread in threads)
