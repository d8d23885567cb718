"""Faders of a live session, by the stem's name; every change is sent at once."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from streamsep.errors import ParameterError, PresetError
from streamsep.mixer import RAMP_S, StemControl

CONTROLS = ("gain", "gain_db", "mute", "solo", "pan", "width")
"""What a fader has."""


class LiveFader(StemControl):
    """`StemControl` that tells when it was moved.

    Args:
        moved: Called after every change.
    """

    def __init__(self, moved: Callable[[], None]) -> None:
        super().__init__()
        self._moved = moved

    def __setattr__(self, name: str, value: Any) -> None:
        if name in ("mute", "solo"):
            value = bool(value)
        super().__setattr__(name, value)
        if name in CONTROLS and "_moved" in self.__dict__:
            self._moved()


class Faders(Mapping[str, LiveFader]):
    """The faders of the stems that the model has now; others keep their positions until they return.

    Args:
        stems: Names, in the model's order.
        channels: Of every stem.
        lock: Held while anything is changed.

    Attributes:
        moved: Called with the time (0: now) and the ramp in seconds after every change.
    """

    def __init__(self, stems: Sequence[str], channels: int, lock: threading.RLock) -> None:
        self._channels, self._lock = channels, lock
        self._all: dict[str, LiveFader] = {}
        self.moved: Callable[[int, float], None] = lambda time, ramp_s: None
        self._is_batch = False
        self.names: tuple[str, ...] = ()
        self.use(stems)

    def __getitem__(self, stem: str) -> LiveFader:
        if stem not in self.names:
            raise PresetError(f"stem '{stem}' is unknown; this preset has: {', '.join(self.names)}")
        return self._all[stem]

    def __iter__(self) -> Iterator[str]:
        return iter(self.names)

    def __len__(self) -> int:
        return len(self.names)

    def use(self, stems: Sequence[str]) -> None:
        """Take over the stems of another model."""
        for name in stems:
            self._all.setdefault(name, LiveFader(self._tell))
        self.names = tuple(stems)

    def move(self, stem: str, *, at: int = 0, ramp_s: float = RAMP_S, **controls: Any) -> None:
        """Move several controls of a stem together.

        Args:
            stem: Its name.
            at: Sample of the stream (`Status.time`) at which they begin to move; in the past is now.
            ramp_s: Time in seconds in which they get there, 0.001 to 3600.
            controls: Of `CONTROLS`.

        Raises:
            ParameterError: A control is unknown or out of range; nothing is moved then.
        """
        unknown = sorted(set(controls) - set(CONTROLS))
        if unknown:
            raise ParameterError(
                f"a fader has no control '{unknown[0]}'; it has: {', '.join(CONTROLS)}"
            )
        if not 0.001 <= ramp_s <= 3600.0:
            raise ParameterError(f"ramp_s={ramp_s} is outside 0.001 to 3600")
        with self._lock:
            fader = self[stem]
            before = {
                name: getattr(fader, name) for name in ("gain", "mute", "solo", "pan", "width")
            }
            self._is_batch = True
            try:
                for name, value in controls.items():
                    setattr(fader, name, value)
            except ParameterError:
                for name, value in before.items():
                    setattr(fader, name, value)
                raise
            finally:
                self._is_batch = False
            self.moved(at, ramp_s)

    def matrices(self, stems: Sequence[str] | None = None) -> dict[str, list[list[float]]]:
        """What the faders amount to, by name. [channels, channels]

        Args:
            stems: Of which model; None is the one that plays.
        """
        names = self.names if stems is None else tuple(stems)
        with self._lock:
            for name in names:
                self._all.setdefault(name, LiveFader(self._tell))
            is_solo = any(self._all[name].solo for name in names)
            return {name: self._matrix(self._all[name], is_solo).tolist() for name in names}

    def _matrix(self, fader: LiveFader, is_solo: bool) -> np.ndarray:
        return fader.matrix(self._channels, not fader.mute and (fader.solo or not is_solo))

    def _tell(self) -> None:
        if not self._is_batch:
            self.moved(0, RAMP_S)
