"""`Learner`: the control that was moved last is meant; a trembling neighbour is not."""

from __future__ import annotations

from streamsep_bridge.midi.mapping import Target
from streamsep_bridge.midi.touches import N_COARSE, PRESSED, Control, Touch

MOVED = 4
"""Steps of 128 by which a fader has moved when it is meant."""


class Learner:
    """Finds the control for a target among what a hand does.

    Args:
        target: What shall be moved.
    """

    def __init__(self, target: Target) -> None:
        self.target = target
        self._first: dict[Control, int] = {}
        self._last: dict[Control, int] = {}

    def hear(self, touch: Touch) -> Control | None:
        """The control that is meant, as soon as this touch tells; the last of several counts.

        A fader needs a control change that moves by `MOVED`. A switch also takes a note, or a control
        change that is pressed at once.
        """
        control = touch.control
        if control.kind == "note":
            return control if self.target.is_switch and touch.value else None
        self._last[control] = touch.value
        first = self._first.setdefault(control, touch.value)
        is_press = self.target.is_switch and touch.value >= PRESSED
        if not is_press and abs(touch.value - first) < MOVED:
            return None
        self._first = self._last.copy()  # to be meant later, others have to move from here on
        return control if self.target.is_switch else self._whole(control)

    def _whole(self, control: Control) -> Control:
        """The pair of a control whose other half was heard, too; itself where it has none."""
        coarse = Control("cc", control.channel, control.number % N_COARSE)
        fine = Control("cc", control.channel, coarse.number + N_COARSE)
        if control.number < 2 * N_COARSE and coarse in self._first and fine in self._first:
            return Control("cc14", coarse.channel, coarse.number)
        return control
