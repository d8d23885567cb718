"""The master bus: everything here is linear or one gain for all stems, so that they go on summing."""

from __future__ import annotations

import numpy as np

from streamsep_offline.maker.dynamics import compression_gain
from streamsep_offline.maker.mixing.eq import bell, cut, shelf
from streamsep_offline.maker.mixing.eras import Era
from streamsep_offline.maker.mixing.kernels import limiter_gain
from streamsep_offline.maker.mixing.loudness import loudness_lufs
from streamsep_offline.maker.mixing.strips import saturation_gain
from streamsep_offline.maker.notes import SAMPLE_RATE_HZ
from streamsep_offline.maker.shaping import ramped, read_at

N_BLOCK = 32
"""Samples between gains of the limiter: 0.7 ms."""

_ATTACK = 0.75
"""By which the limiter's gain may fall within a block: -2.5 dB."""


def tone(era: Era, rng: np.random.Generator) -> list[np.ndarray]:
    """Sections of the equaliser that all stems go through, for `eq.through`."""
    sections = [
        cut(rng.uniform(*era.bass_hz), is_high_pass=True),
        shelf(rng.uniform(60.0, 160.0), rng.normal(0.0, 1.5), is_high=False),
        bell(float(np.exp(rng.uniform(np.log(300.0), np.log(5e3)))), rng.normal(0.0, 1.0), 0.5),
        shelf(rng.uniform(4e3, 10e3), rng.normal(0.0, 2.0), is_high=True),
    ]
    if era.treble_hz[0]:
        sections.append(cut(rng.uniform(*era.treble_hz), is_high_pass=False))
    return sections


def glue(audio: np.ndarray, era: Era, rng: np.random.Generator, is_electronic: bool) -> None:
    """Compress and saturate all stems [stems, 2, samples] together, in place."""
    threshold_db = rng.uniform(-14.0 if is_electronic else -10.0, -3.0)
    attack_s, release_s = rng.uniform(0.004, 0.03), rng.uniform(0.08, 0.4)
    ratio = rng.uniform(1.2, era.glue)
    audio *= compression_gain(audio.sum(axis=0), threshold_db, ratio, attack_s, release_s)
    drive = rng.uniform(0.05, era.drive)
    if rng.random() < 0.6:
        audio *= saturation_gain(audio.sum(axis=0), drive)


def wow_and_flutter(audio: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """All stems [stems, 2, samples] from one tape whose speed wanders by some cents."""
    time_s = np.arange(audio.shape[-1]) / SAMPLE_RATE_HZ
    delays = np.zeros(len(time_s))
    for (low_hz, high_hz), most_cents in (((0.3, 1.2), 9.0), ((1.2, 3.0), 4.0), ((6.0, 11.0), 2.5)):
        hz, cents = rng.uniform(low_hz, high_hz), rng.uniform(0.1, 1.0) * most_cents
        depth_s = cents / 1200.0 * np.log(2.0) / (2.0 * np.pi * hz)
        delays += SAMPLE_RATE_HZ * depth_s * np.sin(2.0 * np.pi * (hz * time_s + rng.random()))
    places = np.clip(np.arange(len(delays)) - delays, 1.0, len(delays) - 3.0)
    rows = np.ascontiguousarray(audio.reshape(-1, audio.shape[-1]), np.float32)
    return np.stack([read_at(row, places) for row in rows]).reshape(audio.shape)


def master(audio: np.ndarray, era: Era, rng: np.random.Generator) -> None:
    """Bring all stems together to a record's loudness and limit their sum, in place.

    Args:
        audio: [stems, 2, samples]
        era: Says how loud.
        rng: Draws loudness and ceiling.
    """
    wanted_lufs = rng.uniform(*era.loudness_lufs)
    ceiling = 10.0 ** (rng.choice([-0.1, -0.3, -1.0, -2.0]) / 20.0)
    release_s = float(np.exp(rng.uniform(np.log(0.03), np.log(0.25))))
    mixture = audio.sum(axis=0)
    peaks = _block_peaks(mixture)
    if not peaks.max() > 0.0:
        return
    # more than this is not pushed into the limiter, however loud the record was meant to be
    loudest = float(np.percentile(peaks, 99.9)) + 1e-9
    most_db = 20.0 * np.log10(ceiling / loudest) + era.most_limiting_db
    gain_db = min(wanted_lufs - loudness_lufs(mixture), most_db)
    gain = 10.0 ** (gain_db / 20.0)
    release = float(np.exp(-N_BLOCK / SAMPLE_RATE_HZ / release_s))
    gains = gain * limiter_gain(gain * peaks, ceiling, _ATTACK, release)
    audio *= ramped(gains, N_BLOCK, audio.shape[-1])


def _block_peaks(mixture: np.ndarray) -> np.ndarray:
    """Largest absolute value of each block of [2, samples], [blocks]."""
    n = mixture.shape[1]
    peaks = np.zeros(-(-n // N_BLOCK) * N_BLOCK, np.float32)
    np.abs(mixture).max(axis=0, out=peaks[:n])
    return peaks.reshape(-1, N_BLOCK).max(axis=1).astype(np.float64)
