"""What people see of a run: a bar with losses in a terminal, a line per check elsewhere."""

from __future__ import annotations

import time
from collections import deque

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)

_RECENT = 50
"""Steps that the shown loss is a mean of."""


class Display:
    """Shows a run.

    Args:
        console: Where.
        n_steps: Of all stages.
        seconds: Of music in a step.
        label: What is trained.
    """

    def __init__(self, console: Console, n_steps: int, seconds: float, label: str) -> None:
        self._console, self._seconds, self._label = console, seconds, label
        self._losses: deque[float] = deque(maxlen=_RECENT)
        self._best, self._select = "", ""
        self._n, self._wait_s, self._start_s = 0, 0.0, time.monotonic()
        self._bar = Progress(
            TextColumn("{task.description}"),
            BarColumn(bar_width=20),
            MofNCompleteColumn(),
            TextColumn("{task.fields[facts]}"),
            TimeElapsedColumn(),
            TextColumn("left"),
            TimeRemainingColumn(),
            console=console,
            speed_estimate_period=120.0,
            disable=not console.is_terminal or console.quiet,
        )
        self._task = self._bar.add_task(label, total=n_steps, facts="")

    def resumed(self, step: int) -> None:
        """Begin to show."""
        if step:
            self._console.print(f"{self._label}: goes on after step {step}")
        self._bar.update(self._task, completed=step)
        self._bar.start()

    def stepped(self, step: int, loss: float, rate: float, norm: float, wait_s: float) -> None:
        """A step is done."""
        self._losses.append(loss)
        self._n += 1
        self._wait_s += wait_s
        self._bar.update(self._task, completed=step, facts=self._facts())

    def checked(self, step: int, select: float, is_best: bool) -> None:
        """The select list was looked at."""
        self._select = f"{select:.4f}"
        if is_best:
            self._best = f"{select:.4f} at {step}"
        if self._bar.disable:
            self._console.print(f"{self._label} step {step}: {self._facts()}")

    def close(self) -> None:
        """End the bar; say how fast it went."""
        self._bar.stop()
        if self._n:
            took_s = time.monotonic() - self._start_s
            speed, waited = self._seconds * self._n / took_s, 100.0 * self._wait_s / took_s
            self._console.print(
                f"{self._label}: {self._n} steps in {took_s / 60:.1f} min, {speed:.1f} s of music per "
                f"second, {waited:.1f} % of it waiting for data"
            )

    def _facts(self) -> str:
        loss = sum(self._losses) / max(1, len(self._losses))
        select = f", select {self._select}" if self._select else ""
        best = f", best {self._best}" if self._best else ""  # none yet since the run went on
        return f"loss {loss:.4f}{select}{best}"
