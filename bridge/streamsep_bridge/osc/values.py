"""Arguments of a message to the values of a control, or why not."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from streamsep.errors import StreamsepError
from streamsep.units import SILENCE_DB
from streamsep_bridge.names import NAME
from streamsep_bridge.osc.table import FLOAT, SWITCH, Argument, Control


class RefusedError(StreamsepError, ValueError):
    """A message that is not obeyed.

    Attributes:
        kind: Which sort: "malformed", "unknown", "arguments", "range", "sender", "time", "busy", "state".
    """

    def __init__(self, kind: str, reason: str) -> None:
        super().__init__(reason)
        self.kind = kind


def read_arguments(control: Control, arguments: Sequence[Any]) -> tuple[float | str, ...]:
    """Values of a control's arguments, each in its range.

    Args:
        control: Row of the table.
        arguments: As a packet has them.

    Raises:
        RefusedError: Too many, too few, of another type, out of range.

    Thread: any. Allocates: yes.
    """
    wanted = control.arguments
    if not wanted and len(arguments) == 1 and arguments[0] in (None, True):
        return ()  # a button is pressed: many controllers send nothing without an argument
    if len(arguments) > len(wanted):
        raise RefusedError(
            "arguments", f"takes at most {len(wanted)} arguments, not {len(arguments)}"
        )
    values = []
    for i, argument in enumerate(wanted):
        if i < len(arguments):
            values.append(_read(argument, arguments[i]))
        elif argument.default is None:
            raise RefusedError("arguments", f"lacks its argument '{argument.name}'")
        else:
            values.append(argument.default)
    return tuple(values)


def _read(argument: Argument, value: Any) -> float | str:
    if argument.kind == FLOAT:
        return _read_float(argument, value)
    if argument.kind == SWITCH:
        if isinstance(value, (bool, int, float)) and value in (0, 1):
            return float(value)
        raise RefusedError("range", f"{argument.name} is 0 or 1, not {_show(value)}")
    if not isinstance(value, str):
        raise RefusedError("arguments", f"{argument.name} is a text, not {_show(value)}")
    if argument.choices and not NAME.fullmatch(value):
        raise RefusedError(
            "range",
            f"{argument.name} is a name of letters, digits, ' ', '.', '_', '-', not {_show(value)}",
        )
    if argument.names and value not in argument.names:
        known = ", ".join(argument.names)
        raise RefusedError("range", f"{argument.name} is one of {known}, not {_show(value)}")
    return value


def _read_float(argument: Argument, value: Any) -> float:
    if not isinstance(value, (bool, int, float)):
        raise RefusedError("arguments", f"{argument.name} is a number, not {_show(value)}")
    number = float(value)
    if not argument.low <= number <= argument.high or number == math.inf:  # also false for NaN
        raise RefusedError(
            "range", f"{argument.name}={number:g} is outside {argument.low:g} to {argument.high:g}"
        )
    return -math.inf if argument.name == "gain_db" and number <= SILENCE_DB else number


def _show(value: Any) -> str:
    """A value for a message: short and on one line."""
    text = ascii(value)
    return text if len(text) <= 40 else text[:37] + "..."
