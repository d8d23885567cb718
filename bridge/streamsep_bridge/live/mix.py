"""What all that is heard passes: gain, dry/wet and bypass of a live session."""

from __future__ import annotations

import threading
from typing import Any

from streamsep.engine.live.desk import Desk
from streamsep.errors import ParameterError
from streamsep.mixer import RAMP_S
from streamsep_bridge.live.keeper import Keeper

MAX_MASTER = 4.0
"""Largest gain of all that is heard: +12 dB."""


class Mix:
    """Controls of the sum; every change is sent at once.

    Args:
        lock: Of the session.
        keeper: Of the audio process.

    Thread: any.
    """

    def __init__(self, lock: threading.RLock, keeper: Keeper) -> None:
        self._lock, self._keeper = lock, keeper
        self._gain, self._dry_wet, self._is_bypassed = 1.0, 1.0, False

    @property
    def gain(self) -> float:
        """Gain of all that is heard, 0 to 4."""
        return self._gain

    @gain.setter
    def gain(self, gain: float) -> None:
        self.move(gain=gain)

    @property
    def dry_wet(self) -> float:
        """Share of the stems in what is heard, 0 to 1; the rest is the dry mixture, aligned to the sample."""
        return self._dry_wet

    @dry_wet.setter
    def dry_wet(self, share: float) -> None:
        self.move(dry_wet=share)

    @property
    def bypass(self) -> bool:
        """Whether only the dry mixture is heard, aligned to the sample."""
        return self._is_bypassed

    @bypass.setter
    def bypass(self, is_on: bool) -> None:
        self.move(bypass=is_on)

    @property
    def dryness(self) -> float:
        """Share of the dry mixture that bypass and dry/wet amount to."""
        return 1.0 if self._is_bypassed else 1.0 - self._dry_wet

    def move(self, *, at: int = 0, ramp_s: float = RAMP_S, **controls: Any) -> None:
        """Move several controls together.

        Args:
            at: Sample of the stream (`Status.time`) at which they begin to move; in the past is now.
            ramp_s: Time in seconds in which they get there.
            controls: gain, dry_wet, bypass.

        Raises:
            ParameterError: A control is unknown or out of range; nothing is moved then.
        """
        gain, share = controls.pop("gain", None), controls.pop("dry_wet", None)
        is_on = controls.pop("bypass", None)
        if controls:
            raise ParameterError(
                f"the mix has no control '{min(controls)}'; it has: gain, dry_wet, bypass"
            )
        for name, value, high in (("gain", gain, MAX_MASTER), ("dry_wet", share, 1.0)):
            if value is not None and not 0.0 <= value <= high:
                raise ParameterError(f"{name}={value} is outside 0 to {high:g}")
        with self._lock:
            self._gain = self._gain if gain is None else float(gain)
            self._dry_wet = self._dry_wet if share is None else float(share)
            self._is_bypassed = self._is_bypassed if is_on is None else bool(is_on)
            if not self._keeper.is_heard:
                return
            ramp = max(1, round(ramp_s * self._keeper.facts["sample_rate"]))
            if gain is not None:
                self._keeper.desk.set_master(self._gain, ramp, at)
            if share is not None or is_on is not None:  # also where only the ramp is another
                self._keeper.desk.set_bypass(self.dryness, ramp, at)

    def begin(self, desk: Desk) -> None:
        """An audio process plays: tell it where the controls are."""
        desk.set_bypass(self.dryness, 1)
        desk.set_master(self._gain, 1)
