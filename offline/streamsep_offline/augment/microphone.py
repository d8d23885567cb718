"""A microphone in front of everything: phones, webcams, a recorder at the back of the hall."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from streamsep_offline.augment.band import limited
from streamsep_offline.augment.curve import filtered
from streamsep_offline.augment.piece import AllParts
from streamsep_offline.tables import number


@dataclass(frozen=True)
class Microphone(AllParts):
    """One response for the whole mix: a random curve between two corners. Add `room` and `noise`.

    Linear like a room: the parts are heard by the same microphone, and found as heard.

    Attributes:
        chance: That an example is heard so.
        deviation_db: Standard deviation of the response at seven frequencies, 0 to 12.
        low_bass_hz: Lowest corner of its bass, 5 to 2000.
        high_bass_hz: Highest corner of its bass, 5 to 2000.
        low_treble_hz: Lowest corner of its treble, 500 to 100000.
        high_treble_hz: Highest corner of its treble, 500 to 100000.
    """

    chance: float = number(0.05, 0.0, 1.0)
    deviation_db: float = number(4.0, 0.0, 12.0)
    low_bass_hz: float = number(40.0, 5.0, 2000.0)
    high_bass_hz: float = number(200.0, 5.0, 2000.0)
    low_treble_hz: float = number(7000.0, 500.0, 100000.0)
    high_treble_hz: float = number(20000.0, 500.0, 100000.0)

    def change(self, rng: np.random.Generator, parts: np.ndarray, sample_rate: int) -> np.ndarray:
        """See `AllParts`."""
        bass_hz = np.exp(rng.uniform(np.log(self.low_bass_hz), np.log(self.high_bass_hz)))
        treble_hz = np.exp(rng.uniform(np.log(self.low_treble_hz), np.log(self.high_treble_hz)))
        heard = filtered(parts, rng, self.deviation_db, sample_rate)
        return limited(heard, bass_hz, treble_hz, 2, sample_rate)
