"""What a plug-in lets one set: names fit for OSC, ranges, and messages that help."""

from __future__ import annotations

import difflib
import math
import re
from collections.abc import Iterable
from dataclasses import dataclass

from streamsep.errors import StreamsepError

Value = float | bool | str
"""Of a parameter."""


class ChainError(StreamsepError, ValueError):
    """A chain of plug-ins cannot be read, built or changed."""


@dataclass(frozen=True)
class Parameter:
    """One parameter of a plug-in.

    Attributes:
        name: Lower case, of a-z, 0-9 and _.
        low: Least value; of a number.
        high: Largest value; of a number.
        choices: Values of one that is no number.
        is_switch: Whether it is true or false.
        is_live: Whether it may be moved while music plays; others change the latency.
    """

    name: str
    low: float = -math.inf
    high: float = math.inf
    choices: tuple[str, ...] = ()
    is_switch: bool = False
    is_live: bool = True

    def check(self, value: object, where: str) -> Value:
        """The value as the plug-in takes it.

        Args:
            value: What was given.
            where: Begins the message.

        Raises:
            ChainError: It is not one of this parameter's.
        """
        if self.is_switch:
            if value in (True, False):
                return bool(value)
            raise ChainError(f"{where}: {self.name}={value!r} is neither true nor false")
        if self.choices:
            if value in self.choices:
                return str(value)
            raise ChainError(
                f"{where}: {self.name}={value!r} is unknown; "
                f"{_nearest(str(value), self.choices)}it can be: {', '.join(self.choices)}"
            )
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise ChainError(
                f"{where}: {self.name}={value!r} is no number; {self.low:g} to {self.high:g}"
            )
        if not self.low <= value <= self.high:  # also false for NaN
            raise ChainError(
                f"{where}: {self.name}={value:g} is outside {self.low:g} to {self.high:g}"
            )
        return float(value)


def tidy(name: str) -> str:
    """A name for OSC: "Room Size" is room_size."""
    words = re.sub(r"(?<=[a-z])(?=[A-Z])", "_", name).lower()
    return re.sub(r"[^a-z0-9]+", "_", words).strip("_") or "plugin"


def unknown(where: str, what: str, name: str, known: Iterable[str]) -> ChainError:
    """The error for a name that does not exist, with what does."""
    known = sorted(known)
    listed = ", ".join(known) or "nothing"
    return ChainError(
        f"{where}: {what} '{name}' is unknown; {_nearest(name, known)}there is: {listed}"
    )


def _nearest(name: str, known: Iterable[str]) -> str:
    lower = {word.lower(): word for word in known}
    close = difflib.get_close_matches(name.lower(), lower, n=1)
    return f"did you mean '{lower[close[0]]}'? " if close else ""
