"""Time in a song: metres, and a map from beats to seconds that drifts, changes and slows down."""

from __future__ import annotations

import math
from bisect import bisect_right
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Metre:
    """How a bar is counted.

    Attributes:
        name: "3/4".
        steps: Sixteenths in a bar.
        pulses: The steps on which one would tap a foot.
    """

    name: str
    steps: int
    pulses: tuple[int, ...]

    @property
    def quarters(self) -> float:
        """Quarter notes in a bar."""
        return self.steps / 4.0


METRES = {
    "4/4": Metre("4/4", 16, (0, 4, 8, 12)),
    "3/4": Metre("3/4", 12, (0, 4, 8)),
    "6/8": Metre("6/8", 12, (0, 6)),
    "5/4": Metre("5/4", 20, (0, 4, 8, 12, 16)),
    "5/8": Metre("5/8", 10, (0, 4)),
}
"""Every metre by its name."""


@dataclass(frozen=True)
class TempoMap:
    """When every quarter note comes.

    Attributes:
        quarters_s: Times of quarter notes 0, 1, 2, ..., seconds, rising; at least two.
    """

    quarters_s: tuple[float, ...]

    def time_s(self, quarters: float) -> float:
        """Seconds at a place in quarter notes; outside the map the tempo at its edge goes on."""
        k = min(max(math.floor(quarters), 0), len(self.quarters_s) - 2)
        before_s, after_s = self.quarters_s[k : k + 2]
        return before_s + (quarters - k) * (after_s - before_s)

    def quarter_at(self, time_s: float) -> float:
        """The place in quarter notes of a time: the inverse of `time_s`."""
        k = min(max(bisect_right(self.quarters_s, time_s) - 1, 0), len(self.quarters_s) - 2)
        before_s, after_s = self.quarters_s[k : k + 2]
        return k + (time_s - before_s) / (after_s - before_s)


def steady_map(beat_s: float, n_quarters: int) -> TempoMap:
    """One tempo throughout."""
    return TempoMap(tuple(beat_s * k for k in range(n_quarters + 2)))


def tempo_map(beat_s: float, speeds: np.ndarray) -> TempoMap:
    """A map from relative tempos.

    Args:
        beat_s: Length of a quarter note at speed 1.
        speeds: Tempo of each quarter note in turn, 1 is as written. [quarters]
    """
    times = np.concatenate([[0.0], np.cumsum(beat_s / speeds)])
    return TempoMap(tuple(float(time) for time in times))


def human_drift(rng: np.random.Generator, n_quarters: int, spread: float) -> np.ndarray:
    """Tempo of a band without a click: wanders slowly around 1, by `spread` rms, [quarters]."""
    kept = math.exp(-1.0 / 12.0)  # forgets within three bars
    pushes = rng.normal(0.0, spread * math.sqrt(1.0 - kept**2), n_quarters)
    drift = np.empty(n_quarters)
    value = rng.normal(0.0, spread)
    for k, push in enumerate(pushes):
        value = kept * value + push
        drift[k] = value
    return np.exp(drift)


def with_ritardando(speeds: np.ndarray, n_quarters: int, end: int, slowest: float) -> np.ndarray:
    """Speeds that slow down evenly over the `n_quarters` before quarter `end`, and stay slow."""
    slowed = speeds.copy()
    places = np.arange(len(speeds))
    progress = np.clip((places - (end - n_quarters)) / max(1, n_quarters), 0.0, 1.0)
    slowed *= 1.0 - (1.0 - slowest) * progress**1.5
    return slowed
