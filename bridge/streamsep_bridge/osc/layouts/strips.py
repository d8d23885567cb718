"""`Strip`: what stands side by side on a surface; every layout is drawn from these."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

from streamsep.spec import STEM_SETS
from streamsep_bridge.osc.table import ACTION, FLOAT, ROOT, SWITCH, VALUE, Control, expand

STEMS = STEM_SETS["4stems"]
"""The stems that the files in the repository are written for."""

FLOOR_DB = -60.0
"""Lowest end of a fader in dB, and of a meter; the way to silence, which mute is for, would be most of it."""

_WIDEST = 1000.0
"""What goes further than this in its unit is no fader."""


@dataclass(frozen=True)
class Knob:
    """A value with two ends.

    Attributes:
        address: In full.
        label: Its last parts, below the strip's name.
        low: Lower end.
        high: Upper end.
        default: Where it is at the start.
    """

    address: str
    label: str
    low: float
    high: float
    default: float


@dataclass(frozen=True)
class Button:
    """A switch, or an order that takes no argument.

    Attributes:
        address: In full.
        label: See `Knob`.
        is_switch: Whether it stays where it is put.
    """

    address: str
    label: str
    is_switch: bool


@dataclass(frozen=True)
class Strip:
    """A strip.

    Attributes:
        name: A stem's, or "mix" for all that is no stem's.
        knobs: The first is the fader.
        buttons: Switches, then orders.
        meter: Address of its level; "" has none.
    """

    name: str
    knobs: tuple[Knob, ...]
    buttons: tuple[Button, ...]
    meter: str

    @property
    def small(self) -> tuple[Knob | Button, ...]:
        """All but the fader, in their order."""
        return (*self.knobs[1:], *self.buttons)


def repository_controls() -> dict[str, Control]:
    """The controls that the files in the repository are written for."""
    return expand(STEMS)


def make_strips(controls: Mapping[str, Control]) -> list[Strip]:
    """All strips, the mix last.

    Args:
        controls: By address.
    """
    names = dict.fromkeys(_strip_of(address) for address in controls)
    return [_make_strip(name, controls) for name in names if name != "mix"] + [
        _make_strip("mix", controls)
    ]


def _make_strip(name: str, controls: Mapping[str, Control]) -> Strip:
    own = {one: control for one, control in controls.items() if _strip_of(one) == name}
    knobs = [
        knob
        for address, control in own.items()
        if (knob := _make_knob(address, control)) is not None and f"{address}_db" not in own
    ]
    buttons = [
        Button(address, _label(address), control.role == VALUE)
        for address, control in own.items()
        if (control.role == VALUE and control.value.kind == SWITCH)
        or (control.role == ACTION and not control.arguments)
    ]
    level = f"{ROOT}/level/{name}"
    return Strip(
        name,
        tuple(sorted(knobs, key=lambda knob: not knob.address.endswith("/gain_db"))),
        tuple(sorted(buttons, key=lambda button: not button.is_switch)),
        level if level in controls else "",
    )


def _make_knob(address: str, control: Control) -> Knob | None:
    if control.role != VALUE or control.value.kind != FLOAT:
        return None
    low = FLOOR_DB if math.isinf(control.value.low) else control.value.low
    if not control.value.high - low <= _WIDEST:
        return None
    default = control.default if isinstance(control.default, float) else low
    return Knob(address, _label(address), low, control.value.high, default)


def _strip_of(address: str) -> str:
    parts = address.removeprefix(f"{ROOT}/").split("/")
    return parts[1] if parts[0] == "stem" else "mix"


def _label(address: str) -> str:
    """What a control is called on its strip: pan, mute, position_s, fx 1 cutoff_hz."""
    parts = address.removeprefix(f"{ROOT}/").split("/")
    if parts[0] == "stem":
        return " ".join(parts[2:])
    return " ".join(parts[1:] if parts[0] == "mix" else parts)
