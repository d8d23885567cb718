"""Root-mean-square and peak level of every stem, gathered block by block."""

from __future__ import annotations

import math

import numpy as np

from streamsep.units import gain_to_db


class StemLevels:
    """Levels of stems over all that was added.

    Args:
        n_stems: Stems in every block.
    """

    def __init__(self, n_stems: int) -> None:
        self._power = np.zeros(n_stems)
        self._peak = np.zeros(n_stems)
        self._count = 0

    def add(self, stems: np.ndarray) -> None:
        """Take a block, float32 [stems, channels, n]."""
        if stems.shape[-1]:
            self._power += np.einsum("jcn,jcn->j", stems, stems, dtype=np.float64)
            self._peak = np.maximum(self._peak, np.abs(stems).max(axis=(1, 2)))
            self._count += stems.shape[1] * stems.shape[2]

    @property
    def rms_db(self) -> list[float]:
        """Level of each stem in dB below full scale; -inf for digital silence."""
        return [gain_to_db(math.sqrt(p / max(self._count, 1))) for p in self._power]

    @property
    def peak_db(self) -> list[float]:
        """Largest sample of each stem in dB below full scale; -inf for digital silence."""
        return [gain_to_db(float(p)) for p in self._peak]
