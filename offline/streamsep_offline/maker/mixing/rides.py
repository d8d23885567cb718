"""Automation: how the faders move through a song."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from streamsep_offline.maker.dynamics import BLOCK, active_rms, ducking_gain
from streamsep_offline.maker.kernels import follow
from streamsep_offline.maker.notes import SAMPLE_RATE_HZ, to_samples
from streamsep_offline.maker.plan import Plan
from streamsep_offline.maker.shaping import ramped

_N_STEP = 441
"""Samples per value of a ride: 10 ms."""

_N_BEFORE = 100

_MOVE_S = 0.12
"""Time constant with which a fader moves."""


def section_rides(plan: Plan, rng: np.random.Generator, n_rows: int) -> np.ndarray:
    """Gains of each row: a level of its own in each kind of section, and a slow wandering hand.

    Args:
        plan: Says which section a bar belongs to.
        rng: Draws the moves.
        n_rows: How many faders.

    Returns:
        Linear, about 1, float32 [rows, samples].
    """
    n_steps = plan.n_samples // _N_STEP + 2
    deviation_db = rng.uniform(0.2, 1.2)
    level_db = np.zeros((n_rows, n_steps))
    by_kind: dict[object, np.ndarray] = {}
    for bar in range(plan.n_bars):
        kind = plan.section(bar).kind
        if kind not in by_kind:
            by_kind[kind] = np.clip(rng.normal(0.0, deviation_db, n_rows), -2.5, 2.5)
        start = int(plan.time_s(bar) * SAMPLE_RATE_HZ / _N_STEP)
        level_db[:, start:] = by_kind[kind][:, None]
    pole = np.exp(-_N_STEP / SAMPLE_RATE_HZ / _MOVE_S)
    n_points = max(2, int(plan.duration_s / 3.0) + 2)
    places = np.linspace(0, n_steps, n_points)
    gains = np.empty((n_rows, plan.n_samples), np.float32)
    for row in range(n_rows):
        wander_db = np.interp(np.arange(n_steps), places, rng.normal(0.0, 0.4, n_points))
        # a second of the first level before the song, for the follower starts from nothing
        moves_db = follow(np.pad(level_db[row], (_N_BEFORE, 0), "edge"), pole, pole)[_N_BEFORE:]
        moves_db += wander_db
        gains[row] = ramped(10.0 ** (moves_db / 20.0), _N_STEP, plan.n_samples)
    return gains


def stepping_back(key: np.ndarray, depth_db: float) -> np.ndarray:
    """Gain that falls by up to `depth_db` while `key` [2, samples] sounds: room for the singer.

    Returns:
        Linear, float32 [samples].
    """
    n_blocks = key.shape[1] // BLOCK
    peaks = np.abs(key[:, : n_blocks * BLOCK]).max(axis=0).reshape(n_blocks, BLOCK).max(axis=1)
    poles = [np.exp(-BLOCK / SAMPLE_RATE_HZ / t) for t in (0.03, 0.35)]
    envelope = follow(peaks.astype(np.float64), *poles)
    share = np.clip(envelope / (active_rms(key) + 1e-9), 0.0, 1.0)
    return ramped(10.0 ** (-depth_db * share / 20.0), BLOCK, key.shape[1])


def pump(
    rng: np.random.Generator, kicks_s: Sequence[float], n_samples: int, chance: float
) -> np.ndarray | None:
    """Gain of a side chain from the kick to everything but the drums, or None.

    Returns:
        Linear, float32 [samples].
    """
    if not kicks_s or rng.random() >= chance:
        return None
    return ducking_gain(n_samples, list(kicks_s), rng.uniform(0.15, 0.7), rng.uniform(0.12, 0.35))


def fades(
    rng: np.random.Generator, n_samples: int, in_chance: float, out_chance: float
) -> np.ndarray:
    """The fader of the whole record: in at its start and out at its end, each in some songs.

    Returns:
        Linear, float32 [samples].
    """
    gain = np.ones(n_samples, np.float32)
    longest_s = n_samples / SAMPLE_RATE_HZ / 4.0
    if rng.random() < in_chance:
        n = to_samples(min(rng.uniform(1.0, 5.0), longest_s))
        gain[:n] = np.linspace(0.0, 1.0, n, dtype=np.float32) ** 2
    if rng.random() < out_chance:
        n = to_samples(min(rng.uniform(3.0, 9.0), longest_s))
        gain[n_samples - n :] *= np.linspace(1.0, 0.0, n, dtype=np.float32) ** rng.uniform(1.2, 2.5)
    return gain
