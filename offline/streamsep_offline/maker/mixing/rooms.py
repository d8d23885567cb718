"""Impulse responses of what a desk's sends go to: rooms, chambers, halls, plates, springs, echoes.

All are stereo, [2, samples], float32, and hold the wet sound only; reverberation has unit energy.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from streamsep_offline.maker.filters import band_pass, low_pass
from streamsep_offline.maker.notes import SAMPLE_RATE_HZ, to_samples

_BORDERS_HZ = (300.0, 1200.0, 4800.0)
"""Between the bands that die away at rates of their own."""


@dataclass(frozen=True)
class RoomKind:
    """A kind of reverberation.

    Attributes:
        t60_s: Shortest and longest time in which middle frequencies fall by 60 dB.
        decay: Factors of that time below 300 Hz, to 1.2 kHz, to 4.8 kHz, above.
        late_s: Shortest and longest delay of the first sound.
        build_s: How long the tail takes to reach its full density.
        n_early: Single reflections before the tail.
        band_hz: What the return is filtered to, lowest and highest corner of each end.
    """

    t60_s: tuple[float, float]
    decay: tuple[float, float, float, float]
    late_s: tuple[float, float]
    build_s: float
    n_early: int
    band_hz: tuple[tuple[float, float], tuple[float, float]]


KINDS: dict[str, RoomKind] = {
    "room": RoomKind(
        (0.25, 0.7), (1.0, 1.0, 0.9, 0.6), (0.0, 0.008), 0.01, 10, ((90, 250), (6e3, 14e3))
    ),
    "chamber": RoomKind(
        (0.8, 1.7), (0.9, 1.0, 0.9, 0.5), (0.0, 0.03), 0.02, 6, ((150, 350), (4e3, 9e3))
    ),
    "hall": RoomKind(
        (1.4, 3.2), (1.2, 1.0, 0.8, 0.4), (0.01, 0.06), 0.05, 8, ((100, 300), (4e3, 10e3))
    ),
    "plate": RoomKind(
        (0.9, 2.6), (0.7, 1.0, 1.0, 0.8), (0.0, 0.08), 0.002, 0, ((150, 500), (7e3, 16e3))
    ),
    "spring": RoomKind(
        (0.9, 2.0), (0.9, 1.0, 0.8, 0.3), (0.0, 0.03), 0.004, 0, ((150, 300), (3e3, 5e3))
    ),
    "gated": RoomKind(
        (2.0, 3.0), (1.0, 1.0, 1.0, 0.9), (0.0, 0.01), 0.004, 8, ((100, 250), (6e3, 14e3))
    ),
}
"""Kinds that records have; "gated" is cut off after a quarter of a second."""


def reverberation(rng: np.random.Generator, kind: str) -> np.ndarray:
    """A response of one of `KINDS`, its energy 1 in the mean of both sides."""
    room = KINDS[kind]
    t60_s = rng.uniform(*room.t60_s)
    n = to_samples(1.2 * t60_s * max(room.decay))
    time_s = np.arange(n, dtype=np.float32) / SAMPLE_RATE_HZ
    noise = rng.standard_normal((2, n), dtype=np.float32)
    tail = np.zeros_like(noise)
    rest = noise
    for border_hz, factor in zip((*_BORDERS_HZ, 0.0), room.decay, strict=True):
        band = low_pass(rest, border_hz) if border_hz else rest
        rest = rest - band
        tail += band * np.exp(-6.9 / (t60_s * factor) * time_s)
    tail *= -np.expm1(-time_s / room.build_s)
    if kind == "gated":
        n_open, n_shut = to_samples(rng.uniform(0.16, 0.35)), to_samples(0.02)
        tail = tail[:, : n_open + n_shut] * np.exp(3.0 * time_s[: n_open + n_shut])
        tail[:, n_open:] *= np.linspace(1.0, 0.0, n_shut, dtype=np.float32)
    if kind == "spring":
        tail[1] = 0.3 * tail[1] + tail[0]  # one tank, nearly mono
    for time in np.sort(rng.uniform(0.003, 0.06, room.n_early)):
        place = to_samples(time)
        if place < tail.shape[1]:
            level = 0.35 * np.sqrt(np.square(tail).sum() / 2.0) * np.exp(-time / 0.04)
            tail[:, place] += level * rng.choice([-1.0, 1.0]) * rng.uniform(0.1, 1.0, 2)
    (low, low_to), (high, high_to) = room.band_hz
    tail = band_pass(tail, rng.uniform(low, low_to), rng.uniform(high, high_to), order=1)
    tail /= np.sqrt(np.square(tail, dtype=np.float64).sum() / 2.0)
    return np.pad(tail, ((0, 0), (to_samples(rng.uniform(*room.late_s)), 0))).astype(np.float32)


def echoes(rng: np.random.Generator, beat_s: float) -> np.ndarray:
    """A delay line in time with the song, or a slap: each repeat softer and darker, first at 1."""
    if rng.random() < 0.25:  # a slap, as from the tape machine of old
        delay_s, feedback = rng.uniform(0.07, 0.14), rng.uniform(0.0, 0.25)
    else:
        delay_s = beat_s * rng.choice([0.5, 0.75, 0.75, 1.0, 1.0, 1.5, 1.0 / 3.0])
        feedback = rng.uniform(0.15, 0.55)
    is_crossed = delay_s > 0.15 and rng.random() < 0.5
    n_delay = max(1, to_samples(min(delay_s, 1.2)))
    n_repeats = 1 + int(np.ceil(np.log(0.03) / np.log(max(feedback, 0.03))))
    n_repeats = min(n_repeats, 6)
    high_hz, low_hz = rng.uniform(1800.0, 8000.0), rng.uniform(100.0, 400.0)
    repeat = np.zeros(to_samples(0.05), np.float32)
    repeat[0] = 1.0
    response = np.zeros((2, n_delay * n_repeats + len(repeat)), np.float32)
    side = int(rng.integers(2))
    for k in range(1, n_repeats + 1):
        repeat = band_pass(repeat, low_hz, high_hz, order=1)
        gains = np.ones(2)
        if is_crossed:
            gains[(side + k) % 2] = 0.15
        start = k * n_delay
        response[:, start : start + len(repeat)] += gains[:, None] * repeat
        repeat = feedback * repeat
    return response
