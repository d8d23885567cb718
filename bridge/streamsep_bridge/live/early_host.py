"""Starts audio processes; the first one early, while the program that wants it still loads."""

from __future__ import annotations

import atexit
import subprocess
import sys

_early: list[subprocess.Popen[str]] = []


def start_early() -> None:
    """Start a process that somebody will want soon; without anybody it ends with this program."""
    process = _start()
    atexit.register(process.kill)
    _early.append(process)


def start_process() -> subprocess.Popen[str]:
    """A process of `streamsep_bridge.live.host`: the one that was started early, or a fresh one."""
    while _early:
        process = _early.pop()
        if process.poll() is None:
            return process
    return _start()


def _start() -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "streamsep_bridge.live.host"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
