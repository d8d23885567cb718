"""Leakage: how loud an estimate is where its stem is silent, relative to the mixture there.

Music is cut into tenths of a second. Those count in which the reference is silent (below -70 dBFS) and the
mixture sounds (above -50 dBFS); over all of them together

    leakage = 10 log10(sum |estimate|^2 / sum |mixture|^2)

0 dB is the whole mixture, less is better. It needs a second of such music, in all.
"""

from __future__ import annotations

import math

import numpy as np

from streamsep.scores import SOUNDING_POWER
from streamsep_offline.evaluation.figures import LIMIT_DB

SILENT_POWER = 1e-7
"""Mean power of a tenth of a second below which a reference is silent: -70 dBFS."""

WINDOW_S = 0.1
"""Length of what is silent or not."""

MIN_WINDOWS = 10
"""Silent windows below which no figure is given."""


def leakage_db(
    reference: np.ndarray, estimate: np.ndarray, mixture: np.ndarray, sample_rate: int
) -> float:
    """Leakage of one stem.

    Args:
        reference: [channels, n]
        estimate: Aligned. [channels, n]
        mixture: [channels, n]
        sample_rate: In Hz.

    Returns:
        dB, cut to -100; NaN where the reference is hardly ever silent while the mixture sounds.
    """
    length = round(WINDOW_S * sample_rate)
    silent = window_power(reference, length) < SILENT_POWER
    heard = window_power(mixture, length)
    counted = silent & (heard > SOUNDING_POWER)
    if np.count_nonzero(counted) < MIN_WINDOWS:
        return math.nan
    leaked = float(window_power(estimate, length)[counted].sum())
    return max(-LIMIT_DB, 10.0 * math.log10(leaked / float(heard[counted].sum()) + 1e-20))


def window_power(x: np.ndarray, length: int) -> np.ndarray:
    """Mean power of every whole window.

    Args:
        x: [channels, n]
        length: Of a window, in samples.
    """
    n = x.shape[-1] // length
    windows = x[:, : n * length].astype(np.float64).reshape(len(x), n, length)
    return np.mean(windows**2, axis=(0, 2))
