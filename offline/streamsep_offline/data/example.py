"""What a model learns from: a mixture, and the stems in it."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np


class Example(NamedTuple):
    """One example.

    Attributes:
        mixture: What the model hears. float32 [channels, samples]
        stems: What it should find. float32 [targets, channels, samples]
    """

    mixture: np.ndarray
    stems: np.ndarray

    @classmethod
    def from_stems(cls, stems: np.ndarray) -> Example:
        """The example whose mixture is the sum of the stems."""
        return cls(stems.sum(axis=0), stems)
