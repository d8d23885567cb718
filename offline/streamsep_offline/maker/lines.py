"""What instruments play: rhythms, strummed chords, arpeggios, held chords, melodies."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from streamsep_offline.maker.harmony import next_in_scale
from streamsep_offline.maker.notes import Note
from streamsep_offline.maker.plan import Plan

Voicing = Callable[[tuple[int, ...]], list[int]]
Rhythm = list[tuple[int, int]]
"""(start, length) in sixteenths within a bar."""


def random_rhythm(rng: np.random.Generator) -> Rhythm:
    """Whole notes, eighths, quarters, or a syncopated bar."""
    kind = rng.random()
    if kind < 0.27:
        return [(0, 16)]
    if kind < 0.5:
        return [(i, 2) for i in range(0, 16, 2)]
    if kind < 0.62:
        return [(i, 4) for i in range(0, 16, 4)]
    return syncopation(rng, 3, 7)


def syncopation(rng: np.random.Generator, low: int, high: int) -> Rhythm:
    """A bar with `low` to `high` starts at random places, always one on the first step."""
    places = {0, *rng.choice(16, int(rng.integers(low, high)), replace=False).tolist()}
    starts = sorted(places)
    return [(a, b - a) for a, b in zip(starts, [*starts[1:], 16], strict=True)]


def strummed_chords(
    plan: Plan,
    rng: np.random.Generator,
    voicing: Voicing,
    part: str = "chords",
    strum_s: float = 0.002,
    mute_chance: float = 0.0,
    gate: float = 0.97,
) -> list[Note]:
    """Chords in a rhythm per kind of section.

    Args:
        plan: The song.
        rng: Draws the rhythm.
        voicing: Makes pitches of a chord.
        part: The plan's part that decides when it plays.
        strum_s: Delay from string to string.
        mute_chance: How often short notes are damped, as with the palm.
        gate: Share of a note that sounds.
    """
    rhythms = [random_rhythm(rng) for _ in range(3)]
    is_muted = rng.random() < mute_chance
    notes = []
    for bar in range(plan.n_bars):
        if not plan.plays(part, bar):
            continue
        pitches = voicing(plan.chord(bar))
        for start, length in rhythms[plan.section(bar).kind]:
            time_s = bar * plan.bar_s + start * plan.step_s
            share = 0.35 if is_muted and length <= 2 else gate
            velocity = rng.uniform(0.6, 1.0)
            order = pitches if rng.random() < 0.6 else pitches[::-1]
            for k, pitch in enumerate(order):
                late_s = k * strum_s + rng.uniform(0.0, 0.003)
                notes.append(Note(time_s + late_s, share * length * plan.step_s, pitch, velocity))
    return notes


def held_chords(plan: Plan, voicing: Voicing, part: str = "chords") -> list[Note]:
    """Chords as long as they last: pads, organs."""
    notes = []
    for bar in range(0, plan.n_bars, plan.bars_per_chord):
        if plan.plays(part, bar):
            length_s = 0.99 * plan.bars_per_chord * plan.bar_s
            notes += [
                Note(bar * plan.bar_s, length_s, pitch, 0.8) for pitch in voicing(plan.chord(bar))
            ]
    return notes


def arpeggio(
    plan: Plan,
    rng: np.random.Generator,
    voicing: Voicing,
    part: str = "lead",
    gate: float = 1.3,
    density: float = 1.0,
) -> list[Note]:
    """Broken chords in eighths or sixteenths, the same figure all along.

    Args:
        plan: The song.
        rng: Draws the figure.
        voicing: Makes pitches of a chord.
        part: The plan's part that decides when it plays.
        gate: Length of a note in steps of the figure.
        density: Share of the steps that sound.
    """
    step = 2 if rng.random() < 0.5 else 1
    order = rng.permutation(6)
    sounding = rng.random(16) < density
    sounding[0] = True
    notes = []
    for bar in range(plan.n_bars):
        if not plan.plays(part, bar):
            continue
        pitches = voicing(plan.chord(bar))
        for i in range(0, 16, step):
            if sounding[i]:
                time_s = bar * plan.bar_s + i * plan.step_s
                pitch = pitches[order[(i // step) % 6] % len(pitches)]
                notes.append(Note(time_s, gate * step * plan.step_s, pitch, rng.uniform(0.55, 1.0)))
    return notes


def melody(
    plan: Plan,
    rng: np.random.Generator,
    low: int = 57,
    high: int = 84,
    part: str = "lead",
    rest_chance: float = 0.2,
    gate: float = 0.95,
) -> list[Note]:
    """A line in the scale, one bar long, repeated and now and then drawn anew.

    Args:
        plan: The song.
        rng: Draws the line.
        low: Lowest pitch.
        high: Highest pitch.
        part: The plan's part that decides when it plays.
        rest_chance: How often a note is left out.
        gate: Share of a note that sounds.
    """
    pitch = (low + high) // 2
    bars: dict[int, list[tuple[int, int, int, float]]] = {}
    notes = []
    for bar in range(plan.n_bars):
        if not plan.plays(part, bar):
            continue
        slot = 2 * plan.section(bar).kind + bar % 2
        if slot not in bars or rng.random() < 0.4:
            figure, step = [], 0
            while step < 16:
                length = min(int(rng.choice([1, 2, 2, 3, 4, 4, 6, 8])), 16 - step)
                pitch = next_in_scale(rng, pitch, plan.key, plan.scale, low, high)
                if rng.random() >= rest_chance:
                    figure.append((step, length, pitch, rng.uniform(0.7, 1.0)))
                step += length
            bars[slot] = figure
        for start, length, figure_pitch, velocity in bars[slot]:
            time_s = bar * plan.bar_s + start * plan.step_s
            notes.append(Note(time_s, gate * length * plan.step_s, figure_pitch, velocity))
    return notes
