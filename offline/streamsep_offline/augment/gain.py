"""Gains of single parts: every mix has other levels, and no stem a level of its own."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from streamsep_offline.augment.piece import EachPart
from streamsep_offline.tables import number


@dataclass(frozen=True)
class Gain(EachPart):
    """A gain per part, uniform in dB.

    Attributes:
        low_db: Least gain, -120 to 60.
        high_db: Largest gain, -120 to 60.
    """

    low_db: float = number(-12.0, -120.0, 60.0)
    high_db: float = number(2.0, -120.0, 60.0)

    def change(self, rng: np.random.Generator, audio: np.ndarray, sample_rate: int) -> np.ndarray:
        """See `EachPart`."""
        return audio * np.float32(10.0 ** (rng.uniform(self.low_db, self.high_db) / 20.0))


@dataclass(frozen=True)
class GainLinear(EachPart):
    """A gain per part, uniform as a factor: Open-Unmix's `_augment_gain`, Demucs' `Scale`.

    Attributes:
        low: Least factor, 0 to 1000.
        high: Largest factor, 0 to 1000.
    """

    low: float = number(0.25, 0.0, 1000.0)
    high: float = number(1.25, 0.0, 1000.0)

    def change(self, rng: np.random.Generator, audio: np.ndarray, sample_rate: int) -> np.ndarray:
        """See `EachPart`."""
        return audio * np.float32(rng.uniform(self.low, self.high))


@dataclass(frozen=True)
class GainNormal(EachPart):
    """A gain per part, normally distributed in dB, cut at three deviations.

    Attributes:
        mean_db: Mean, -60 to 60.
        deviation_db: Standard deviation, 0 to 20.
    """

    mean_db: float = number(0.0, -60.0, 60.0)
    deviation_db: float = number(3.0, 0.0, 20.0)

    def change(self, rng: np.random.Generator, audio: np.ndarray, sample_rate: int) -> np.ndarray:
        """See `EachPart`."""
        gain_db = self.mean_db + self.deviation_db * np.clip(rng.standard_normal(), -3.0, 3.0)
        return audio * np.float32(10.0 ** (gain_db / 20.0))
