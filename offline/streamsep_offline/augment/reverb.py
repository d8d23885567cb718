"""Rooms: every part is recorded in one, or sent to one at the desk."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from streamsep_offline.augment.piece import AllParts, EachPart
from streamsep_offline.maker.space import reverberate
from streamsep_offline.tables import number


@dataclass(frozen=True)
class Reverb(EachPart):
    """A room for each part: exponentially decaying noise, darker with time, after a short delay.

    The stem to be found is the one in its room.

    Attributes:
        chance: That a part gets a room.
        low_s: Shortest reverberation time (60 dB), 0.05 to 10 s.
        high_s: Longest reverberation time, 0.05 to 10 s.
        low_db: Softest room against the direct sound, -60 to 20.
        high_db: Loudest room against the direct sound, -60 to 20.
    """

    chance: float = number(0.2, 0.0, 1.0)
    low_s: float = number(0.2, 0.05, 10.0)
    high_s: float = number(1.5, 0.05, 10.0)
    low_db: float = number(-20.0, -60.0, 20.0)
    high_db: float = number(-6.0, -60.0, 20.0)

    def change(self, rng: np.random.Generator, audio: np.ndarray, sample_rate: int) -> np.ndarray:
        """See `EachPart`."""
        t60_s, wet_db = rng.uniform(self.low_s, self.high_s), rng.uniform(self.low_db, self.high_db)
        return reverberate(audio, rng, t60_s, wet_db, sample_rate)[: len(audio)]


@dataclass(frozen=True)
class Room(AllParts):
    """One room for the whole mix: a loudspeaker or a band heard from a seat.

    A room adds linearly, so the parts heard there still sum to what is heard; they are what is found.

    Attributes:
        chance: That an example is heard in a room.
        low_s: Shortest reverberation time (60 dB), 0.05 to 10 s.
        high_s: Longest reverberation time, 0.05 to 10 s.
        low_db: Softest room against the direct sound, -60 to 20.
        high_db: Loudest room against the direct sound, -60 to 20.
    """

    chance: float = number(0.05, 0.0, 1.0)
    low_s: float = number(0.2, 0.05, 10.0)
    high_s: float = number(0.8, 0.05, 10.0)
    low_db: float = number(-12.0, -60.0, 20.0)
    high_db: float = number(0.0, -60.0, 20.0)

    def change(self, rng: np.random.Generator, parts: np.ndarray, sample_rate: int) -> np.ndarray:
        """See `AllParts`."""
        t60_s, wet_db = rng.uniform(self.low_s, self.high_s), rng.uniform(self.low_db, self.high_db)
        # The same random numbers for each part make the same room.
        seed = int(rng.integers(2**63))
        return np.stack(
            [
                reverberate(part, np.random.default_rng(seed), t60_s, wet_db, sample_rate)[
                    : len(part)
                ]
                for part in parts
            ]
        )
