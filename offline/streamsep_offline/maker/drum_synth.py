"""A drum machine: kick, snare, clap, cymbals, toms and percussion drawn anew for every kit."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from streamsep_offline.maker.filters import band_pass, high_pass
from streamsep_offline.maker.notes import SAMPLE_RATE_HZ, to_samples


def _time(duration_s: float) -> np.ndarray:
    return np.arange(to_samples(duration_s)) / SAMPLE_RATE_HZ


def _decay(time_s: np.ndarray, constant_s: float) -> np.ndarray:
    return np.exp(-np.maximum(time_s, 0.0) / constant_s)


def _tone(frequency_hz: np.ndarray) -> np.ndarray:
    return np.sin(2.0 * np.pi * np.cumsum(frequency_hz) / SAMPLE_RATE_HZ)


def _band_noise(rng: np.random.Generator, n: int, low_hz: float, high_hz: float) -> np.ndarray:
    noise = band_pass(rng.standard_normal(n).astype(np.float32), low_hz, high_hz, order=1)
    return noise / np.abs(noise).max()


def _kick(rng: np.random.Generator) -> np.ndarray:
    kind = rng.random()
    if kind < 0.45:  # punchy: a fast sweep down and a click, as a 909's
        t = _time(0.45)
        sweep = rng.uniform(90, 260) * _decay(t, rng.uniform(0.012, 0.03))
        body = _tone(rng.uniform(44, 60) + sweep) * _decay(t, rng.uniform(0.09, 0.22))
        body += rng.uniform(0, 0.5) * rng.standard_normal(len(t)) * _decay(t, 0.003)
    elif kind < 0.8:  # long and round, as an 808's
        t = _time(0.9)
        sweep = rng.uniform(20, 120) * _decay(t, rng.uniform(0.008, 0.03))
        body = _tone(rng.uniform(40, 54) + sweep) * _decay(t, rng.uniform(0.15, 0.45))
        body += rng.uniform(0, 0.3) * rng.standard_normal(len(t)) * _decay(t, 0.002)
    else:  # hard: swept from high and clipped
        t = _time(0.4)
        body = np.tanh(
            rng.uniform(2, 8)
            * _tone(48 + rng.uniform(200, 700) * _decay(t, 0.02))
            * _decay(t, 0.15)
        )
    return np.tanh(rng.uniform(1, 3) * body)


def _snare(rng: np.random.Generator) -> np.ndarray:
    t = _time(0.4)
    hz = rng.uniform(150, 240)
    head = np.sin(2 * np.pi * (hz * t - rng.uniform(0, 1) * _decay(t, 0.01)))
    shell = (head + 0.5 * np.sin(2 * np.pi * 1.6 * hz * t)) * _decay(t, rng.uniform(0.04, 0.12))
    wires = _band_noise(rng, len(t), rng.uniform(400, 1800), rng.uniform(7000, 16000))
    return rng.uniform(0.2, 1.0) * shell + 1.5 * wires * _decay(t, rng.uniform(0.05, 0.2))


def _clap(rng: np.random.Generator) -> np.ndarray:
    t = _time(0.5)
    noise = _band_noise(rng, len(t), rng.uniform(600, 1100), rng.uniform(2500, 8000))
    hands = sum(0.7 * _decay(t - d, 0.006) * (t >= d) for d in (0.0, 0.011, 0.022))
    return noise * (hands + _decay(t - 0.03, rng.uniform(0.06, 0.2)) * (t >= 0.03))


def _cymbal(rng: np.random.Generator, decay_s: float, low_hz: float) -> np.ndarray:
    t = _time(max(0.08, 5 * decay_s))
    noise = rng.uniform(0.2, 1.0) * rng.standard_normal(len(t))
    if rng.random() < 0.5:  # six square waves, as in analogue drum machines
        metal = np.array([205.3, 304.4, 369.6, 522.7, 540.0, 800.0]) * rng.uniform(0.8, 1.8)
        octaves = rng.choice([1, 2, 4], 6)
        noise += 0.3 * sum(np.sign(np.sin(2 * np.pi * f * t)) for f in metal * octaves)
    return high_pass(noise.astype(np.float32), low_hz) * _decay(t, decay_s)


def _tom(rng: np.random.Generator, hz: float) -> np.ndarray:
    t = _time(0.5)
    return _tone(hz + hz * _decay(t, 0.03)) * _decay(t, rng.uniform(0.1, 0.25))


def _percussion(rng: np.random.Generator) -> np.ndarray:
    t = _time(0.3)
    kind = rng.random()
    if kind < 0.3:  # cowbell
        bell = np.sign(np.sin(2 * np.pi * 540 * t)) + np.sign(np.sin(2 * np.pi * 800 * t))
        return bell * _decay(t, 0.06)
    if kind < 0.6:  # block
        return np.sin(2 * np.pi * rng.uniform(300, 1800) * t) * _decay(t, rng.uniform(0.01, 0.06))
    return _band_noise(rng, len(t), 3000, 11000) * np.minimum(t / 0.02, 1) * _decay(t, 0.03)


def synthesised_kit(rng: np.random.Generator) -> dict[str, list[np.ndarray]]:
    """Sounds of a drum machine by piece, peak 1, each [2, samples]."""
    low_hz, tom_hz = rng.uniform(5000, 9000), rng.uniform(90, 140)
    makers: dict[str, list[Callable[[], np.ndarray]]] = {
        "kick": [lambda: _kick(rng)],
        "snare": [lambda: _snare(rng)],
        "clap": [lambda: _clap(rng)],
        "hat": [lambda: _cymbal(rng, rng.uniform(0.012, 0.05), low_hz)] * 2,
        "open": [lambda: _cymbal(rng, rng.uniform(0.08, 0.25), low_hz)],
        "ride": [lambda: _cymbal(rng, rng.uniform(0.1, 0.3), low_hz)],
        "crash": [lambda: _cymbal(rng, rng.uniform(0.4, 1.0), 3500)],
        "tom": [lambda f=f: _tom(rng, tom_hz * f) for f in (1.9, 1.4, 1.0)],
        "perc": [lambda: _percussion(rng)] * 2,
        "ghost": [lambda: _percussion(rng)],
    }
    kit: dict[str, list[np.ndarray]] = {}
    for piece, sounds in makers.items():
        kit[piece] = []
        for make in sounds:
            sound = make()
            sound = (sound / (np.abs(sound).max() + 1e-9)).astype(np.float32)
            kit[piece].append(np.stack([sound, sound]))
    return kit
