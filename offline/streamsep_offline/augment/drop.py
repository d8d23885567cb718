"""Stems that are absent: instrumentals, a cappella passages, songs without drums."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from streamsep_offline.augment.piece import EachPart
from streamsep_offline.tables import number


@dataclass(frozen=True)
class Drop(EachPart):
    """A part becomes digital silence; never all of them at once.

    Attributes:
        chance: That a part is dropped.
    """

    chance: float = number(0.05, 0.0, 1.0)

    def choose(self, rng: np.random.Generator, chosen: np.ndarray) -> np.ndarray:
        """See `EachPart`."""
        if chosen.all():
            chosen[rng.integers(len(chosen))] = False
        return chosen

    def change(self, rng: np.random.Generator, audio: np.ndarray, sample_rate: int) -> np.ndarray:
        """See `EachPart`."""
        return np.zeros_like(audio)
