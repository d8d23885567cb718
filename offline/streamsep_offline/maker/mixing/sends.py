"""One reverberation and one delay for the whole song, to which every stem is sent at its own level.

What comes back of a stem belongs to that stem: both are linear, so the sum is that of one room.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from streamsep_offline.maker.mixing.rooms import echoes, reverberation
from streamsep_offline.maker.space import convolved

_LEVELS_DB: dict[str, tuple[float, float]] = {
    "vocals": (-28.0, -12.0),
    "drums": (-32.0, -15.0),
    "bass": (-60.0, -34.0),
    "other": (-30.0, -14.0),
}
"""How much of each stem is sent to the reverberation: lowest and highest energy against the dry."""

_DELAY_DB: dict[str, tuple[float, float]] = {"vocals": (-26.0, -12.0), "other": (-30.0, -15.0)}
"""The same for the delay, first repeat."""


@dataclass(frozen=True)
class Sends:
    """The song's effects.

    Attributes:
        room: Kind of reverberation, "" for none.
        responses: By stem, stereo response of all its sends together. [2, any]
    """

    room: str
    responses: dict[str, np.ndarray]

    def wet(self, stem: str, audio: np.ndarray) -> np.ndarray | None:
        """What comes back of a stem's `audio` [2, samples], same shape; None if it is not sent."""
        response = self.responses.get(stem)
        if response is None or not audio.any():
            return None
        return convolved(audio.mean(axis=0), response)


def make_sends(
    rng: np.random.Generator, rooms: dict[str, float], delay_chance: float, beat_s: float
) -> Sends:
    """Draw the effects of a song.

    Args:
        rng: Draws everything.
        rooms: Chances of kinds of reverberation; "" is none.
        delay_chance: How often there is a delay.
        beat_s: Length of a quarter note at the start.
    """
    names, chances = list(rooms), np.array(list(rooms.values()))
    room = names[int(rng.choice(len(names), p=chances / chances.sum()))]
    parts: dict[str, list[np.ndarray]] = {stem: [] for stem in _LEVELS_DB}
    if room:
        response = reverberation(rng, room)
        for stem, (low, high) in _LEVELS_DB.items():
            level_db = rng.uniform(low, high)
            if room == "gated" and stem == "drums":  # what it is for
                level_db = rng.uniform(-14.0, -6.0)
            if level_db > -45.0:
                parts[stem].append(10.0 ** (level_db / 20.0) * response)
    if rng.random() < delay_chance:
        response = echoes(rng, beat_s)
        for stem, (low, high) in _DELAY_DB.items():
            if stem == "vocals" or rng.random() < 0.4:
                parts[stem].append(10.0 ** (rng.uniform(low, high) / 20.0) * response)
    return Sends(room, {stem: _joined(some) for stem, some in parts.items() if some})


def _joined(responses: list[np.ndarray]) -> np.ndarray:
    joined = np.zeros((2, max(response.shape[1] for response in responses)), np.float32)
    for response in responses:
        joined[:, : response.shape[1]] += response
    return joined
