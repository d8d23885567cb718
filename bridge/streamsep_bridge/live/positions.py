"""Which positions the faders of each slot have been sent to, so that only what moves is sent."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from streamsep.engine.live.desk import Desk
from streamsep_bridge.live.faders import Faders


class Positions:
    """Slots of one audio process and what they were told."""

    def __init__(self) -> None:
        self._slots: dict[int, tuple[str, ...]] = {}
        self._sent: dict[tuple[int, str], tuple[list[list[float]], int]] = {}

    def add(self, slot: int, stems: Sequence[str]) -> None:
        """A slot has a model with these stems now."""
        self._slots[slot] = tuple(stems)
        self._sent = {key: sent for key, sent in self._sent.items() if key[0] != slot}

    def keep(self, slot: int) -> None:
        """Only this slot is heard any more."""
        self._slots = {slot: self._slots[slot]}

    def send(self, desk: Desk, faders: Faders, ramp: int, time: int) -> None:
        """Send what has moved since to every slot.

        Args:
            desk: Of the audio process.
            faders: Where they are now.
            ramp: Samples in which to get there.
            time: Sample at which it begins; in the past is now.
        """
        for slot, names in self._slots.items():
            for stem, (name, matrix) in enumerate(faders.matrices(names).items()):
                sent, until = self._sent.get((slot, name), (None, 0))
                end = max(time, desk.time) + ramp
                # What is on its way may be wanted sooner.
                if sent != matrix or (desk.time < until and end < until):
                    desk.move_fader(slot, stem, np.array(matrix), ramp, time)
                    self._sent[slot, name] = (matrix, end)
