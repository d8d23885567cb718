"""What the screen knows besides the session: the chosen stem, held peaks, the latest messages."""

from __future__ import annotations

import collections
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from streamsep_bridge.karaoke.words import Words
    from streamsep_bridge.midi.control import MidiControl

HOLD_S = 1.5
"""A peak stays for so long."""

N_MESSAGES = 4


@dataclass
class View:
    """See the module's docstring.

    Attributes:
        wanted: Devices that the session waits for, in words.
        selected: Index of the stem whose fader the keys move.
        asked_profile: Profile that was asked for and is not taken up yet; "" is none.
        is_ended: Whether the user wants to leave.
        messages: The latest, oldest first.
        midi: Learns controls; None has no controller.
        words: Are shown when they are sung; None has none.
        held_db: Peaks that are held, in dBFS, by name.
    """

    wanted: str = "a device"
    selected: int = 0
    asked_profile: str = ""
    is_ended: bool = False
    messages: collections.deque[str] = field(
        default_factory=lambda: collections.deque(maxlen=N_MESSAGES)
    )
    midi: MidiControl | None = None
    words: Words | None = None
    held_db: dict[str, float] = field(default_factory=dict)
    _held_until_s: dict[str, float] = field(default_factory=dict)

    def hold_peaks(self, peaks_db: dict[str, float], now_s: float) -> None:
        """Take in new peaks: higher ones are held for `HOLD_S`, then what is there then.

        Args:
            peaks_db: In dBFS, by name; those that are not named are forgotten.
            now_s: Time of a clock that only goes forward, in seconds.
        """
        for name in set(self.held_db) - set(peaks_db):
            del self.held_db[name], self._held_until_s[name]
        for name, peak_db in peaks_db.items():
            if peak_db >= self.held_db.get(name, -1e9) or now_s >= self._held_until_s[name]:
                self.held_db[name], self._held_until_s[name] = peak_db, now_s + HOLD_S
