"""Pedals: tremolo, wah by foot or by touch, phaser, vibrato. Mono, float32, same length."""

from __future__ import annotations

import numpy as np

from streamsep_offline.maker.dynamics import BLOCK, to_unit_active_rms
from streamsep_offline.maker.kernels import follow
from streamsep_offline.maker.notes import SAMPLE_RATE_HZ
from streamsep_offline.maker.shaping import filter_moving, phase_shift, read_at

_STEP = 16
"""Samples per value of a moving corner."""


def _swing(n_samples: int, rate_hz: float, phase: float, step: int = 1) -> np.ndarray:
    """A sine of -1 to 1, one value per `step` samples."""
    time_s = np.arange(0, n_samples, step) / SAMPLE_RATE_HZ
    return np.sin(2.0 * np.pi * (rate_hz * time_s + phase))


def tremolo(mono: np.ndarray, rate_hz: float, depth: float, hardness: float) -> np.ndarray:
    """The level swings between 1 and 1 - `depth`; `hardness` 0 is a sine, 1 nearly on and off."""
    swing = _swing(len(mono), rate_hz, 0.0)
    shaped = np.tanh((0.1 + 6.0 * hardness) * swing) / np.tanh(0.1 + 6.0 * hardness)
    return (mono * (1.0 - 0.5 * depth * (1.0 + shaped))).astype(np.float32)


def wah(mono: np.ndarray, rate_hz: float, phase: float, amount: float) -> np.ndarray:
    """A foot that rocks a resonant band between 400 Hz and 2.2 kHz, mixed with the dry sound."""
    foot = 0.5 + 0.5 * _swing(len(mono), rate_hz, phase, _STEP)
    return _through_band(mono, 400.0 * 5.5**foot, amount)


def touch_wah(mono: np.ndarray, amount: float) -> np.ndarray:
    """The band follows how hard the strings are hit."""
    audio = to_unit_active_rms(mono)
    n_blocks = max(1, len(audio) // BLOCK)
    peaks = np.abs(audio[: n_blocks * BLOCK]).reshape(n_blocks, -1).max(axis=1).astype(np.float64)
    poles = [float(np.exp(-BLOCK / SAMPLE_RATE_HZ / seconds)) for seconds in (0.008, 0.15)]
    level = np.clip(follow(peaks, *poles) / 3.0, 0.0, 1.0)
    return _through_band(audio, np.repeat(350.0 * 6.0**level, BLOCK // _STEP), amount)


def _through_band(mono: np.ndarray, centre_hz: np.ndarray, amount: float) -> np.ndarray:
    band = filter_moving(mono, centre_hz, 0.25, True, float(SAMPLE_RATE_HZ))
    return ((1.0 - amount) * mono + 2.0 * amount * band).astype(np.float32)


def phaser(mono: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Two to four notches that wander slowly through the spectrum."""
    rate_hz, n_stages = rng.uniform(0.08, 1.2), int(rng.choice([4, 4, 6, 8]))
    swing = _swing(len(mono), rate_hz, rng.random(), _STEP)
    corner_hz = rng.uniform(400.0, 900.0) * 2.0 ** (rng.uniform(0.8, 1.8) * swing)
    feedback = rng.uniform(0.0, 0.6)
    wet = phase_shift(mono, corner_hz, n_stages, feedback, float(SAMPLE_RATE_HZ))
    return (0.6 * (mono + wet)).astype(np.float32)


def vibrato(mono: np.ndarray, rate_hz: float, semitones: float, onset: np.ndarray) -> np.ndarray:
    """The pitch swings by +-`semitones` where `onset` [samples], 0 to 1, says so.

    The delay swings and returns, so the part does not drift against the others.
    """
    swing_s = (2.0 ** (semitones / 12.0) - 1.0) / (2.0 * np.pi * rate_hz)
    n_swing = swing_s * SAMPLE_RATE_HZ
    late = n_swing * onset * (1.0 + _swing(len(mono), rate_hz, 0.0))
    return read_at(mono, np.arange(len(mono)) - late)
