"""The log of a run: a CSV file, TensorBoard's events, and a PNG of the curves.

The CSV file has a row per step; `select` is filled where the select list was looked at. A run that goes on
drops the rows after its checkpoint first, so that each step has one row.
"""

from __future__ import annotations

import csv
import os
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from streamsep_offline.training.whole_file import whole_file

if TYPE_CHECKING:
    from tensorboardX import SummaryWriter

COLUMNS = ("step", "loss", "rate", "norm", "wait_s", "select")

LOG, CURVES, EVENTS = "log.csv", "curves.png", "tensorboard"
"""Files of a run."""


class RunLog:
    """Writes the log of a run.

    Args:
        folder: Of the run.
    """

    def __init__(self, folder: Path) -> None:
        self._folder, self._path = folder, folder / LOG
        self._events: SummaryWriter | None = None
        self._row: list[object] = []
        self._row_at = 0

    def resumed(self, step: int) -> None:
        """Keep the rows up to this step."""
        from tensorboardX import SummaryWriter

        rows = [row for row in read_log(self._folder) if int(row["step"]) <= step]
        with whole_file(self._path, newline="", encoding="utf-8") as file:
            writer = csv.writer(file)
            writer.writerow(COLUMNS)
            writer.writerows([row[name] for name in COLUMNS] for row in rows)
        self._file = self._path.open("r+", newline="", encoding="utf-8")
        self._file.seek(0, os.SEEK_END)
        self._writer = csv.writer(self._file)
        self._events = SummaryWriter(str(self._folder / EVENTS), purge_step=step + 1)

    def stepped(self, step: int, loss: float, rate: float, norm: float, wait_s: float) -> None:
        """A row; it is in the file before any checkpoint of this step is."""
        # repr: every bit of the loss, so that runs can be compared
        self._row = [step, repr(loss), repr(rate), f"{norm:.6g}", f"{wait_s:.4g}", ""]
        self._row_at = self._file.tell()
        self._write_row()
        if self._events is not None:
            self._events.add_scalar("loss/train", loss, step)
            self._events.add_scalar("rate", rate, step)
            self._events.add_scalar("gradient norm", norm, step)

    def checked(self, step: int, select: float, is_best: bool) -> None:
        """The last row gets its select loss; the curves are drawn."""
        self._row[-1] = repr(select)
        self._file.seek(self._row_at)
        self._file.truncate()
        self._write_row()
        if self._events is not None:
            self._events.add_scalar("loss/select", select, step)
            self._events.flush()
        draw_curves(self._folder)

    def close(self) -> None:
        """Close the files."""
        if self._events is not None:
            self._events.close()
            self._file.close()

    def _write_row(self) -> None:
        self._writer.writerow(self._row)
        self._file.flush()


def read_log(folder: Path) -> list[dict[str, str]]:
    """Rows of a run's log, a row that was cut off left out; none where there is no log."""
    path = folder / LOG
    if not path.is_file():
        return []
    with path.open(newline="", encoding="utf-8") as file:
        return [row for row in csv.DictReader(file) if row.get("select") is not None]


def draw_curves(folder: Path) -> None:
    """Draw losses over steps as a PNG beside the log."""
    from matplotlib.figure import Figure

    rows = read_log(folder)
    figure = Figure(figsize=(8, 4), layout="constrained")
    axes = figure.subplots()
    steps, losses = [int(row["step"]) for row in rows], [float(row["loss"]) for row in rows]
    checks = [(int(row["step"]), float(row["select"])) for row in rows if row["select"]]
    axes.plot(steps, losses, color="0.8", linewidth=0.7, label="step")
    axes.plot(steps, _smooth(losses), label="train, smoothed")
    if checks:
        axes.plot(*zip(*checks, strict=True), marker="o", markersize=3, label="select")
        best = min(checks, key=lambda check: check[1])
        axes.annotate(f"best {best[1]:.4g} at {best[0]}", best, (0, 12), textcoords="offset points")
    axes.set(xlabel="step", ylabel="loss")
    axes.legend()
    figure.savefig(folder / CURVES, dpi=120)


def _smooth(values: list[float], n: int = 50) -> np.ndarray:
    """Mean of the last n values."""
    sums = np.cumsum([0.0, *values])
    ends = np.arange(1, len(sums))
    starts = np.maximum(ends - n, 0)
    return (sums[ends] - sums[starts]) / (ends - starts)
