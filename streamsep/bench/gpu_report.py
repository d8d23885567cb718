"""What `streamsep bench --gpu` found: the card, one row per measurement, as lines and as JSON.

Needs no package but numpy and torch, so that a machine with a card and little else can run it.
"""

from __future__ import annotations

import json
import os
import platform
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch

from streamsep.bench.timing import Statistics

FORMAT_VERSION = 1
"""Version of the JSON report."""

TOLERANCE, HALF_TOLERANCE = 1e-4, 0.02
"""Largest difference to the reference, in float32 and with half-precision products."""

HEADINGS = (
    f"{'what':<34} {'profile':<8} {'products':<9} {'streams':>7} {'hops':>7} {'p50 ms':>8} {'p99 ms':>8} "
    f"{'max ms':>8} {'% hop':>6} {'x floor':>8} {'differs':>8}  remark"
)
"""Of the lines that `as_line` makes."""


@dataclass(frozen=True)
class GpuRow:
    """One measurement: from samples in the host's memory to stems in the host's memory.

    Attributes:
        part: Of the benchmark.
        what: What ran.
        profile: Its windows.
        precision: Of its products.
        n_streams: Per hop.
        hop_ms: What a hop of sound lasts.
        statistics: Of the durations; None where it could not run.
        floor_ms: Bytes of the weights over the card's measured bandwidth; None without products.
        difference: Largest difference to the reference's stems, None where not compared.
        remark: What people should know.
    """

    part: str
    what: str
    profile: str
    precision: str
    n_streams: int
    hop_ms: float
    statistics: Statistics | None = None
    floor_ms: float | None = None
    difference: float | None = None
    remark: str = ""

    @property
    def is_in_time(self) -> bool:
        """Whether p99 stays below half of the hop."""
        return self.statistics is not None and self.statistics.p99_ms < 0.5 * self.hop_ms

    def as_line(self) -> str:
        """For people, under `HEADINGS`."""
        s = self.statistics
        times = "" if s is None or not self.floor_ms else f"{s.p50_ms / self.floor_ms:.2f}"
        cells = ("", "", "", "", "")
        if s is not None:
            share = 100.0 * s.p99_ms / self.hop_ms
            cells = (
                f"{s.count:,}",
                f"{s.p50_ms:.3f}",
                f"{s.p99_ms:.3f}",
                f"{s.max_ms:.3f}",
                f"{share:.1f}",
            )
        differs = "" if self.difference is None else f"{self.difference:.1e}"
        line = (
            f"{self.what:<34} {self.profile:<8} {self.precision:<9} {self.n_streams:>7} {cells[0]:>7} "
            f"{cells[1]:>8} {cells[2]:>8} {cells[3]:>8} {cells[4]:>6} {times:>8} {differs:>8}"
        )
        return f"{line}  {self.remark}".rstrip()


class GpuReport:
    """Rows as they come, kept in a file so that a program that is ended loses none.

    Args:
        path: JSON file, rewritten after each row; None has none.
        device: "cuda" or "cpu".
        bandwidth: Measured, in bytes per s.

    Attributes:
        rows: So far.
    """

    def __init__(self, path: str | Path | None, device: str, bandwidth: float) -> None:
        self._path, self.rows = path, list[GpuRow]()
        self.card = describe_card(device) | {"bandwidth_gb_s": round(bandwidth / 1e9, 1)}
        self._write()

    @property
    def is_equal(self) -> bool:
        """Whether all of part "equal" ran, and in float32 within `TOLERANCE` of the reference."""
        compared = [row for row in self.rows if row.part == "equal"]
        limits = {"float32": TOLERANCE}
        return all(
            row.difference is not None
            and row.difference <= limits.get(row.precision, HALF_TOLERANCE)
            for row in compared
        )

    def add(self, row: GpuRow) -> None:
        """Take a row."""
        self.rows.append(row)
        self._write()

    def as_json(self) -> dict[str, Any]:
        """Everything, JSON values only."""
        return {
            "format": "streamsep-bench-gpu",
            "version": FORMAT_VERSION,
            "card": self.card,
            "rows": [asdict(row) | {"is_in_time": row.is_in_time} for row in self.rows],
        }

    def _write(self) -> None:
        if self._path is not None:
            text = json.dumps(self.as_json(), indent=1) + "\n"
            Path(self._path).write_text(text, encoding="utf-8")


def describe_card(device: str) -> dict[str, Any]:
    """Name, size and software of a device."""
    facts: dict[str, Any] = {
        "system": platform.platform(),
        "cores": os.cpu_count(),
        "python": platform.python_version(),
        "torch": torch.__version__,
        "numpy": np.__version__,
        "cuda": torch.version.cuda,
    }
    if not device.startswith("cuda"):
        return facts | {"name": "no card: the program as it is, on the processor"}
    card = torch.cuda.get_device_properties(device)
    return facts | {
        "name": card.name,
        "capability": f"{card.major}.{card.minor}",
        "memory_gb": round(card.total_memory / 1e9, 1),
        "multiprocessors": card.multi_processor_count,
    }
