"""`Driver`: touches move faders and switches; a fader does not jump to where a knob happens to be."""

from __future__ import annotations

from typing import TYPE_CHECKING

from streamsep.units import db_to_gain, gain_to_db
from streamsep_bridge.midi.mapping import Mapping, Target
from streamsep_bridge.midi.taper import TOP, level_of, position_of
from streamsep_bridge.midi.touches import N_COARSE, PRESSED, Control, Touch

if TYPE_CHECKING:
    from streamsep_bridge.live.session import LiveSession

NEAR = 1.5
"""Steps of 128 within which a knob takes a fader over."""

_FULL = 127


class Pickup:
    """Soft take-over: a knob moves a fader from the moment on at which it reaches or passes it.

    When something else moves the fader (a key, a program), the knob has to reach it again.
    """

    def __init__(self) -> None:
        self._last: float | None = None
        self._set: float | None = None

    def takes(self, position: float, fader: float) -> bool:
        """Whether the knob has the fader.

        Args:
            position: Where the knob is now, 0 to 127.
            fader: Where the fader is, on the same way.
        """
        last, self._last = self._last, position
        is_held = self._set is not None and abs(fader - self._set) <= NEAR
        is_passed = last is not None and min(last, position) <= fader <= max(last, position)
        has_it = is_held or is_passed or abs(position - fader) <= NEAR
        self._set = position if has_it else None
        return has_it


class Driver:
    """Moves a session as its mapping says.

    Args:
        session: Whose faders, switches and master are moved.
        mapping: May change meanwhile.

    Thread: one hears. Allocates: yes.
    """

    def __init__(self, session: LiveSession, mapping: Mapping) -> None:
        self._session, self._mapping = session, mapping
        self._pickups: dict[tuple[Control, Target], Pickup] = {}
        self._values: dict[Control, int] = {}

    def hear(self, touch: Touch) -> None:
        """Do what a touch means; touches that mean nothing, or a stem that is not there, do nothing."""
        control, position = self._locate(touch)
        target = self._mapping.targets.get(control)
        before = self._values.get(touch.control)
        self._values[touch.control] = touch.value
        if target is None or (target.stem and target.stem not in self._session.stems.names):
            return
        if not target.is_switch:
            self._move(control, target, position)
        elif is_press(touch, before):
            fader = self._session.stems[target.stem]
            setattr(fader, target.what, not getattr(fader, target.what))

    def _locate(self, touch: Touch) -> tuple[Control, float]:
        """The control, a pair where the touch is half of one that is known, and its position."""
        kind, channel, number = touch.control.kind, touch.control.channel, touch.control.number
        pair = Control("cc14", channel, number % N_COARSE)
        if kind != "cc" or number >= 2 * N_COARSE or pair not in self._mapping.targets:
            return touch.control, float(touch.value)
        if number < N_COARSE:  # a coarse half begins anew: the fine one is 0 until it comes
            return pair, float(touch.value)
        coarse = self._values.get(Control("cc", channel, pair.number), 0)
        return pair, min(coarse + touch.value / 128.0, TOP)

    def _move(self, control: Control, target: Target, position: float) -> None:
        session = self._session
        is_master = target.what == "master"
        now_db = gain_to_db(session.master) if is_master else session.stems[target.stem].gain_db
        pickup = self._pickups.setdefault((control, target), Pickup())
        if not pickup.takes(position, position_of(now_db)):
            return
        if is_master:
            session.master = db_to_gain(level_of(position))
        else:
            session.stems[target.stem].gain_db = level_of(position)


def is_press(touch: Touch, before: int | None) -> bool:
    """Whether a switch is pressed now, rather than held, let go, or swept over.

    Args:
        touch: Of the switch.
        before: Its value before; None is unknown.
    """
    if touch.control.kind == "note":
        return touch.value > 0
    # Some buttons never say that they were let go: they send their full value again and again.
    is_again = before == touch.value == _FULL
    return touch.value >= PRESSED and (before is None or before < PRESSED or is_again)
