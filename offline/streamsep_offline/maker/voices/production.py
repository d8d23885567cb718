"""From a sung line to a vocals stem: chops, doubles, compression, echo, room."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from streamsep_offline.maker.dynamics import compress, to_unit_active_rms, to_unit_rms
from streamsep_offline.maker.filters import band_pass, high_pass, random_equaliser
from streamsep_offline.maker.kernels import add_resampled
from streamsep_offline.maker.notes import SAMPLE_RATE_HZ, to_samples
from streamsep_offline.maker.plan import Plan
from streamsep_offline.maker.space import delayed, echo, pan, reverberate
from streamsep_offline.maker.studio import Take
from streamsep_offline.maker.voices.singing import Phrase, harmonised

Sing = Callable[[list[Phrase]], np.ndarray]
"""Sings phrases, mono."""


def chopped(mono: np.ndarray, plan: Plan, rng: np.random.Generator) -> np.ndarray:
    """Four snippets of the voice, repitched, in a rhythm: the vocal chops of dance music."""
    sounding = np.flatnonzero(np.abs(mono) > 0.3 * np.abs(mono).max())
    output = np.zeros_like(mono)
    if len(sounding) < SAMPLE_RATE_HZ // 20:
        return output
    snippets = []
    for _ in range(4):
        start = int(sounding[rng.integers(len(sounding))])
        n_played = to_samples(plan.step_s * rng.choice([1, 2, 2, 3, 4]))
        ratio = 2.0 ** (float(rng.choice([-5, 0, 0, 3, 7, 12])) / 12.0)
        snippets.append((mono[start : start + 2 * n_played + 8], np.full(n_played, ratio)))
    n_steps = 2 * plan.steps_per_bar
    places = np.sort(rng.choice(n_steps, int(rng.integers(4, 12)), replace=False))
    choices = rng.integers(0, 4, len(places))
    for bar in plan.phrase_bars():
        for place, choice in zip(places, choices, strict=True):
            if plan.sounds("vocals", bar, int(place)):
                snippet, ratios = snippets[choice]
                start = to_samples(plan.time_s(bar, int(place)))
                add_resampled(output, snippet, start, ratios, 200, 220, 1.0)
    return output


def produce(lead: np.ndarray, sing: Sing, phrases: list[Phrase], take: Take) -> np.ndarray:
    """A vocals stem from a sung line, [2, samples].

    Args:
        lead: The line, mono.
        sing: Sings further phrases with the same voice, for doubles and harmonies.
        phrases: What the lead sings; empty where it cannot be doubled.
        take: Randomness, plan and the stem's credits.
    """
    rng, plan = take.rng, take.plan
    is_electronic = plan.genre.is_electronic
    mono = to_unit_active_rms(lead)
    if is_electronic and rng.random() < 0.28:
        chops = chopped(mono, plan, rng)
        mixed = to_unit_active_rms(chops) if rng.random() < 0.5 else 0.8 * chops + mono
        mono = to_unit_active_rms(mixed) if chops.any() else mono
    mono = _shape(mono, rng)
    stereo = pan(mono, rng.normal(0.0, 0.04))
    if phrases and rng.random() < 0.35:
        sides = [rng.uniform(0.2, 0.9) * s for s in ((1,) if rng.random() < 0.5 else (-1, 1))]
        for side in sides:
            doubled = harmonised(phrases, rng)
            second = sing(doubled) if doubled else np.zeros_like(mono)
            if second.any():
                stereo += pan(to_unit_active_rms(_shape(second, rng)) * rng.uniform(0.2, 0.6), side)
    if rng.random() < 0.25:
        late = [delayed(mono, to_samples(rng.uniform(0.012, 0.03))) for _ in range(2)]
        stereo = stereo + 0.3 * np.stack(late)
    return space(stereo, take)


def _shape(mono: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Compression, high-pass, equaliser; now and then a telephone or an overdriven microphone."""
    mono = compress(to_unit_active_rms(mono), rng.uniform(-24.0, -10.0), rng.uniform(2.0, 6.0))
    mono = random_equaliser(high_pass(mono, rng.uniform(80.0, 200.0)), rng, 6.0)
    if rng.random() < 0.08:
        mono = band_pass(mono, rng.uniform(250.0, 500.0), rng.uniform(2500.0, 5000.0))
    if rng.random() < 0.15:
        mono = np.tanh(rng.uniform(0.5, 2.0) * to_unit_active_rms(mono))
    return to_unit_active_rms(mono)


def space(stereo: np.ndarray, take: Take) -> np.ndarray:
    """Echo in some songs, a room in most, [2, samples]."""
    rng, plan = take.rng, take.plan
    is_electronic = plan.genre.is_electronic
    if rng.random() < (0.5 if is_electronic else 0.25):
        stereo = echo(stereo, rng, plan.beat_s, rng.uniform(0.08, 0.38))
    if rng.random() < 0.92:
        stereo = reverberate(stereo, rng, rng.uniform(0.4, 2.6), rng.uniform(-24.0, -7.0))
    return to_unit_rms(stereo) if not stereo.any() else to_unit_active_rms(stereo)
