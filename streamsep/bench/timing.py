"""Clocking: competitors take turns, and medians are compared.

On a machine that is not idle, two measurements made one after the other compare two states of the
machine. So each competitor runs a few times, then the next, for several rounds: all of them see the
same weather, and the median over rounds leaves the gusts out.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

from streamsep.errors import ParameterError


@dataclass(frozen=True)
class Statistics:
    """Durations in milliseconds: how many, their mean, percentiles, least and largest."""

    count: int
    mean_ms: float
    min_ms: float
    p50_ms: float
    p95_ms: float
    p99_ms: float
    max_ms: float

    @classmethod
    def of(cls, seconds: np.ndarray) -> Statistics:
        """Statistics of durations in seconds [count].

        Raises:
            ParameterError: There are none.
        """
        if seconds.size == 0:
            raise ParameterError("no durations to summarise; time at least one run")
        ms = 1000.0 * np.asarray(seconds, np.float64)
        p50, p95, p99 = (float(p) for p in np.percentile(ms, (50.0, 95.0, 99.0)))
        return cls(ms.size, float(ms.mean()), float(ms.min()), p50, p95, p99, float(ms.max()))


def time_each(job: Callable[[], object], count: int) -> np.ndarray:
    """Duration in seconds of each of `count` calls [count]."""
    durations = np.empty(count)
    for i in range(count):
        start = time.perf_counter()
        job()
        durations[i] = time.perf_counter() - start
    return durations


def interleave(
    jobs: Mapping[str, Callable[[], object]],
    rounds: int,
    repeats: int,
    on_round: Callable[[], None] = lambda: None,
) -> dict[str, np.ndarray]:
    """Time jobs in turns.

    Args:
        jobs: What to call, by name.
        rounds: Turns of each job.
        repeats: Timed calls per turn, after one untimed call that warms the caches for it.
        on_round: Called after each round, for a progress bar.

    Returns:
        Durations in seconds by name. [rounds * repeats]
    """
    durations: dict[str, list[np.ndarray]] = {name: [] for name in jobs}
    for _ in range(rounds):
        for name, job in jobs.items():
            job()
            durations[name].append(time_each(job, repeats))
        on_round()
    return {name: np.concatenate(turns) for name, turns in durations.items()}
