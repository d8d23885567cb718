"""Saturation: tape, valves, overdriven amplifiers and preamplifiers."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from streamsep_offline.augment.parts import power
from streamsep_offline.augment.piece import EachPart
from streamsep_offline.maker.dynamics import saturate
from streamsep_offline.tables import number


@dataclass(frozen=True)
class Saturate(EachPart):
    """A part through tanh, brought back to its power before.

    Attributes:
        chance: That a part is distorted.
        low_drive: Where the part's peaks meet tanh, least: 0.1 (as good as linear) to 30.
        high_drive: The same, largest: 1 is warm, 4 is overdrive, 10 is fuzz.
    """

    chance: float = number(0.1, 0.0, 1.0)
    low_drive: float = number(0.5, 0.1, 30.0)
    high_drive: float = number(4.0, 0.1, 30.0)

    def change(self, rng: np.random.Generator, audio: np.ndarray, sample_rate: int) -> np.ndarray:
        """See `EachPart`."""
        drive = np.exp(rng.uniform(np.log(self.low_drive), np.log(self.high_drive)))
        before = power(audio)
        if not before:
            return audio
        driven = saturate(audio, drive)
        return driven * np.float32(np.sqrt(before / max(power(driven), 1e-30)))
