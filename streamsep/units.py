"""Conversions between the units of a musician (dB, ms) and those of the engine (gain, samples)."""

from __future__ import annotations

import math

SILENCE_DB = -120.0
"""Gains at or below this level are treated as silence, 0.0."""


def db_to_gain(db: float) -> float:
    """Linear amplitude of a level in dB: 10^(db / 20); at or below -120 dB, 0.0."""
    return 0.0 if db <= SILENCE_DB else 10.0 ** (db / 20.0)


def gain_to_db(gain: float) -> float:
    """Level in dB of a linear amplitude: 20 log10(gain); -inf for 0."""
    return 20.0 * math.log10(gain) if gain > 0.0 else -math.inf


def samples_to_ms(samples: int, sample_rate: int) -> float:
    """Duration in milliseconds of a count of samples."""
    return 1000.0 * samples / sample_rate
