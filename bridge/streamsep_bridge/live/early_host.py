"""Starts audio processes; the first one early, while the program that wants it still loads."""

from __future__ import annotations

import contextlib
import subprocess
import sys
from collections.abc import Iterator

_early: list[subprocess.Popen[str]] = []


@contextlib.contextmanager
def host_started_early() -> Iterator[None]:
    """Start a process that somebody will want soon; one that nobody took is ended in the end."""
    process = _start()
    _early.append(process)
    try:
        yield
    finally:
        if process in _early:
            _early.remove(process)
            process.kill()
            process.wait()
            for pipe in (process.stdin, process.stdout, process.stderr):
                assert pipe is not None
                pipe.close()


def start_process() -> subprocess.Popen[str]:
    """A process of `streamsep_bridge.live.host`: the one that was started early, or a fresh one."""
    if _early and _early[-1].poll() is None:
        return _early.pop()
    return _start()


def _start() -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "streamsep_bridge.live.host"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
