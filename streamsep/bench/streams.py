"""How many real-time streams are held: in one batch, and in one process each, in the same run.

Held means: from a hop's due time to its stems takes less than half of a hop. On a machine that does
other work too, the 99th percentile tells what the others did; so the median and the processor time per
stream are reported beside it.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from rich.box import SIMPLE_HEAD
from rich.table import Table

from streamsep.bench.report import FORMAT_VERSION, machine
from streamsep.bench.stream_load import Lateness, Servers
from streamsep.model import Model

BATCHED, SEPARATE = "one batch", "a process each"


@dataclass(frozen=True)
class StreamsResult:
    """One way to serve streams on some cores.

    Attributes:
        way: `BATCHED` or `SEPARATE`.
        n_cores: Cores it had.
        hop_s: Seconds per hop.
        trials: What was tried, fewest streams first.
    """

    way: str
    n_cores: int
    hop_s: float
    trials: tuple[Lateness, ...]

    def held(self, field: str) -> int:
        """Most streams tried whose `p50_s` or `p99_s` stayed below half of a hop; 0: none did."""
        return max(
            (t.n_streams for t in self.trials if getattr(t, field) < 0.5 * self.hop_s), default=0
        )

    @property
    def cpu_s(self) -> float:
        """Least processor time per hop and stream of all trials."""
        return min(t.cpu_s for t in self.trials)


def count_streams(
    model: Model,
    precision: str,
    n_rounds: int,
    n_repeats: int,
    most: int,
    on_trial: Callable[[str], None] = lambda what: None,
) -> list[StreamsResult]:
    """Find how many streams are held, batched and in processes, on one core and on all.

    Args:
        model: What to run.
        precision: "float32" or "int8".
        n_rounds: Hops of every stream per trial.
        n_repeats: Trials of each count; their medians are taken.
        most: Streams beyond which nothing is tried.
        on_trial: Told what was tried, for a progress bar.
    """
    results = []
    for cores in _core_sets():
        n_cores = os.cpu_count() or 1 if cores is None else len(cores)
        for way in (BATCHED, SEPARATE):
            with Servers(model, precision, cores, way == BATCHED, n_cores) as servers:

                def measure(n_streams: int, way: str = way, servers: Servers = servers) -> Lateness:
                    trials = [servers.serve(n_streams, n_rounds) for _ in range(n_repeats)]
                    on_trial(f"{way}, {n_streams} streams")
                    return _median(trials)

                hop_s = model.profile.hop / 44100
                trials = search(measure, 0.5 * hop_s, most)
            results.append(StreamsResult(way, n_cores, hop_s, trials))
    return results


def search(measure: Callable[[int], Lateness], limit_s: float, most: int) -> tuple[Lateness, ...]:
    """Double the count until the median passes the limit, then halve the gap for median and p99.

    Args:
        measure: Lateness with so many streams.
        limit_s: What shall not be passed.
        most: Largest count tried.

    Returns:
        All trials, fewest streams first. The gap left is an eighth of the count, or one stream.
    """
    trials: dict[int, Lateness] = {}
    n = 1
    while True:
        trials[n] = measure(n)
        if n == most or trials[n].p50_s >= limit_s:
            break
        n = min(2 * n, most)
    for field in ("p50_s", "p99_s"):
        while True:
            below = [k for k, t in trials.items() if getattr(t, field) < limit_s]
            low = max(below, default=0)
            high = min((k for k in trials if k > low), default=low)
            if high - low <= max(1, high // 8):
                break
            trials[(low + high) // 2] = measure((low + high) // 2)
    return tuple(trials[k] for k in sorted(trials))


def streams_table(results: Sequence[StreamsResult], name: str, precision: str) -> Table:
    """One row per way and number of cores."""
    table = Table(
        title=f"Real-time streams of {name}, {precision}, done within half of a hop "
        f"({500.0 * results[0].hop_s:.1f} ms)",
        box=SIMPLE_HEAD,
        padding=(0, 1, 0, 0),
    )
    table.add_column("how", no_wrap=True)
    headings = ("cores", "by p99", "by median", "CPU us per hop and stream", "% core per stream")
    for heading in headings:
        table.add_column(heading, justify="right")
    for row in results:
        table.add_row(
            row.way,
            str(row.n_cores),
            str(row.held("p99_s")),
            str(row.held("p50_s")),
            f"{1e6 * row.cpu_s:.0f}",
            f"{100.0 * row.cpu_s / row.hop_s:.2f}",
        )
    for n_cores, ratios in _ratios(results).items():
        cells = ["" if ratio is None else f"x {ratio:.2f}" for ratio in ratios.values()]
        table.add_row("batch against processes", str(n_cores), *cells, "")
    return table


def streams_as_json(results: Sequence[StreamsResult], name: str, precision: str) -> dict[str, Any]:
    """Everything that was measured, JSON values only."""
    rows = [
        {
            "way": row.way,
            "cores": row.n_cores,
            "hop_ms": 1000.0 * row.hop_s,
            "held_p99": row.held("p99_s"),
            "held_p50": row.held("p50_s"),
            "cpu_us": 1e6 * row.cpu_s,
            "trials": [asdict(trial) for trial in row.trials],
        }
        for row in results
    ]
    ratios = [{"cores": n_cores, **ratios} for n_cores, ratios in _ratios(results).items()]
    return {
        "format": "streamsep-bench",
        "version": FORMAT_VERSION,
        "machine": machine(),
        "model": name,
        "precision": precision,
        "streams": rows,
        "ratios": ratios,
    }


def _ratios(results: Sequence[StreamsResult]) -> dict[int, dict[str, float | None]]:
    """Batched over separate for each number of cores; None where no process held its stream."""
    ratios = {}
    for row in results:
        if row.way != BATCHED:
            continue
        other = next(r for r in results if r.way == SEPARATE and r.n_cores == row.n_cores)
        held = {f: (row.held(f), other.held(f)) for f in ("p99_s", "p50_s")}
        ratios[row.n_cores] = {
            "p99": held["p99_s"][0] / held["p99_s"][1] if held["p99_s"][1] else None,
            "p50": held["p50_s"][0] / held["p50_s"][1] if held["p50_s"][1] else None,
            "cpu": other.cpu_s / row.cpu_s,
        }
    return ratios


def _median(trials: Sequence[Lateness]) -> Lateness:
    fields = ("p50_s", "p99_s", "cpu_s")
    medians = {name: float(np.median([getattr(t, name) for t in trials])) for name in fields}
    return Lateness(trials[0].n_streams, **medians)


def _core_sets() -> list[tuple[int, ...] | None]:
    """One core, then all that this process may use; only all where processes cannot be bound."""
    if not hasattr(os, "sched_getaffinity"):
        return [None]
    cores = tuple(sorted(os.sched_getaffinity(0)))
    return [cores[:1], cores] if len(cores) > 1 else [cores]
