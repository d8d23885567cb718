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

import numba

from streamsep.engine.compiled.cache import cache_folder, remove_stale_folders, source_digest
from streamsep_offline.filters.equations import FAST_MATH

_CHUNKS_PER_THREAD = 4
"""More than one, so that a thread that lost the processor for a while delays nobody."""

_LEAST_WORK = 1 << 16
"""Time-frequency points below which starting threads costs more than it saves."""


def _prepare() -> Path:
    # Named by the digest of *this* folder: numba's cache would miss a change in `equations`.
    folder = cache_folder().with_name(f"compiled-filters-{source_digest(Path(__file__).parent)}")
    try:
        folder.mkdir(parents=True, exist_ok=True)
        folder.touch()
        remove_stale_folders(folder.parent)
    except OSError:  # a cache that cannot be written costs start-up time, nothing else
        pass
    return folder


_FOLDER = _prepare()


def kernel(function: Callable) -> Callable:
    """Compile a function: nopython, no GIL, fast, cached under a name made from all sources here."""
    decorate = numba.njit(
        nogil=True,
        forceinline=True,  # as in the engine, so that every process rounds alike
        fastmath=FAST_MATH,
        error_model="numpy",
        cache=os.access(_FOLDER, os.W_OK),
    )
    before = numba.config.CACHE_DIR
    numba.config.CACHE_DIR = str(_FOLDER)  # read by numba while it decorates, and only then
    try:
        return decorate(function)
    finally:
        numba.config.CACHE_DIR = before


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
