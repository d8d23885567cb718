"""Bus compression: the glue of a mix, and the pumping of a loud master."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from streamsep_offline.augment.parts import power
from streamsep_offline.augment.piece import AllParts
from streamsep_offline.maker.dynamics import BLOCK, compression_gain
from streamsep_offline.tables import number


@dataclass(frozen=True)
class Compress(AllParts):
    """The gain of a compressor on the mixture, applied to every part: they sum as before.

    Afterwards all parts are brought up together to the power the mixture had.

    Attributes:
        chance: That an example is compressed.
        low_threshold_db: Lowest threshold against the mixture's peaks, -40 to 6.
        high_threshold_db: Highest threshold, -40 to 6.
        low_ratio: Least input dB per output dB above the threshold, 1 to 100.
        high_ratio: Largest ratio, 1 to 100.
        low_attack_s: Shortest attack, 0.0005 to 0.2 s.
        high_attack_s: Longest attack, 0.0005 to 0.2 s.
        low_release_s: Shortest release, 0.01 to 2 s.
        high_release_s: Longest release, 0.01 to 2 s.
    """

    chance: float = number(0.3, 0.0, 1.0)
    low_threshold_db: float = number(-14.0, -40.0, 6.0)
    high_threshold_db: float = number(-3.0, -40.0, 6.0)
    low_ratio: float = number(1.2, 1.0, 100.0)
    high_ratio: float = number(4.0, 1.0, 100.0)
    low_attack_s: float = number(0.001, 0.0005, 0.2)
    high_attack_s: float = number(0.03, 0.0005, 0.2)
    low_release_s: float = number(0.06, 0.01, 2.0)
    high_release_s: float = number(0.4, 0.01, 2.0)

    def change(self, rng: np.random.Generator, parts: np.ndarray, sample_rate: int) -> np.ndarray:
        """See `AllParts`."""
        threshold_db = rng.uniform(self.low_threshold_db, self.high_threshold_db)
        ratio = rng.uniform(self.low_ratio, self.high_ratio)
        attack_s = rng.uniform(self.low_attack_s, self.high_attack_s)
        release_s = rng.uniform(self.low_release_s, self.high_release_s)
        mixture = parts.sum(axis=0)
        before = power(mixture)
        if not before or mixture.shape[-1] < BLOCK:
            return parts
        gain = compression_gain(mixture, threshold_db, ratio, attack_s, release_s, sample_rate)
        after = power(mixture * gain)
        return parts * (gain * np.float32(np.sqrt(before / max(after, 1e-30))))
