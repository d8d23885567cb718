"""What a hand did to a controller: one message, as far as faders and buttons need it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

PRESSED = 64
"""A switch that sends control changes is down from this value on."""

N_COARSE = 32
"""Control changes below this number may have a fine half: the same number plus this."""


@dataclass(frozen=True, order=True)
class Control:
    """A knob, fader, button or key.

    Attributes:
        kind: "cc", "cc14" (a pair of control changes, coarse and fine) or "note".
        channel: 1 to 16.
        number: Of the control change or note, 0 to 127; of a pair the coarse one's, below 32.
    """

    kind: str
    channel: int
    number: int

    def __str__(self) -> str:
        name = {"cc": "CC", "cc14": "14-bit CC", "note": "note"}[self.kind]
        return f"{name} {self.number} on channel {self.channel}"


@dataclass(frozen=True)
class Touch:
    """A message.

    Attributes:
        control: "cc" or "note".
        value: 0 to 127; of a note its velocity, 0 when it is let go.
    """

    control: Control
    value: int


def decode(message: Sequence[int]) -> Touch | None:
    """The touch that a message is; None for clocks, pitch and all else.

    Args:
        message: Its bytes.

    Thread: any. Allocates: yes. In place: no.
    """
    import mido

    try:
        decoded = mido.Message.from_bytes(message)
    except ValueError:
        return None
    if decoded.type == "control_change":
        return Touch(Control("cc", decoded.channel + 1, decoded.control), decoded.value)
    if decoded.type in ("note_on", "note_off"):
        velocity = decoded.velocity if decoded.type == "note_on" else 0
        return Touch(Control("note", decoded.channel + 1, decoded.note), velocity)
    return None
