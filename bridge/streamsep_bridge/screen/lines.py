"""A session as plain lines, for logs: one when something changes, one now and then."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

from rich.console import Console

from streamsep_bridge.live.status import Status
from streamsep_bridge.screen.face import Face
from streamsep_bridge.screen.meters import show_db
from streamsep_bridge.screen.wording import (
    STARTING,
    clock,
    describe_counts,
    describe_event,
    describe_load,
)

if TYPE_CHECKING:
    from streamsep_bridge.karaoke.words import Words

EVERY_S = 10.0
"""Seconds between lines that say how things are."""


class Lines(Face):
    """See the module's docstring.

    Args:
        console: Where they go.
        wanted: Devices that the session waits for, in words.
        words: Are printed when they are sung; None has none.
    """

    def __init__(self, console: Console, wanted: str, words: Words | None = None) -> None:
        self._console, self._wanted, self._words = console, wanted, words
        self._sung = ""
        self._told_at_s = time.monotonic()
        self._has_begun = False

    def tell(self, event: dict[str, Any]) -> None:
        """Print what happened."""
        text = describe_event(event, self._wanted)
        if text:
            self._print(text)

    def show(self, status: Status, played_s: float) -> None:
        """Print how things are, every `EVERY_S` seconds."""
        now_s = time.monotonic()
        if status.state == "starting" and not self._has_begun:
            self._has_begun = True
            self._print(STARTING)
        if self._words is not None and status.state == "playing":
            sung = self._words.at(status)[1]
            if sung and sung != self._sung:
                self._print(f"♪ {sung}")
            self._sung = sung
        if status.state != "playing" or now_s - self._told_at_s < EVERY_S:
            return
        self._told_at_s = now_s
        self._print(
            f"{clock(played_s)} played, mix {show_db(status.peaks_db['mix'])} dB, "
            f"load {describe_load(status)}, {describe_counts(status)}"
        )

    def end(self, status: Status, played_s: float) -> None:
        """Print how it was."""
        self._print(summarise(status, played_s))

    def _print(self, text: str) -> None:
        self._console.print(text, soft_wrap=True)


def summarise(status: Status, played_s: float) -> str:
    """A whole session in a line."""
    return f"played {clock(played_s)}, {describe_counts(status)}"
