"""How far a list of songs is: a bar for each song at work and one for all; plain lines elsewhere."""

from __future__ import annotations

import time
from collections.abc import Sequence
from types import TracebackType

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskID, TextColumn, TimeElapsedColumn

_PLAIN_EVERY_S = 10.0
"""Seconds between lines where there is no terminal."""


class SongsProgress:
    """Shows the progress of songs; safe to be told from several threads.

    Args:
        console: Where.
        names: Of the songs, for people.
    """

    def __init__(self, console: Console, names: Sequence[str]) -> None:
        self._console, self._names = console, names
        self._shares = [0.0] * len(names)
        self._bars: dict[int, TaskID] = {}
        self._bar: Progress | None = None
        self._last = time.monotonic()

    def __enter__(self) -> SongsProgress:
        if self._console.is_terminal and not self._console.quiet:
            self._bar = Progress(
                TextColumn("{task.description}"),
                BarColumn(),
                TextColumn("{task.fields[note]}"),
                TimeElapsedColumn(),
                console=self._console,
                transient=True,
            )
            self._all = self._bar.add_task("all songs", total=len(self._names), note="")
            self._bar.start()
        return self

    def update(self, index: int, done_s: float, total_s: float | None) -> None:
        """So much of a song is done: seconds of music, and in all if known."""
        self._shares[index] = min(done_s / total_s, 1.0) if total_s else 0.0
        note = f"{done_s:.0f} s" if total_s is None else f"{done_s:.0f} of {total_s:.0f} s"
        if self._bar is not None:
            if index not in self._bars:
                self._bars[index] = self._bar.add_task(self._names[index], note="")
            self._bar.update(self._bars[index], total=total_s, completed=done_s, note=note)
            self._bar.update(self._all, completed=sum(self._shares), note=self._count())
        elif time.monotonic() - self._last >= _PLAIN_EVERY_S:
            self._last = time.monotonic()
            self._console.print(f"{self._names[index]}: {note}{self._count(', ')}", soft_wrap=True)

    def finish(self, index: int, line: str) -> None:
        """A song has ended; print a line about it."""
        self._shares[index] = 1.0
        if self._bar is not None:
            if index in self._bars:
                self._bar.remove_task(self._bars.pop(index))
            self._bar.update(self._all, completed=sum(self._shares), note=self._count())
        self._console.print(line, soft_wrap=True)

    def _count(self, before: str = "") -> str:
        n = len(self._names)
        return f"{before}{sum(s == 1.0 for s in self._shares)} of {n} songs" if n > 1 else ""

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._bar is not None:
            self._bar.stop()
