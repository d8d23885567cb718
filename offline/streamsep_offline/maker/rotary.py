"""An organ's rotating loudspeaker: a horn for the treble, a drum for the bass, slow or fast."""

from __future__ import annotations

import numpy as np

from streamsep_offline.maker.filters import high_pass, low_pass
from streamsep_offline.maker.notes import SAMPLE_RATE_HZ, to_samples
from streamsep_offline.maker.plan import Plan
from streamsep_offline.maker.shaping import read_at

_CROSSOVER_HZ = 800.0
_BLOCK = 64
_SLOW_HZ, _FAST_HZ = (0.8, 0.7), (6.7, 5.9)
"""Turns per second of horn and drum."""

_INERTIA_S = (0.8, 2.5)
"""Time constants with which horn and drum change their speed."""

_RADIUS_S = (0.18 / 343.0, 0.10 / 343.0)
"""How far the source moves towards and away from the microphone, as time of flight."""


def switched_speed(plan: Plan, rng: np.random.Generator) -> np.ndarray:
    """Whether the organist has it fast, 0 or 1, per block: changed at sections now and then."""
    n_blocks = plan.n_samples // _BLOCK + 1
    speed = np.empty(n_blocks)
    is_fast = rng.random() < 0.5
    for bar in range(plan.n_bars):
        if plan.is_last_of_section(bar) and rng.random() < 0.4:
            is_fast = not is_fast
        first = to_samples(plan.time_s(bar)) // _BLOCK
        speed[first:] = float(is_fast)
    return speed


def rotate(
    mono: np.ndarray, is_fast: np.ndarray, spread: float, rng: np.random.Generator
) -> np.ndarray:
    """`mono` through the cabinet, heard by two microphones, [2, samples].

    Args:
        mono: [samples]
        is_fast: 0 or 1 per 64 samples.
        spread: Angle between the microphones in turns, 0 (one place) to 0.5 (opposite).
        rng: Draws where the rotors stand at the start.
    """
    n = len(mono)
    output = np.zeros((2, n), np.float32)
    bands = (
        high_pass(mono, _CROSSOVER_HZ, order=2),
        low_pass(mono, _CROSSOVER_HZ, order=2),
    )
    depths = (rng.uniform(0.3, 0.6), rng.uniform(0.1, 0.3))
    samples = np.arange(n)
    for band, slow, fast, inertia_s, radius_s, depth in zip(
        bands, _SLOW_HZ, _FAST_HZ, _INERTIA_S, _RADIUS_S, depths, strict=True
    ):
        speed_hz = _turning(slow + (fast - slow) * is_fast, inertia_s)
        turns = rng.random() + np.cumsum(speed_hz) * _BLOCK / SAMPLE_RATE_HZ
        turns = np.interp(samples, np.arange(len(turns)) * _BLOCK, turns)
        for side in range(2):
            facing = np.cos(2.0 * np.pi * (turns + side * spread))
            late = radius_s * SAMPLE_RATE_HZ * (1.0 - facing)
            output[side] += (1.0 - depth * 0.5 * (1.0 - facing)) * read_at(band, samples - late)
    return output


def _turning(wanted_hz: np.ndarray, inertia_s: float) -> np.ndarray:
    """A rotor follows the wanted speed slowly."""
    pole = np.exp(-_BLOCK / SAMPLE_RATE_HZ / inertia_s)
    speed_hz = np.empty_like(wanted_hz)
    state = float(wanted_hz[0])
    for k, wanted in enumerate(wanted_hz.tolist()):
        state = pole * state + (1.0 - pole) * wanted
        speed_hz[k] = state
    return speed_hz
