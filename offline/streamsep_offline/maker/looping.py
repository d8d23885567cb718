"""Recorded notes made as long as they are needed: the steady part repeated, without a seam."""

from __future__ import annotations

import numpy as np

from streamsep_offline.maker.notes import SAMPLE_RATE_HZ, pitch_to_hz

_STEADY = (0.35, 0.8)
"""Which part of a short note is steady."""


def _best_lag(sample: np.ndarray, place: int, period: float, n_longest: int) -> int:
    """How far back from `place` the sound is most like itself, a whole number of periods."""
    n_compared = int(4 * period)
    here = sample[place - n_compared : place]
    best, likeness = 0, -2.0
    n_periods = int(n_longest / period)
    for k in range(max(2, n_periods // 2), n_periods + 1):
        for lag in {round(k * period), int(k * period) - 1, int(k * period) + 2}:
            if place - n_compared - lag < 0:
                continue
            there = sample[place - n_compared - lag : place - lag]
            size = np.sqrt(np.square(here).sum() * np.square(there).sum()) + 1e-12
            value = float((here * there).sum() / size)
            if value > likeness:
                best, likeness = lag, value
    return best


def prolonged(sample: np.ndarray, pitch: float, n_samples: int) -> np.ndarray:
    """`sample` as long as asked: steady parts of different lengths are joined by cross-fades.

    Args:
        sample: One note, mono. [samples]
        pitch: Its MIDI pitch.
        n_samples: At least this long comes back, if the note has a steady part of twenty periods.
    """
    if len(sample) >= n_samples:
        return sample
    period = SAMPLE_RATE_HZ / pitch_to_hz(pitch)
    begin, end = (int(share * len(sample)) for share in _STEADY)
    n_fade = min(int(8 * period), (end - begin) // 6)
    if end - begin < 20 * period or n_fade < 8:
        return sample
    parts = [sample[:end]]
    lags = []
    for shrink in (1.0, 0.8, 0.9):  # unequal repeats do not make a rhythm of their own
        lag = _best_lag(sample, end, period, int(shrink * (end - begin - n_fade)))
        if lag:
            lags.append(lag)
    if not lags:
        return sample
    rise = np.linspace(0.0, 1.0, n_fade, dtype=np.float32)
    length = end
    k = 0
    while length < n_samples:
        lag = lags[k % len(lags)]
        before = parts[-1][len(parts[-1]) - n_fade :]
        # what lies before the repeat equals, by choice of the lag, what lies before the seam
        same = sample[end - lag - n_fade : end - lag]
        parts[-1] = parts[-1][: len(parts[-1]) - n_fade]
        parts.append((1.0 - rise) * before + rise * same)
        parts.append(sample[end - lag : end])
        length += lag
        k += 1
    return np.concatenate([*parts, sample[end:]]).astype(np.float32)
