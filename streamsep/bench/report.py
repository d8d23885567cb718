"""The measurements as tables for people and as JSON for programs."""

from __future__ import annotations

import os
import platform
from collections.abc import Sequence
from dataclasses import asdict
from importlib import metadata
from typing import Any

import llvmlite.binding as llvm
import numpy as np
from rich.box import SIMPLE_HEAD
from rich.table import Table

from streamsep.bench.hops import HopResult
from streamsep.bench.networks import NetworkResult
from streamsep.bench.workload import Workload

FORMAT_VERSION = 1
"""Version of the JSON report."""

_PACKAGES = ("streamsep", "numpy", "numba", "torch", "onnx", "onnxruntime")
_N_HISTOGRAM_BINS = 50
_PADDING = (0, 1, 0, 0)  # narrow, so that a row fits into a line of 100


def network_table(results: Sequence[NetworkResult], workload: Workload) -> Table:
    """One row per candidate; "x floor" compares medians, "best" shows what noise hides."""
    millions = workload.n_matrix_weights / 1e6
    table = Table(
        title=f"{len(workload.weights)} causal Open-Unmix networks, hidden size "
        f"{workload.settings.hidden_size}, {millions:.1f} M weights: one step, one thread",
        box=SIMPLE_HEAD,
        padding=_PADDING,
    )
    table.add_column("weights", no_wrap=True)
    table.add_column("what", no_wrap=True)
    for heading in ("best ms", "median ms", "p95 ms", "x floor", "differs"):
        table.add_column(heading, justify="right", no_wrap=True)
    table.add_column("")
    for row in results:
        statistics, times = row.statistics, row.times_floor
        table.add_row(
            row.precision,
            row.name,
            "" if statistics is None else f"{statistics.min_ms:.2f}",
            "" if statistics is None else f"{statistics.p50_ms:.2f}",
            "" if statistics is None else f"{statistics.p95_ms:.2f}",
            "" if times is None else f"{times:.2f}",
            "" if row.difference is None else f"{row.difference:.1e}",
            row.remark,
        )
    return table


def hop_table(results: Sequence[HopResult]) -> Table:
    """One row per engine: share of a core, percentiles, largest."""
    title = "Whole hops of the compiled engine, stereo, one thread"
    table = Table(title=title, box=SIMPLE_HEAD, padding=_PADDING)
    for heading in ("what", "profile", "weights"):
        table.add_column(heading, no_wrap=True)
    for heading in ("hops", "hop ms", "% core", "p50 ms", "p95 ms", "p99 ms", "max ms"):
        table.add_column(heading, justify="right", no_wrap=True)
    for row in results:
        s = row.statistics
        table.add_row(
            row.name,
            row.spec.profile.name,
            row.precision,
            f"{s.count:,}",
            f"{1000.0 * row.spec.hop_s:.2f}",
            f"{row.percent_of_core:.1f}",
            *(f"{ms:.3f}" for ms in (s.p50_ms, s.p95_ms, s.p99_ms, s.max_ms)),
        )
    return table


def as_json(
    networks: Sequence[NetworkResult], hops: Sequence[HopResult], workload: Workload
) -> dict[str, Any]:
    """Everything that was measured, JSON values only."""
    return {
        "format": "streamsep-bench",
        "version": FORMAT_VERSION,
        "machine": machine(),
        "workload": {
            "networks": len(workload.weights),
            "hidden_size": workload.settings.hidden_size,
            "matrix_weights": workload.n_matrix_weights,
            "profile": workload.spec.profile.name,
        },
        "networks": [_network(row) for row in networks],
        "hops": [_hop(row) for row in hops],
    }


def _network(row: NetworkResult) -> dict[str, Any]:
    return {
        "name": row.name,
        "precision": row.precision,
        "statistics": None if row.statistics is None else asdict(row.statistics),
        "times_floor": row.times_floor,
        "difference": row.difference,
        "remark": row.remark,
    }


def _hop(row: HopResult) -> dict[str, Any]:
    counts, edges_s = np.histogram(row.seconds, _N_HISTOGRAM_BINS)
    return {
        "name": row.name,
        "profile": row.spec.profile.name,
        "precision": row.precision,
        "hop_ms": 1000.0 * row.spec.hop_s,
        "percent_of_core": row.percent_of_core,
        "statistics": asdict(row.statistics),
        "histogram": {"edges_ms": (1000.0 * edges_s).tolist(), "counts": counts.tolist()},
    }


def machine() -> dict[str, Any]:
    """What was measured on, JSON values only."""
    return {
        "system": platform.platform(),
        "processor": llvm.get_host_cpu_name(),
        "cores": os.cpu_count(),
        "python": platform.python_version(),
        "packages": {name: _version(name) for name in _PACKAGES},
    }


def _version(package: str) -> str | None:
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return None
