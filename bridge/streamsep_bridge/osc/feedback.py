"""What a session tells: values of all controls, levels, onsets, how it is. One look serves all who listen."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from streamsep.errors import StreamsepError
from streamsep_bridge.osc.console import Console
from streamsep_bridge.osc.refusals import Refusals
from streamsep_bridge.osc.table import ROOT, SWITCH, VALUE, Control

if TYPE_CHECKING:
    from streamsep_bridge.live.session import LiveSession

LOOK_S = 0.01
"""Levels are looked at no more often: 100 times a second."""

STATUS_S = 0.25
"""What changes slowly is looked at so often."""

ONSET_DB, ONSET_FLOOR_DB = 3.0, -50.0
"""A falling peak that rises by so much, to at least so much, is an onset."""

Told = tuple[tuple[float | str, ...], int]
"""Values, and a number that is another one whenever they are worth telling again."""


class Feedback:
    """See the module's docstring.

    Args:
        session: In any state.
        console: Of the session.
        refusals: Counted by the server.

    Thread: one. Allocates: yes.
    """

    def __init__(self, session: LiveSession, console: Console, refusals: Refusals) -> None:
        self._session, self._console, self._refusals = session, console, refusals
        self._looked_s = self._status_s = -1.0
        self._n_looks = 0
        self._peaks_db: dict[str, float] = {}
        self._onsets: dict[str, tuple[float, int]] = {}
        self._levels: dict[str, Told] = {}
        self._status: dict[str, Told] = {}

    def look(self) -> dict[str, Told]:
        """All that can be told now, by address."""
        self._refresh()
        return {**self._values(), **self._levels, **self._status}

    def _refresh(self) -> None:
        """Look at what changes by itself, where that is due."""
        now_s = time.monotonic()
        if now_s - self._status_s >= STATUS_S:
            self._status_s, self._status = now_s, self._look_at_status()
        if now_s - self._looked_s >= LOOK_S:
            self._looked_s = now_s
            self._n_looks += 1
            self._levels = self._look_at_levels()

    def look_at(self, address: str, control: Control) -> Told | None:
        """What one control tells; None where it tells nothing."""
        if control.role == VALUE:
            return self._value(address, control)
        self._refresh()
        return self._levels.get(address) or self._status.get(address)

    def _values(self) -> dict[str, Told]:
        values = {
            address: self._value(address, control)
            for address, control in self._console.controls.items()
            if control.role == VALUE
        }
        return {address: told for address, told in values.items() if told is not None}

    def _value(self, address: str, control: Control) -> Told | None:
        try:
            value = self._console.read(address)
        except StreamsepError:  # its stem or plug-in has just gone with what had it
            return None
        if value is None:
            return None
        return (int(value) if control.value.kind == SWITCH else value,), 0

    def _look_at_levels(self) -> dict[str, Told]:
        found: dict[str, Told] = {}
        for name, (peak_db, rms_db) in self._session.levels().items():
            found[f"{ROOT}/level/{name}"] = ((peak_db, rms_db), self._n_looks)
            rise_db = peak_db - self._peaks_db.get(name, 0.0)
            self._peaks_db[name] = peak_db
            if name in self._session.stems.names:
                if rise_db >= ONSET_DB and peak_db >= ONSET_FLOOR_DB:
                    self._onsets[name] = (rise_db, self._n_looks)
                if name in self._onsets:
                    found[f"{ROOT}/onset/{name}"] = (self._onsets[name][:1], self._onsets[name][1])
        return found

    def _look_at_status(self) -> dict[str, Told]:
        status = self._session.status(is_peek=True)
        total_ms = status.latency_ms + (status.buffer_ms or 0.0)
        facts: dict[str, tuple[float | str, ...]] = {
            "state": (status.state,),
            "latency_ms": (status.latency_ms, total_ms),
            "load": (status.load_p99, status.load_max),
            "xruns": (status.xruns,),
            "late_hops": (status.late_hops,),
            "restarts": (status.restarts,),
            "refused": (self._refusals.total,),
        }
        return {f"{ROOT}/status/{name}": (values, 0) for name, values in facts.items()}
