"""Clipping: loud masters, inputs turned up too far."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from streamsep_offline.augment.piece import HeardOnly
from streamsep_offline.tables import number


@dataclass(frozen=True)
class Clip(HeardOnly):
    """The mixture's peaks cut off; the stems are those before.

    Attributes:
        chance: That a mixture is clipped.
        low_db: Least that is cut off the highest peak, 0 to 24.
        high_db: Most that is cut off, 0 to 24.
    """

    chance: float = number(0.1, 0.0, 1.0)
    low_db: float = number(0.0, 0.0, 24.0)
    high_db: float = number(6.0, 0.0, 24.0)

    def hear(self, rng: np.random.Generator, mixture: np.ndarray, sample_rate: int) -> np.ndarray:
        """See `HeardOnly`."""
        peak = float(np.abs(mixture).max(initial=0.0))
        limit = peak * 10.0 ** (-rng.uniform(self.low_db, self.high_db) / 20.0)
        return np.clip(mixture, -limit, limit)
