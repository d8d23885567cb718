"""The level of everything: masters are louder or softer, and players turn knobs."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from streamsep_offline.augment.piece import AllParts
from streamsep_offline.tables import number


@dataclass(frozen=True)
class Level(AllParts):
    """One gain for all parts, uniform in dB.

    Attributes:
        low_db: Least gain, -120 to 60.
        high_db: Largest gain, -120 to 60.
    """

    low_db: float = number(-20.0, -120.0, 60.0)
    high_db: float = number(0.0, -120.0, 60.0)

    def change(self, rng: np.random.Generator, parts: np.ndarray, sample_rate: int) -> np.ndarray:
        """See `AllParts`."""
        return parts * np.float32(10.0 ** (rng.uniform(self.low_db, self.high_db) / 20.0))
