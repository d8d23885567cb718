"""Stereo width: double-tracked guitars are wide, old records are mono, and a phone sums both sides."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from streamsep_offline.augment.piece import AllParts, EachPart
from streamsep_offline.maker.space import set_width
from streamsep_offline.tables import number


@dataclass(frozen=True)
class Width(EachPart):
    """The side of a part scaled against its middle. Mono audio stays as it is.

    Attributes:
        chance: That a part is changed.
        low: Least factor of the side, 0 (mono) to 4.
        high: Largest factor, 0 to 4; 1 leaves a part as wide as it is.
    """

    low: float = number(0.0, 0.0, 4.0)
    high: float = number(1.5, 0.0, 4.0)

    def change(self, rng: np.random.Generator, audio: np.ndarray, sample_rate: int) -> np.ndarray:
        """See `EachPart`."""
        return set_width(audio, rng.uniform(self.low, self.high))


@dataclass(frozen=True)
class Narrow(AllParts):
    """The whole mix narrow or mono: where a source stands no longer tells it apart.

    Attributes:
        chance: That a mix is changed.
        mono: Share of the changed mixes that become exactly mono, 0 to 1.
        low: Least factor of the side for the others, 0 to 1.
        high: Largest factor for the others, 0 to 1.
    """

    chance: float = number(0.15, 0.0, 1.0)
    mono: float = number(0.5, 0.0, 1.0)
    low: float = number(0.05, 0.0, 1.0)
    high: float = number(0.35, 0.0, 1.0)

    def change(self, rng: np.random.Generator, parts: np.ndarray, sample_rate: int) -> np.ndarray:
        """See `AllParts`."""
        width = 0.0 if rng.random() < self.mono else rng.uniform(self.low, self.high)
        return np.stack([set_width(part, width) for part in parts])
