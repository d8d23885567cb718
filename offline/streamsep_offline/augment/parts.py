"""The parts of a mixture: its stems and, where they are not all of it, what is left over."""

from __future__ import annotations

import numpy as np

from streamsep_offline.data.example import Example

_ROUNDING = 1e-6
"""A rest 60 dB below the mixture is what files round, not a part."""


def power(audio: np.ndarray) -> float:
    """Mean square over everything; 0.0 for nothing."""
    return float(np.square(audio, dtype=np.float64).mean()) if audio.size else 0.0


def split(example: Example) -> np.ndarray:
    """A copy of the stems, and the rest of the mixture behind them if there is one.

    Returns:
        float32 [targets or targets + 1, channels, samples]
    """
    rest = example.mixture - example.stems.sum(axis=0)
    if not rest.any() or power(rest) <= _ROUNDING * power(example.mixture):
        return example.stems.astype(np.float32)
    return np.concatenate([example.stems, rest[None]]).astype(np.float32, copy=False)


def join(parts: np.ndarray, n_targets: int) -> Example:
    """The example whose mixture is the sum of the parts, the first `n_targets` of which are stems."""
    parts = parts.astype(np.float32, copy=False)
    return Example(parts.sum(axis=0), parts[:n_targets])
