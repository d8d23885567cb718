"""Smooth random curves of gain over frequency, and audio filtered by them without a phase."""

from __future__ import annotations

import numpy as np
from scipy import fft

POINTS_HZ = (20.0, 100.0, 300.0, 1000.0, 3000.0, 8000.0, 22050.0)
"""Where a curve's gains are drawn; between them it is a line over the logarithm of frequency."""

_N_TAIL_S = 0.05
"""Silence added before a filter, so that its ringing does not come round to the other end."""


def random_curve(
    rng: np.random.Generator, deviation_db: float, frequency_hz: np.ndarray
) -> np.ndarray:
    """Gains of a smooth random filter.

    Args:
        rng: Draws seven gains.
        deviation_db: Standard deviation of each.
        frequency_hz: Where the curve is asked for, >= 0. [n]

    Returns:
        Linear gains, float32 [n].
    """
    gains_db = rng.normal(0.0, deviation_db, len(POINTS_HZ))
    curve_db = np.interp(np.log(np.maximum(frequency_hz, 20.0)), np.log(POINTS_HZ), gains_db)
    return (10.0 ** (curve_db / 20.0)).astype(np.float32)


def filtered(
    audio: np.ndarray, rng: np.random.Generator, deviation_db: float, sample_rate: int
) -> np.ndarray:
    """`audio` through a random curve, zero phase. float32 [..., samples] -> same shape"""
    n = audio.shape[-1]
    n_fft = fft.next_fast_len(n + round(_N_TAIL_S * sample_rate), real=True)
    gains = random_curve(rng, deviation_db, fft.rfftfreq(n_fft, 1.0 / sample_rate))
    return fft.irfft(fft.rfft(audio, n_fft) * gains, n_fft)[..., :n].astype(np.float32)
