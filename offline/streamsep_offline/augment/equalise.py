"""Colour: other instruments, microphones, and an engineer's hand on the equaliser."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from streamsep_offline.augment.curve import filtered
from streamsep_offline.augment.piece import EachPart
from streamsep_offline.tables import number


@dataclass(frozen=True)
class Equalise(EachPart):
    """A smooth random filter for each part: gains at seven frequencies, lines between them.

    Attributes:
        chance: That a part is filtered.
        deviation_db: Standard deviation of the seven gains, 0 to 12.
    """

    chance: float = number(0.6, 0.0, 1.0)
    deviation_db: float = number(2.5, 0.0, 12.0)

    def change(self, rng: np.random.Generator, audio: np.ndarray, sample_rate: int) -> np.ndarray:
        """See `EachPart`."""
        return filtered(audio, rng, self.deviation_db, sample_rate)
