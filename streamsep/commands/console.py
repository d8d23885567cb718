"""What people read while they wait: a progress bar in a terminal, plain lines elsewhere."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterator
from types import TracebackType

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

_PLAIN_WIDTH = 100
"""Columns where there is no terminal to ask."""

_PLAIN_EVERY_S = 10.0
"""Seconds between plain lines of progress."""


def make_console(is_quiet: bool, to_stderr: bool) -> Console:
    """Console for messages; `is_quiet` silences it, errors go another way."""
    # No markup: file names and extras come with brackets of their own.
    console = Console(stderr=to_stderr, quiet=is_quiet, highlight=False, markup=False, emoji=False)
    if not console.is_terminal:
        console.width = _PLAIN_WIDTH
    return console


@contextlib.contextmanager
def waiting(console: Console, text: str) -> Iterator[None]:
    """A line for a wait of unknown length, with a spinner in a terminal."""
    if console.is_terminal:
        with console.status(text):
            yield
    else:
        console.print(text)
        yield


class StreamProgress:
    """How far a stream is, in seconds of music.

    Args:
        console: Where to show it.
        label: What is being done.
        total_s: Seconds of music to come; None where only the end will tell.
    """

    def __init__(self, console: Console, label: str, total_s: float | None) -> None:
        self._console, self._label, self._total_s = console, label, total_s
        self._bar: Progress | None = None
        self._done_s = 0.0

    def __enter__(self) -> StreamProgress:
        self._start = self._last = time.perf_counter()
        if self._console.is_terminal and not self._console.quiet:
            self._bar = Progress(
                TextColumn("{task.description}"),
                BarColumn(),
                TextColumn("{task.fields[music]}"),
                TimeElapsedColumn(),
                TextColumn("left"),
                TimeRemainingColumn(),
                console=self._console,
                transient=True,
            )
            self._task = self._bar.add_task(self._label, total=self._total_s, music="")
            self._bar.start()
        return self

    def update(self, done_s: float) -> None:
        """So much music is done, in seconds since the start of the stream."""
        self._done_s = done_s
        now = time.perf_counter()
        if self._bar is not None:
            self._bar.update(self._task, completed=done_s, music=self._speed(now))
        elif now - self._last >= _PLAIN_EVERY_S:
            self._last = now
            self._console.print(f"{self._label}: {self._plain(now)}")

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._bar is not None:
            self._bar.stop()

    def _speed(self, now: float) -> str:
        return f"{self._done_s / max(now - self._start, 1e-6):.1f} x real time"

    def _plain(self, now: float) -> str:
        text = f"{self._done_s:.0f} s, {self._speed(now)}"
        if self._total_s and self._done_s:
            left_s = (self._total_s / self._done_s - 1.0) * (now - self._start)
            share = 100.0 * self._done_s / self._total_s
            text = (
                f"{share:.0f} % of {self._total_s:.0f} s, {self._speed(now)}, {left_s:.0f} s left"
            )
        return text
