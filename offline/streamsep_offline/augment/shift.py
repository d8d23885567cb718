"""Parts moved in time against each other: they no longer play on the same beat."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from streamsep_offline.augment.piece import EachPart
from streamsep_offline.maker.space import delayed
from streamsep_offline.tables import number


@dataclass(frozen=True)
class Shift(EachPart):
    """A part earlier or later, silence where nothing is known of it: Demucs' `Shift` at equal length.

    It stands for other takes and loose playing: onsets that coincide are no proof of one source.

    Attributes:
        chance: That a part is moved.
        most_s: Largest shift in seconds, to both sides alike, 0 to 10.
    """

    most_s: float = number(0.5, 0.0, 10.0)

    def change(self, rng: np.random.Generator, audio: np.ndarray, sample_rate: int) -> np.ndarray:
        """See `EachPart`."""
        n = round(rng.uniform(-self.most_s, self.most_s) * sample_rate)
        return delayed(audio, n) if n >= 0 else delayed(audio[:, ::-1], -n)[:, ::-1]
