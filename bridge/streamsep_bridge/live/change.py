"""A change of the model in a session: from the one that plays to the one that is ready."""

from __future__ import annotations

from typing import Any

from streamsep.mixer import RAMP_S
from streamsep_bridge.live.faders import Faders
from streamsep_bridge.live.keeper import Keeper
from streamsep_bridge.live.positions import Positions
from streamsep_bridge.live.takes import Takes

WARM_UP_S, FADE_S = 0.3, 0.05
"""A model that comes listens for so long, then it is faded in for so long."""


def take_over(
    keeper: Keeper, positions: Positions, faders: Faders, takes: Takes, answer: dict[str, Any]
) -> None:
    """Fade over to a model that is ready; wait until it is heard, so that changes queue up.

    Args:
        keeper: Of the session, whose lock is held.
        positions: Of its faders.
        faders: The same.
        takes: Of its recorder.
        answer: What the audio process says of the model.
    """
    slot, rate = answer["slot"], keeper.facts["sample_rate"]
    positions.add(slot, answer["stems"])
    faders.use(answer["stems"])
    takes.use_stems(faders.names)
    warm_up = answer["latency_samples"] + max(1, round(WARM_UP_S * rate))
    keeper.desk.change_slot(slot, warm_up, max(1, round(FADE_S * rate)))
    if keeper.is_heard:
        positions.send(keeper.desk, faders, max(1, round(RAMP_S * rate)), 0)
    keeper.wait_for_change()
    positions.keep(slot)
    keeper.facts = {**keeper.facts, **answer}
