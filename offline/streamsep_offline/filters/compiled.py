"""The decorator `kernel` of this folder, and chunks of bins over threads.

Loops compiled here run without the GIL, so ordinary Python threads share the bins: no threading layer
of numba's own, which neither survives a fork nor allows two callers at once. Each bin is computed by
itself, so the result does not depend on the number of threads.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from streamsep.engine.compiled.cache import make_kernel

_CHUNKS_PER_THREAD = 4
"""More than one, so that a thread that lost the processor for a while delays nobody."""

_LEAST_WORK = 1 << 16
"""Time-frequency points below which starting threads costs more than it saves."""


kernel = make_kernel(Path(__file__).parent, "filters")
"""Compiles a function of this folder."""


def n_threads() -> int:
    """Threads to use: OMP_NUM_THREADS where it is set, else all cores that this process may use."""
    wanted = os.environ.get("OMP_NUM_THREADS", "")
    if wanted.isdigit() and int(wanted) > 0:
        return int(wanted)
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def over_bins(job: Callable[[int, int], None], n_bins: int, n_frames: int) -> None:
    """Call job(first bin, bin after the last) for chunks that together are all bins."""
    threads = min(n_threads(), max(1, n_bins))
    if threads == 1 or n_bins * n_frames < _LEAST_WORK:
        job(0, n_bins)
        return
    n_chunks = min(n_bins, threads * _CHUNKS_PER_THREAD)
    edges = [i * n_bins // n_chunks for i in range(n_chunks + 1)]
    with ThreadPoolExecutor(threads) as pool:
        for done in [pool.submit(job, edges[i], edges[i + 1]) for i in range(n_chunks)]:
            done.result()
