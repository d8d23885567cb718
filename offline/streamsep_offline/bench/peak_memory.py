"""Peak memory of one filter, in a process of its own: `python -m streamsep_offline.bench.peak_memory NAME`.

The kernel keeps the largest resident size of a process and can forget it on request, so what is measured
is all memory, whoever allocated it (numpy, torch, compiled loops), from just before the filter runs:
imports, input and a run on a small input come first. The filter's result counts. Linux only.
"""

from __future__ import annotations

import gc
import os
import subprocess
import sys
from pathlib import Path

from streamsep_offline.bench.wiener import CONTESTANTS, make_input

_STATUS, _RESET = Path("/proc/self/status"), Path("/proc/self/clear_refs")
_FORGET_PEAK = "5"
"""What to write so that the largest resident size becomes the present one (man 5 proc)."""

_SMALL = 16
"""Bins and frames of the run that loads and compiles all there is to load."""


def peak_bytes(name: str, n_frames: int) -> int | None:
    """Peak memory of a contestant beyond its input; None where it cannot be measured.

    Args:
        name: One of CONTESTANTS.
        n_frames: Frames of the input.
    """
    command = [sys.executable, "-m", __name__, name, str(n_frames)]
    ended = subprocess.run(command, capture_output=True, text=True, env=dict(os.environ))
    return int(ended.stdout) if ended.returncode == 0 and ended.stdout.strip() else None


def _kilobytes(key: str) -> int:
    """A figure of this process: VmRSS is its resident size, VmHWM the largest so far."""
    for line in _STATUS.read_text().splitlines():
        if line.startswith(f"{key}:"):
            return int(line.split()[1])
    raise OSError(f"{_STATUS} has no {key}")


def _measure(name: str, n_frames: int) -> int:
    make = CONTESTANTS[name]
    small, contestant = make(make_input(_SMALL, _SMALL)), make(make_input(n_frames=n_frames))
    if small is None or contestant is None:
        raise OSError(f"{name} is not installed")
    small.run()
    gc.collect()
    _RESET.write_text(_FORGET_PEAK)
    before = _kilobytes("VmRSS")
    result = contestant.run()
    after = _kilobytes("VmHWM")
    del result
    return 1024 * (after - before)


if __name__ == "__main__":
    try:
        sys.stdout.write(str(_measure(sys.argv[1], int(sys.argv[2]))))
    except OSError:  # another system, or one that forbids it
        sys.exit(1)
