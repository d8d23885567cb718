"""What a link needs of a DAW's OSC: its words for strips and transport, and its words to ours."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Protocol

from streamsep.errors import StreamsepError
from streamsep.units import SILENCE_DB
from streamsep_bridge.osc.packet import Message

Argument = float | str
Sent = tuple[str, tuple[Argument, ...]]
"""Address and arguments; whole numbers are `int`."""

GAIN, MUTE, SOLO, ARM = "gain_db", "mute", "solo", "arm"
POSITION, ROLLING, RECORDING = "position_s", "rolling", "recording"


class RefusedError(StreamsepError, ValueError):
    """A packet of the DAW that means nothing, or a value out of range."""


@dataclass(frozen=True)
class Heard:
    """One thing that a DAW told.

    Attributes:
        what: One of the above.
        value: In dB, s, or 0 and 1.
        track: Whose; "" is the transport.
    """

    what: str
    value: float
    track: str = ""


class Dialect(Protocol):
    """The adapter of a DAW.

    Attributes:
        host: Where it listens.
        own_port: Where it has to be listened to; 0 is any port, which it is told.
    """

    host: tuple[str, int]
    own_port: int

    def greet(self, own_port: int) -> list[Sent]:
        """What asks for feedback of everything, and for all values of now."""

    def read(self, message: Message) -> Heard | None:
        """What a message means; None is of no interest.

        Raises:
            RefusedError: It cannot be meant.
        """

    def move(self, track: str, what: str, value: float) -> list[Sent]:
        """What sets a strip's gain, mute, solo or record arm; nothing while the track is not known."""

    def transport(self, what: str, value: float) -> list[Sent]:
        """What rolls, stops, locates, or arms the transport's recording."""


def number(message: Message, index: int, low: float, high: float) -> float:
    """A number of a message, finite and in its range.

    Raises:
        RefusedError: It is none.
    """
    value = message.arguments[index] if index < len(message.arguments) else None
    if isinstance(value, str):
        try:
            value = float(value)
        except ValueError:
            value = None
    if not isinstance(value, (int, float)) or not low <= value <= high:  # also false for NaN
        raise RefusedError(f"{message.address}: {value!r} is no number from {low:g} to {high:g}")
    return float(value)


def level(message: Message, index: int) -> float:
    """A level in dB, up to +24; -inf for silence.

    Raises:
        RefusedError: It is none.
    """
    if index < len(message.arguments) and message.arguments[index] == -math.inf:
        return -math.inf
    level_db = number(message, index, -1e4, 24.0)
    return -math.inf if level_db <= SILENCE_DB else level_db
