"""Screams and growls: a voice torn by its own folds, as it reaches the microphone."""

from __future__ import annotations

import numpy as np

from streamsep_offline.maker.dynamics import to_unit_active_rms
from streamsep_offline.maker.filters import apply_sections, band_pass, high_pass, peaking_section
from streamsep_offline.maker.notes import SAMPLE_RATE_HZ
from streamsep_offline.maker.shaping import clip_softly, ramped

_N_STEP = 32
"""Samples per value of the modulation."""


def torn(mono: np.ndarray, rng: np.random.Generator, amount: float) -> np.ndarray:
    """A voice modulated by the false folds' irregular beat and clipped, [samples].

    Args:
        mono: A rough voice, see `Manner.roughness`.
        rng: Draws rate and colour.
        amount: 0 (a hoarse shout) to 1 (a growl).
    """
    n = len(mono)
    n_steps = n // _N_STEP + 2
    rate_hz = rng.uniform(30.0, 75.0) * 2.0 ** (0.25 * rng.standard_normal(n_steps))
    phase = np.cumsum(rate_hz) * _N_STEP / SAMPLE_RATE_HZ
    beat = 1.0 - amount * rng.uniform(0.5, 0.9) * (0.5 - 0.5 * np.cos(2.0 * np.pi * phase)) ** 2
    audio = to_unit_active_rms(mono) * ramped(beat, _N_STEP, n)
    drive = 1.0 + amount * rng.uniform(1.0, 4.0)
    audio = clip_softly(audio, drive, rng.uniform(0.1, 0.5), 0.0, 0.0, 0.0)
    bells = [
        peaking_section(rng.uniform(450.0, 1100.0), rng.uniform(2.0, 7.0), 1.0),
        peaking_section(rng.uniform(2200.0, 3600.0), rng.uniform(1.0, 6.0), 1.2),
    ]
    audio = apply_sections(high_pass(audio, rng.uniform(80.0, 180.0)), np.stack(bells))
    return to_unit_active_rms(audio)


def breaths(starts_s: list[float], n_samples: int, rng: np.random.Generator) -> np.ndarray:
    """Air drawn in before phrases, mono, a few tens of dB below a voice at unit level, [samples].

    Args:
        starts_s: When the phrases start that have time for a breath before them.
        n_samples: Length.
        rng: Draws lengths and loudness.
    """
    output = np.zeros(n_samples, np.float32)
    loudness_db = rng.uniform(-34.0, -20.0)
    centre_hz = rng.uniform(1200.0, 2200.0)
    for start_s in starts_s:
        n_breath = int(rng.uniform(0.18, 0.42) * SAMPLE_RATE_HZ)
        end = int((start_s - rng.uniform(0.02, 0.08)) * SAMPLE_RATE_HZ)
        if end - n_breath < 0 or end > n_samples:
            continue
        noise = rng.standard_normal(n_breath).astype(np.float32)
        noise = band_pass(noise, 0.5 * centre_hz, 4.0 * centre_hz, order=1)
        u = np.linspace(0.0, 1.0, n_breath)
        shape = (u**1.5 * np.minimum(1.0, 8.0 * (1.0 - u))).astype(np.float32)
        gain = 10.0 ** ((loudness_db + rng.normal(0.0, 3.0)) / 20.0)
        output[end - n_breath : end] += gain * 2.0 * shape * noise
    return output
