"""`Tree`: the address space as the OSCQuery proposal draws it (github.com/Vidvox/OSCQueryProposal)."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from streamsep.units import SILENCE_DB
from streamsep_bridge.osc.console import Console
from streamsep_bridge.osc.feedback import Feedback, Told
from streamsep_bridge.osc.table import ACTION, FLOAT, SWITCH, TEXT, VALUE, Argument, Control
from streamsep_bridge.osc.units import unit

NO_VALUE, READ, WRITE = 0, 1, 2
"""Bits of ACCESS."""

_UNITS = {"dB": "gain.db", "s": "time.second", "ms": "time.ms", "Hz": "time.hz"}

_TAGS = {FLOAT: "f", SWITCH: "T", TEXT: "s"}

_NEW_NAMES = "/scene/store"
"""Takes names that are not there yet: those that are would be no help as a list to choose from."""

Node = dict[str, Any]


class Tree:
    """See the module's docstring.

    Args:
        console: Of a session; nobody else's, unless in the same thread.
        feedback: Of that console.

    Thread: one. Allocates: yes.
    """

    def __init__(self, console: Console, feedback: Feedback) -> None:
        self._console, self._feedback = console, feedback

    def find(self, path: str) -> Node | None:
        """A node with all below it; None where there is none.

        Args:
            path: An address or the beginning of one; "/" is everything.

        Raises:
            StreamsepError: The session changes its model at this moment.
        """
        controls = self._console.controls
        path = "/" + path.strip("/")
        known = (
            path == "/" or path in controls or any(one.startswith(f"{path}/") for one in controls)
        )
        return self._draw(path, controls, self._feedback.look()) if known else None

    def _draw(self, path: str, controls: Mapping[str, Control], told: Mapping[str, Told]) -> Node:
        node: Node = {"FULL_PATH": path, "ACCESS": NO_VALUE}
        if path in controls:
            node.update(self._describe(controls[path], told.get(path)))
        root = path if path.endswith("/") else f"{path}/"
        below = {one: controls[one] for one in controls if one.startswith(root)}
        names = dict.fromkeys(one.removeprefix(root).split("/")[0] for one in below)
        if names:
            node["CONTENTS"] = {name: self._draw(root + name, below, told) for name in names}
        return node

    def _describe(self, control: Control, told: Told | None) -> Node:
        """A control's own attributes.

        Args:
            control: Its row.
            told: Its value; None where it has none now.
        """
        # What a value takes besides, a ramp, has a default; one type per address is all there can be.
        shown = (control.value,) if control.role == VALUE else control.arguments
        values = (
            [] if told is None else [_plain(*pair) for pair in zip(shown, told[0], strict=False)]
        )
        tags = [_TAGS[one.kind] for one in shown]
        for i, value in enumerate(values):
            if isinstance(value, int) and not isinstance(value, bool):
                tags[i] = "i"
        access = {VALUE: READ | WRITE, ACTION: WRITE}.get(control.role, READ)
        node: Node = {
            "DESCRIPTION": control.help,
            "ACCESS": access,
            "TYPE": "".join(tags) or "N",
        }
        if values:
            node["VALUE"] = values
        ranges = [self._range(control, one) for one in shown]
        if any(ranges):
            node["RANGE"] = ranges
        units = [_UNITS.get(unit(one)) for one in shown]
        if units and all(units):
            node["UNIT"] = units
        return node

    def _range(self, control: Control, argument: Argument) -> Node | None:
        if argument.choices and control.path != _NEW_NAMES:
            return {"VALS": list(self._console.choices(argument.choices))}
        if argument.names:
            return {"VALS": list(argument.names)}
        if argument.kind != FLOAT or math.isinf(argument.high):
            return None
        low = SILENCE_DB if math.isinf(argument.low) else argument.low
        return {"MIN": low, "MAX": argument.high}


def _plain(argument: Argument, value: float | str) -> float | str | bool:
    """A value as JSON has it: minus infinity, which it has not, becomes `SILENCE_DB`."""
    if argument.kind == SWITCH:
        return bool(value)
    if value == -math.inf:
        return SILENCE_DB
    return value
