"""Bells, shelves and high-passes of a desk as rows of one table of second-order sections."""

from __future__ import annotations

import numpy as np
from scipy import signal

from streamsep_offline.maker.filters import apply_sections, peaking_section
from streamsep_offline.maker.notes import SAMPLE_RATE_HZ


def bell(centre_hz: float, gain_db: float, q: float = 0.8) -> np.ndarray:
    """A bell, [6]."""
    return peaking_section(centre_hz, gain_db, q)


def shelf(corner_hz: float, gain_db: float, is_high: bool) -> np.ndarray:
    """A shelf of slope 0.7 (Audio EQ Cookbook, Bristow-Johnson), [6].

    Args:
        corner_hz: Where half of the gain is reached.
        gain_db: Above the corner if `is_high`, else below it.
        is_high: Which side is lifted.
    """
    a = 10.0 ** (gain_db / 40.0)
    w = 2.0 * np.pi * corner_hz / SAMPLE_RATE_HZ
    cosine = -np.cos(w) if is_high else np.cos(w)
    alpha = 0.5 * np.sin(w) * np.sqrt((a + 1.0 / a) * (1.0 / 0.7 - 1.0) + 2.0)
    root = 2.0 * np.sqrt(a) * alpha
    sign = -1.0 if is_high else 1.0
    b = np.array(
        [
            a * ((a + 1) - (a - 1) * cosine + root),
            sign * 2 * a * ((a - 1) - (a + 1) * cosine),
            a * ((a + 1) - (a - 1) * cosine - root),
        ]
    )
    c = np.array(
        [
            (a + 1) + (a - 1) * cosine + root,
            sign * -2 * ((a - 1) + (a + 1) * cosine),
            (a + 1) + (a - 1) * cosine - root,
        ]
    )
    return np.concatenate([b, c]) / c[0]


def cut(corner_hz: float, is_high_pass: bool, order: int = 2) -> np.ndarray:
    """A Butterworth high-pass or low-pass, [sections, 6]."""
    kind = "highpass" if is_high_pass else "lowpass"
    return signal.butter(order, corner_hz, kind, fs=SAMPLE_RATE_HZ, output="sos")


def through(audio: np.ndarray, sections: list[np.ndarray]) -> np.ndarray:
    """`audio` [..., samples] through sections in a row, each [6] or [n, 6]."""
    table = np.concatenate([np.atleast_2d(section) for section in sections])
    return apply_sections(audio, table)
