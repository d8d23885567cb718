"""One stem alone: voices a cappella, drum breaks, intros; what `drop` hardly ever leaves."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from streamsep_offline.augment.parts import power
from streamsep_offline.augment.piece import AllParts
from streamsep_offline.tables import number

_AUDIBLE = 1e-3
"""A part 30 dB below the loudest is not worth hearing alone."""


@dataclass(frozen=True)
class Solo(AllParts):
    """All parts but one become digital silence; one that sounds stays.

    Attributes:
        chance: That an example is changed.
    """

    chance: float = number(0.05, 0.0, 1.0)

    def change(self, rng: np.random.Generator, parts: np.ndarray, sample_rate: int) -> np.ndarray:
        """See `AllParts`."""
        powers = np.array([power(part) for part in parts])
        kept = rng.choice(np.flatnonzero(powers >= _AUDIBLE * powers.max()))
        parts[np.arange(len(parts)) != kept] = 0.0
        return parts
