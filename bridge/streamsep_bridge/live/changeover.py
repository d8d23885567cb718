"""`Changeover`: from one model to another while the music plays, faders along."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from streamsep.mixer import RAMP_S
from streamsep_bridge.live.faders import Faders
from streamsep_bridge.live.keeper import Keeper
from streamsep_bridge.live.positions import Positions
from streamsep_bridge.live.settings import ModelChoice
from streamsep_bridge.live.takes import Takes

WARM_UP_S, FADE_S = 0.3, 0.05
"""A model that comes listens for so long, then it is faded in for so long."""


class Changeover:
    """See the module's docstring.

    Args:
        model: The first.
        lock: Of the session.
        keeper: Of the audio process.
        stems: Faders; they are told where to send what moves.
        takes: Told of stems that come and go.
        emit: Called with the name of an event and its facts.

    Attributes:
        model: What separates, or will with the next start.
    """

    def __init__(
        self,
        model: ModelChoice,
        lock: threading.RLock,
        keeper: Keeper,
        stems: Faders,
        takes: Takes,
        emit: Callable[..., None],
    ) -> None:
        self.model = model
        self._lock, self._keeper, self._stems = lock, keeper, stems
        self._takes, self._emit = takes, emit
        self._turn = threading.RLock()
        self._positions = Positions()
        stems.moved = self._send_faders

    def begin(self, facts: dict[str, Any]) -> None:
        """An audio process plays, for the first time or again.

        Args:
            facts: What it says of itself.
        """
        self._positions = Positions()
        self._positions.add(facts["slot"], facts["stems"])
        self._stems.use(facts["stems"])
        self._send_faders(0, RAMP_S)

    def change(self, choice: dict[str, Any]) -> None:
        """See `LiveSession.change`. Threads that ask at the same time are served one after the other."""
        # The session's lock is let go while a model is prepared, so that faders move meanwhile.
        with self._turn:
            self._change(choice)

    def _change(self, choice: dict[str, Any]) -> None:
        model = replace(self.model, **choice)
        stems = model.find().stems
        keeper = self._keeper
        with self._lock:
            if not keeper.is_heard:
                self.model = model
                self._stems.use(stems)
                keeper.renew()
                return
            self._take_over(model, keeper.prepare(model, self._stems.matrices(stems)))

    def _take_over(self, model: ModelChoice, answer: dict[str, Any]) -> None:
        """Fade over to a model that is ready; wait until it is heard, so that changes queue up."""
        self.model, slot = model, answer["slot"]
        self._positions.add(slot, answer["stems"])
        self._stems.use(answer["stems"])
        self._takes.use_stems(self._stems.names)
        self._keeper.desk.change_slot(
            slot, answer["latency_samples"] + self._samples(WARM_UP_S), self._samples(FADE_S)
        )
        self._send_faders(0, RAMP_S)
        self._keeper.wait_for_change()
        self._positions.keep(slot)
        self._keeper.facts = {**self._keeper.facts, **answer}
        self._emit("changed", **self._keeper.facts)

    def _samples(self, seconds: float) -> int:
        return max(1, round(seconds * self._keeper.facts["sample_rate"]))

    def _send_faders(self, time: int, ramp_s: float) -> None:
        """Send what has moved to every slot that is or will be heard."""
        with self._lock:
            if self._keeper.is_heard:
                self._positions.send(self._keeper.desk, self._stems, self._samples(ramp_s), time)
