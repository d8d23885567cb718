"""A session as JSON, for scripts: one object a line, for every event, and a status every second.

Every object has the key "event": those of `LiveSession.listen` and of `MidiControl.listen`, "status" with
the fields of `streamsep_bridge.live.status.Status`, and at last "ended" with "played_s" and the counts.
"""

from __future__ import annotations

import json
import math
import sys
import time
from dataclasses import asdict
from typing import Any

from streamsep_bridge.live.status import Status
from streamsep_bridge.screen.face import Face

EVERY_S = 1.0
"""Seconds between two statuses."""


class Events(Face):
    """See the module's docstring."""

    def __init__(self) -> None:
        self._told_at_s = -math.inf

    def tell(self, event: dict[str, Any]) -> None:
        """Write an event."""
        write(event)

    def show(self, status: Status, played_s: float) -> None:
        """Write the status, every `EVERY_S` seconds."""
        now_s = time.monotonic()
        if now_s - self._told_at_s < EVERY_S:
            return
        self._told_at_s = now_s
        write({"event": "status", "played_s": played_s, **asdict(status)})

    def end(self, status: Status, played_s: float) -> None:
        """Write how it was."""
        counts = ("xruns", "late_hops", "late_racks", "gaps", "overloads", "callbacks", "restarts")
        write(
            {"event": "ended", "played_s": played_s}
            | {name: getattr(status, name) for name in counts}
        )


def write(event: dict[str, Any]) -> None:
    """One line on standard output, at once."""
    sys.stdout.write(json.dumps(readable(event), allow_nan=False) + "\n")
    sys.stdout.flush()


def readable(value: Any) -> Any:
    """The same for JSON: floats to the thousandth, null for those that JSON does not know."""
    if isinstance(value, dict):
        return {key: readable(item) for key, item in value.items()}
    if isinstance(value, float):
        return round(value, 3) if math.isfinite(value) else None
    return value
