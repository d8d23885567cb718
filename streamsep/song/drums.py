"""The drum kit: kick, snare, toms, hats and a crash, each struck with a few different sticks.

A kick and a tom are sines whose pitch falls (the skin is tightest at the blow) with a click; a
snare is two modes of the skin and the noise of the wires; cymbals are noise, not the same left and
right.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from streamsep.song.score import Hit
from streamsep.song.tones import band, damped_partials, pan_gains, place, ramp_ends, shaped_noise

N_STICKS = 4
"""Versions of each sound, struck in turn: no two neighbouring strokes are the same samples."""

PANS = {
    "kick": 0.0,
    "snare": 0.04,
    "tom_high": -0.35,
    "tom_low": 0.4,
    "hat": 0.3,
    "hat_open": 0.3,
    "crash": -0.3,
}
GAINS = {
    "kick": 0.9,
    "snare": 0.55,
    "tom_high": 0.6,
    "tom_low": 0.7,
    "hat": 0.2,
    "hat_open": 0.18,
    "crash": 0.24,
}
"""Levels within the kit: the peak of a stroke of velocity 1 is about this."""


def render_drums(
    hits: Sequence[Hit], n_samples: int, sample_rate: int, rng: np.random.Generator
) -> np.ndarray:
    """The dry kit, float32 [2, n_samples]."""
    kit = {
        drum: [
            GAINS[drum] * pan_gains(PANS[drum]) * make(sample_rate, rng) for _ in range(N_STICKS)
        ]
        for drum, make in MAKERS.items()
    }
    track = np.zeros((2, n_samples), np.float32)
    for number, hit in enumerate(hits):
        stick = kit[hit.drum][number % N_STICKS]
        place(track, np.float32(hit.velocity) * stick, hit.start_s, sample_rate)
    return track


def _falling_sine(
    start_hz: float,
    end_hz: float,
    fall_s: float,
    decay_s: float,
    duration_s: float,
    sample_rate: int,
) -> np.ndarray:
    """exp(-t / decay) sin(phase); the frequency falls from start to end."""
    t = np.arange(round(duration_s * sample_rate)) / sample_rate
    swept = (start_hz - end_hz) * fall_s * (1.0 - np.exp(-t / fall_s))
    tone = np.sin(2.0 * np.pi * (end_hz * t + swept)) * np.exp(-t / decay_s)
    return ramp_ends(tone, 0.0005, 0.02, sample_rate)


def _noise_burst(
    duration_s: float,
    decay_s: float,
    gain: Callable[[np.ndarray], np.ndarray],
    sample_rate: int,
    rng: np.random.Generator,
) -> np.ndarray:
    noise = shaped_noise(rng, duration_s, sample_rate, gain)
    t = np.arange(len(noise)) / sample_rate
    return ramp_ends(noise * np.exp(-t / decay_s), 0.0006, 0.01, sample_rate)


def _kick(sample_rate: int, rng: np.random.Generator) -> np.ndarray:
    body = _falling_sine(210.0, 52.0 * _near_one(rng), 0.022, 0.11, 0.4, sample_rate)
    click = _noise_burst(0.03, 0.003, band(500.0, 5000.0, order=1), sample_rate, rng)
    body[: len(click)] += 0.22 * click
    return body[np.newaxis]


def _snare(sample_rate: int, rng: np.random.Generator) -> np.ndarray:
    modes_hz = np.array([188.0, 331.0]) * _near_one(rng)
    n_samples = round(0.3 * sample_rate)
    decays_s, amplitudes = np.array([0.07, 0.045]), np.array([0.5, 0.3])
    skin = damped_partials(modes_hz, decays_s, amplitudes, np.zeros(2), n_samples, sample_rate)
    wires = _noise_burst(0.3, 0.06, band(250.0, 2500.0, order=1), sample_rate, rng)
    crack = _noise_burst(0.3, 0.006, band(2000.0, 12000.0, order=1), sample_rate, rng)
    return ramp_ends(skin + 0.5 * wires + 0.22 * crack, 0.0004, 0.02, sample_rate)[np.newaxis]


def _tom(pitch_hz: float) -> Callable[[int, np.random.Generator], np.ndarray]:
    def make(sample_rate: int, rng: np.random.Generator) -> np.ndarray:
        end_hz = pitch_hz * _near_one(rng)
        body = _falling_sine(1.7 * end_hz, end_hz, 0.04, 0.12, 0.45, sample_rate)
        stick = _noise_burst(0.05, 0.008, band(800.0, 6000.0), sample_rate, rng)
        body[: len(stick)] += 0.16 * stick
        return body[np.newaxis]

    return make


def _cymbal(
    low_hz: float, decay_s: float, duration_s: float
) -> Callable[[int, np.random.Generator], np.ndarray]:
    def make(sample_rate: int, rng: np.random.Generator) -> np.ndarray:
        gain = band(low_hz, 16000.0, order=4)
        common, left, right = (
            _noise_burst(duration_s, decay_s * _near_one(rng), gain, sample_rate, rng)
            for _ in range(3)
        )
        return 0.33 * np.stack((common + 0.5 * left, common + 0.5 * right))

    return make


def _near_one(rng: np.random.Generator) -> float:
    return 1.0 + 0.012 * float(rng.standard_normal())


MAKERS: dict[str, Callable[[int, np.random.Generator], np.ndarray]] = {
    "kick": _kick,
    "snare": _snare,
    "tom_high": _tom(142.0),
    "tom_low": _tom(92.0),
    "hat": _cymbal(7000.0, 0.022, 0.12),
    "hat_open": _cymbal(6500.0, 0.11, 0.5),
    "crash": _cymbal(4000.0, 0.55, 2.4),
}
"""One stroke of velocity 1 for each drum: [1 or 2 channels, samples]."""
