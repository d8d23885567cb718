"""Missing bands: old recordings, telephones, small loudspeakers, low-rate files."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from streamsep_offline.augment.piece import AllParts
from streamsep_offline.maker.filters import high_pass, low_pass
from streamsep_offline.tables import number

_LOWEST_HZ = 5.0


@dataclass(frozen=True)
class Band(AllParts):
    """All parts through one high-pass and one low-pass (Butterworth), corners drawn in octaves.

    A filter is linear: the parts of a band-limited record are band-limited, sum to it, and are found.

    Attributes:
        chance: That an example is limited.
        low_bass_hz: Lowest corner of the high-pass, 5 to 2000; 5 leaves the bass alone.
        high_bass_hz: Highest corner of the high-pass, 5 to 2000.
        low_treble_hz: Lowest corner of the low-pass, 500 to 100000.
        high_treble_hz: Highest corner of the low-pass; beyond half the sample rate nothing is cut.
        order: Of both, 1 to 16; 6 dB per octave each.
    """

    chance: float = number(0.1, 0.0, 1.0)
    low_bass_hz: float = number(5.0, _LOWEST_HZ, 2000.0)
    high_bass_hz: float = number(150.0, _LOWEST_HZ, 2000.0)
    low_treble_hz: float = number(4000.0, 500.0, 100000.0)
    high_treble_hz: float = number(18000.0, 500.0, 100000.0)
    order: int = number(4, 1, 16)

    def change(self, rng: np.random.Generator, parts: np.ndarray, sample_rate: int) -> np.ndarray:
        """See `AllParts`."""
        bass_hz = np.exp(rng.uniform(np.log(self.low_bass_hz), np.log(self.high_bass_hz)))
        treble_hz = np.exp(rng.uniform(np.log(self.low_treble_hz), np.log(self.high_treble_hz)))
        return limited(parts, bass_hz, treble_hz, self.order, sample_rate)


def limited(
    audio: np.ndarray, bass_hz: float, treble_hz: float, order: int, sample_rate: int
) -> np.ndarray:
    """`audio` without what lies below `bass_hz` and above `treble_hz`. float32 [..., samples]"""
    # A float32 filter with a low corner hisses.
    exact = audio.astype(np.float64)
    if _LOWEST_HZ < bass_hz < 0.49 * sample_rate:
        exact = high_pass(exact, bass_hz, order, sample_rate)
    if treble_hz < 0.49 * sample_rate:
        exact = low_pass(exact, treble_hz, order, sample_rate)
    return exact.astype(np.float32)
