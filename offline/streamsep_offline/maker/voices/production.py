"""From sung lines to a vocals stem: chops, further voices, compression, echo, room."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from streamsep_offline.maker.dynamics import compress, to_unit_active_rms
from streamsep_offline.maker.filters import band_pass, high_pass, random_equaliser
from streamsep_offline.maker.kernels import add_resampled
from streamsep_offline.maker.notes import SAMPLE_RATE_HZ, to_samples
from streamsep_offline.maker.plan import Plan
from streamsep_offline.maker.shaping import ramped, read_at
from streamsep_offline.maker.space import delayed, echo, pan, reverberate
from streamsep_offline.maker.studio import Take
from streamsep_offline.maker.voices.contour import SUNG, Manner, Phrase
from streamsep_offline.maker.voices.harsh import breaths, torn
from streamsep_offline.maker.voices.layers import Layer, choose_layers
from streamsep_offline.maker.voices.vocoder import chords, vocode

Sing = Callable[[list[Phrase], Manner], np.ndarray]
"""Sings phrases in a manner, mono."""

_VOCODER = {"electronic": 0.07, "funk": 0.04, "hip-hop": 0.03, "pop": 0.02}
"""How often the lead speaks through a synthesiser."""


@dataclass(frozen=True)
class Role:
    """One singer of a song's lead.

    Attributes:
        sing: Sings phrases, always with the same voice.
        phrases: What the lead sings.
        manner: How.
        centre: Middle of the range, MIDI pitch.
        kind: "sung", "rapped", "screamed" or "spoken".
    """

    sing: Sing
    phrases: list[Phrase]
    manner: Manner
    centre: float
    kind: str = SUNG


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
    places = np.sort(rng.choice(2 * plan.steps_per_bar, int(rng.integers(4, 12)), replace=False))
    choices = rng.integers(0, 4, len(places))
    for bar in plan.phrase_bars():
        for place, choice in zip(places, choices, strict=True):
            if plan.sounds("vocals", bar, int(place)):
                snippet, ratios = snippets[choice]
                start = to_samples(plan.time_s(bar, int(place)))
                add_resampled(output, snippet, start, ratios, 200, 220, 1.0)
    return output


def crowd(
    mono: np.ndarray, n_copies: int, place: float, width: float, rng: np.random.Generator
) -> np.ndarray:
    """Several singers from one: copies that wander in time and pitch, side by side, [2, samples].

    Args:
        mono: One singer. [samples]
        n_copies: How many; at least 2.
        place: Where their middle stands, -1 to 1.
        width: How far the outer ones stand from it.
        rng: Draws how they wander.
    """
    n = len(mono)
    output = np.zeros((2, n), np.float32)
    n_step = SAMPLE_RATE_HZ // 4
    grid = np.arange(0, n + n_step, n_step)
    for k in range(n_copies):
        # 250 ms apart, 1.2 ms to either side: some ten cents
        late_s = rng.uniform(0.0, 0.035) + rng.normal(0.0, 0.0012, len(grid))
        late = ramped(np.maximum(late_s, 0.0) * SAMPLE_RATE_HZ, n_step, n)
        copy = read_at(mono, np.arange(n) - late)
        output += pan(copy, float(np.clip(place + width * (2.0 * k / (n_copies - 1) - 1.0), -1, 1)))
    return (output / np.sqrt(n_copies)).astype(np.float32)


def produce(roles: list[Role], take: Take) -> tuple[np.ndarray, list[str]]:
    """A vocals stem, [2, samples], and the names of the voices besides the lead.

    Args:
        roles: Who sings.
        take: Randomness, plan and the stem's credits.
    """
    stereo = np.zeros((2, take.plan.n_samples), np.float32)
    names: list[str] = []
    for role in roles:
        lead, added = _lead(role, take)
        stereo += lead
        names += added
        layers = choose_layers(take, role.phrases, role.manner, role.centre, role.kind)
        backing = np.zeros_like(stereo)
        for number, layer in enumerate(layers):
            part = take.part("vocals", f"backing {role.kind} {number}")
            backing += _backing(layer, role, part.rng)
            names += [layer.name] if layer.name not in names else []
        if backing.any():
            far = take.part("vocals", f"backing room {role.kind}").rng
            if far.random() < 0.7:
                backing = reverberate(backing, far, far.uniform(0.5, 2.4), far.uniform(-16.0, -6.0))
            stereo += backing
    return space(stereo, take), names


def _lead(role: Role, take: Take) -> tuple[np.ndarray, list[str]]:
    """The lead voice, [2, samples], and what was done to it that deserves a name."""
    rng, plan = take.rng, take.plan
    mono = to_unit_active_rms(role.sing(role.phrases, role.manner))
    names: list[str] = []
    if role.kind == "screamed":
        mono = torn(mono, rng, rng.uniform(0.5, 1.0))
    elif rng.random() < 0.6:
        mono = mono + breaths(_breath_times(role.phrases), len(mono), rng)
    if role.kind == SUNG and plan.genre.is_electronic and rng.random() < 0.28:
        chops = chopped(mono, plan, rng)
        mixed = to_unit_active_rms(chops) if rng.random() < 0.5 else 0.8 * chops + mono
        if chops.any():
            mono = to_unit_active_rms(mixed)
            names.append("chops")
    if rng.random() < _VOCODER.get(plan.genre.style, 0.0):
        robot = vocode(mono, chords(plan, rng), int(rng.integers(12, 33)))
        mono = to_unit_active_rms(robot + rng.uniform(0.0, 0.5) * mono)
        names.append("vocoder")
    mono = _shape(mono, rng, 80.0, 200.0)
    stereo = pan(mono, rng.normal(0.0, 0.04))
    if rng.random() < 0.2:
        late = [delayed(mono, to_samples(rng.uniform(0.012, 0.03))) for _ in range(2)]
        stereo = stereo + 0.3 * np.stack(late)
    return stereo, names


def _breath_times(phrases: list[Phrase]) -> list[float]:
    """Starts of phrases before which there is time to breathe."""
    if not phrases:
        return []
    ends_s = [-1.0] + [phrase[-1].start_s + phrase[-1].duration_s for phrase in phrases[:-1]]
    return [
        phrase[0].start_s
        for phrase, end_s in zip(phrases, ends_s, strict=True)
        if phrase[0].start_s - end_s > 0.5
    ]


def _backing(layer: Layer, role: Role, rng: np.random.Generator) -> np.ndarray:
    """A further voice in its place, thinner than the lead, [2, samples]."""
    mono = role.sing(layer.phrases, layer.manner)
    if not mono.any():
        return np.zeros((2, len(mono)), np.float32)
    if role.kind == "screamed" or layer.name == "shouts":
        mono = torn(mono, rng, 0.7 if role.kind == "screamed" else 0.15)
    mono = _shape(mono, rng, 130.0, 350.0)
    gain = np.float32(10.0 ** (layer.level_db / 20.0))
    if layer.n_copies == 1:
        return gain * pan(mono, layer.place)
    many = crowd(mono, layer.n_copies, layer.place, layer.width, rng)
    return gain * to_unit_active_rms(many)


def _shape(
    mono: np.ndarray, rng: np.random.Generator, lowest_hz: float, highest_hz: float
) -> np.ndarray:
    """Compression, high-pass, equaliser; now and then a telephone or an overdriven microphone."""
    mono = compress(to_unit_active_rms(mono), rng.uniform(-24.0, -10.0), rng.uniform(2.0, 6.0))
    mono = random_equaliser(high_pass(mono, rng.uniform(lowest_hz, highest_hz)), rng, 6.0)
    if rng.random() < 0.06:
        mono = band_pass(mono, rng.uniform(250.0, 500.0), rng.uniform(2500.0, 5000.0))
    if rng.random() < 0.15:
        mono = high_pass(np.tanh(rng.uniform(0.5, 2.0) * to_unit_active_rms(mono)), 40.0)
    return to_unit_active_rms(mono)


def space(stereo: np.ndarray, take: Take) -> np.ndarray:
    """Echo in some songs, a room in most, [2, samples]."""
    rng, plan = take.rng, take.plan
    if rng.random() < (0.5 if plan.genre.is_electronic else 0.25):
        stereo = echo(stereo, rng, plan.beat_s, rng.uniform(0.08, 0.38))
    if rng.random() < 0.92:
        stereo = reverberate(stereo, rng, rng.uniform(0.4, 2.6), rng.uniform(-24.0, -7.0))
    return to_unit_active_rms(stereo)
