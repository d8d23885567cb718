"""Sides exchanged: nothing but habit puts the hi-hat to the right."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from streamsep_offline.augment.piece import EachPart
from streamsep_offline.tables import number


@dataclass(frozen=True)
class Swap(EachPart):
    """The channels of a part in reverse order: Open-Unmix's `_augment_channelswap`.

    Attributes:
        chance: That a part is changed; half by default, so that no side is preferred.
    """

    chance: float = number(0.5, 0.0, 1.0)

    def change(self, rng: np.random.Generator, audio: np.ndarray, sample_rate: int) -> np.ndarray:
        """See `EachPart`."""
        return audio[::-1]
