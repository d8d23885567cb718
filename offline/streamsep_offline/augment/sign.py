"""Polarity reversed: a cable soldered the other way round sounds the same and sums differently."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from streamsep_offline.augment.piece import EachPart
from streamsep_offline.tables import number


@dataclass(frozen=True)
class Sign(EachPart):
    """A part with its sign reversed: Demucs' `FlipSign`.

    Attributes:
        chance: That a part is changed; half by default.
    """

    chance: float = number(0.5, 0.0, 1.0)

    def change(self, rng: np.random.Generator, audio: np.ndarray, sample_rate: int) -> np.ndarray:
        """See `EachPart`."""
        return -audio
