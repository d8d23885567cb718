"""Equalisers and band limits as second-order sections, fixed and random.

Audio is [channels, samples] or [samples], float32; nothing here modifies its arguments.
"""

from __future__ import annotations

import numpy as np
from scipy import signal

from streamsep_offline.maker.notes import SAMPLE_RATE_HZ
from streamsep_offline.maker.shaping import filter_sections


def apply_sections(audio: np.ndarray, sections: np.ndarray) -> np.ndarray:
    """`audio` filtered by second-order sections [sections, 6] along time, in 64 bits."""
    if not audio.any():
        return np.zeros(audio.shape, np.float32)
    rows = np.ascontiguousarray(audio.reshape(-1, audio.shape[-1]), np.float32)
    return filter_sections(rows, np.ascontiguousarray(sections, np.float64)).reshape(audio.shape)


def high_pass(
    audio: np.ndarray, corner_hz: float, order: int = 2, sample_rate_hz: int = SAMPLE_RATE_HZ
) -> np.ndarray:
    """Butterworth high-pass."""
    return apply_sections(
        audio, signal.butter(order, corner_hz, "highpass", fs=sample_rate_hz, output="sos")
    )


def low_pass(
    audio: np.ndarray, corner_hz: float, order: int = 2, sample_rate_hz: int = SAMPLE_RATE_HZ
) -> np.ndarray:
    """Butterworth low-pass."""
    return apply_sections(
        audio, signal.butter(order, corner_hz, "lowpass", fs=sample_rate_hz, output="sos")
    )


def band_pass(audio: np.ndarray, low_hz: float, high_hz: float, order: int = 2) -> np.ndarray:
    """Butterworth band-pass."""
    corners = [low_hz, min(high_hz, 0.49 * SAMPLE_RATE_HZ)]
    return apply_sections(
        audio, signal.butter(order, corners, "bandpass", fs=SAMPLE_RATE_HZ, output="sos")
    )


def peaking_section(centre_hz: float, gain_db: float, q: float) -> np.ndarray:
    """One bell of an equaliser (Audio EQ Cookbook, Bristow-Johnson), [6]."""
    a = 10.0 ** (gain_db / 40.0)
    w = 2.0 * np.pi * centre_hz / SAMPLE_RATE_HZ
    alpha = np.sin(w) / (2.0 * q)
    numerator = np.array([1.0 + alpha * a, -2.0 * np.cos(w), 1.0 - alpha * a])
    denominator = np.array([1.0 + alpha / a, -2.0 * np.cos(w), 1.0 - alpha / a])
    return np.concatenate([numerator, denominator]) / denominator[0]


def random_equaliser(
    audio: np.ndarray, rng: np.random.Generator, amount_db: float = 5.0
) -> np.ndarray:
    """`audio` through one to three bells of random place, width and gain up to +-`amount_db`."""
    bells = [
        peaking_section(
            float(np.exp(rng.uniform(np.log(80.0), np.log(10000.0)))),
            rng.uniform(-amount_db, amount_db),
            rng.uniform(0.5, 1.5),
        )
        for _ in range(rng.integers(1, 4))
    ]
    return apply_sections(audio, np.stack(bells))
