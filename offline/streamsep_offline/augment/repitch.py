"""Pitch and speed together: other keys, other tempi, other voices, as a tape played faster or slower."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import soxr

from streamsep_offline.augment.piece import AllParts
from streamsep_offline.tables import number


@dataclass(frozen=True)
class Repitch(AllParts):
    """All parts played faster or slower by one factor, at the same length.

    Resampled with soxr, so pitch, tempo and formants move together and the parts stay in tune. What is
    slower loses its end; behind what is faster there is silence (6 % of an example per semitone).

    Attributes:
        chance: That an example is changed.
        low_semitones: Lowest pitch, -12 to 12.
        high_semitones: Highest pitch, -12 to 12.
    """

    chance: float = number(0.2, 0.0, 1.0)
    low_semitones: float = number(-2.0, -12.0, 12.0)
    high_semitones: float = number(2.0, -12.0, 12.0)

    def change(self, rng: np.random.Generator, parts: np.ndarray, sample_rate: int) -> np.ndarray:
        """See `AllParts`."""
        faster = 2.0 ** (rng.uniform(self.low_semitones, self.high_semitones) / 12.0)
        rows = parts.reshape(-1, parts.shape[-1])
        n_used = min(rows.shape[1], int(rows.shape[1] * faster) + sample_rate // 100)
        played = soxr.resample(rows[:, :n_used].T, sample_rate * faster, sample_rate, "HQ").T
        output = np.zeros_like(rows)
        n = min(played.shape[1], rows.shape[1])
        output[:, :n] = played[:, :n]
        return output.reshape(parts.shape)
