"""The voice's source: a train of glottal pulses whose pitch may bend freely, without aliasing.

The sum of K equal cosines has a closed form, sin((K + 1/2) phi) / (2 sin(phi / 2)) - 1/2, so a
pulse train with any number of harmonics costs two sines per sample. K follows the pitch, so that
the highest harmonic stays below a fixed frequency; its fraction fades the next one in and out.

Source: Moorer, "The synthesis of complex audio spectra by means of discrete summation formulas",
JAES 24(9), 1976.
"""

from __future__ import annotations

import numpy as np

HIGHEST_HZ = 15000.0
"""Where the harmonics end; the breath above that is noise."""


def phase_of(frequency_hz: np.ndarray, sample_rate: int) -> np.ndarray:
    """Phase in radians, 0 to 2 pi, of a tone of that frequency at each sample, [samples]."""
    return np.mod(2.0 * np.pi / sample_rate * np.cumsum(frequency_hz), 2.0 * np.pi)


def pulse_train(frequency_hz: np.ndarray, phase: np.ndarray, sample_rate: int) -> np.ndarray:
    """Sum of cosines of amplitude 1 at all harmonics below 15 kHz and 0.45 of the rate.

    Args:
        frequency_hz: Pitch at each sample, positive. [samples]
        phase: From `phase_of`. [samples]
        sample_rate: In Hz.

    Returns:
        float64 [samples].
    """
    n_harmonics = min(HIGHEST_HZ, 0.45 * sample_rate) / frequency_hz
    whole = np.floor(n_harmonics)
    half = np.sin(0.5 * phase)
    # Where sin(phi / 2) vanishes all cosines are 1.
    is_peak = np.abs(half) < 1e-7
    ratio = np.sin((whole + 0.5) * phase) / np.where(is_peak, 1.0, 2.0 * half)
    train = np.where(is_peak, whole + 0.5, ratio) - 0.5
    return train + (n_harmonics - whole) * np.cos((whole + 1.0) * phase)
