"""Figures of the bass that fill a bar: even notes, walking, root and fifth, octaves, slap, tumbao."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from streamsep_offline.maker.plan import Plan
from streamsep_offline.maker.rhythms import parse_rhythm


class Stroke(NamedTuple):
    """A note of the bass: sixteenths within the bar, MIDI pitch, loudness, delay."""

    step: float
    length: float
    pitch: int
    velocity: float = 0.9
    late_s: float = 0.0


def in_scale(plan: Plan, bar: int, step: float, pitch: int) -> int:
    """`pitch`, or its nearest neighbour in the scale over the chord; pedals stay."""
    if plan.section(bar).is_pedal and (pitch - plan.key_at(bar)) % 12 == 0:
        return pitch
    scale, key = plan.scale_at(bar, step), plan.key_at(bar)
    return min((pitch + d for d in (0, -1, 1)), key=lambda p: (p - key) % 12 not in scale)


def _steady(interval: int, length: float) -> Callable[..., list[Stroke]]:
    """The root in even notes, accents on the beats."""

    def play(plan: Plan, rng: np.random.Generator, bar: int) -> list[Stroke]:
        return [
            Stroke(i, length, plan.bass_pitch(bar, i), 0.95 if i % 4 == 0 else 0.85)
            for i in range(0, plan.steps_per_bar, interval)
        ]

    return play


def _marks(figures: tuple[str, ...], above: tuple[int, ...] = (0,)) -> Callable[..., list[Stroke]]:
    """A figure of marks as in `rhythms`, its notes in turn so many semitones above the root."""

    def play(plan: Plan, rng: np.random.Generator, bar: int) -> list[Stroke]:
        marks = figures[bar % len(figures)]
        rhythm = parse_rhythm((marks + marks)[: plan.steps_per_bar])
        return [
            Stroke(
                start,
                0.95 * length,
                in_scale(plan, bar, start, plan.bass_pitch(bar, start) + above[k % len(above)]),
            )
            for k, (start, length) in enumerate(rhythm)
        ]

    return play


def _root(plan: Plan, rng: np.random.Generator, bar: int) -> list[Stroke]:
    n_chords = 1 if plan.chord(bar) == plan.chord(bar, plan.steps_per_bar - 1) else 2
    length = plan.steps_per_bar / n_chords
    return [
        Stroke(k * length, 0.95 * length, plan.bass_pitch(bar, k * length)) for k in range(n_chords)
    ]


def _pulses(plan: Plan) -> list[tuple[int, int]]:
    """(step, sixteenths to the next) of the beats of a bar."""
    pulses = plan.metre.pulses if plan.metre.name != "6/8" else (0, 4, 6, 10)
    return list(zip(pulses, np.diff([*pulses, plan.steps_per_bar]).tolist(), strict=True))


def _walk(plan: Plan, rng: np.random.Generator, bar: int) -> list[Stroke]:
    """A note on every beat: the root, chord tones, and a step into the next bar's root."""
    pulses = _pulses(plan)
    target, pitch = plan.bass_pitch(bar + 1), plan.bass_pitch(bar)
    strokes = []
    for k, (step, length) in enumerate(pulses):
        chord = plan.chord(bar, step)
        if k == 0 or plan.chord(bar, step) != plan.chord(bar, max(0, step - 1)):
            pitch = plan.bass_pitch(bar, step)
        elif k == len(pulses) - 1:
            pitch = target + int(rng.choice([-1, 1, 2, -2, 7]))
        else:
            low = [p for p in range(26, 50) if (p - chord[0]) % 12 in _classes(chord)]
            near = sorted(low, key=lambda p: abs(p - pitch))
            pitch = int(rng.choice(near[1:5]))
        strokes.append(Stroke(step, 0.95 * length, pitch))
        if rng.random() < 0.08 and length >= 4:
            strokes.append(Stroke(step + 2, 1.5, pitch, 0.6))
    return strokes


def _classes(chord: tuple[int, ...]) -> set[int]:
    return {(p - chord[0]) % 12 for p in chord}


def _fifths(plan: Plan, rng: np.random.Generator, bar: int) -> list[Stroke]:
    """Root and fifth in turn: on one and three, in three a root alone or with a fifth."""
    root = plan.bass_pitch(bar)
    chord = plan.chord(bar)
    fifth = root + (chord[2] - chord[0]) % 12
    fifth -= 12 * (fifth > 38)
    half = 6 if plan.metre.name == "6/8" else 8
    if plan.steps_per_bar == 12 and half == 8:
        return [Stroke(0, 8 if rng.random() < 0.3 else 11, root if bar % 2 == 0 else fifth)]
    length = rng.uniform(0.45, 0.9) * half
    second = plan.bass_pitch(bar, half)
    return [Stroke(0, length, root), Stroke(half, length, fifth if second == root else second)]


def _octaves(plan: Plan, rng: np.random.Generator, bar: int) -> list[Stroke]:
    return [
        Stroke(i, 1.7, plan.bass_pitch(bar, i) + 12 * (i // 2 % 2))
        for i in range(0, plan.steps_per_bar, 2)
    ]


def _slap(plan: Plan, rng: np.random.Generator, bar: int) -> list[Stroke]:
    """Thumbed roots low, popped octaves and sevenths high, ghosts between."""
    marks = str(
        rng.choice(["T..T..P.T.P..TP.", "T.PT..PTT...P.T.", "T..gT.P..TgP..P.", "T.TP.gT.P.T.gP.."])
    )
    strokes = []
    for step, mark in enumerate((marks + marks)[: plan.steps_per_bar]):
        root = plan.bass_pitch(bar, step)
        if mark == "T":
            strokes.append(Stroke(step, 1.6, root, 1.0))
        elif mark == "P":
            pitch = in_scale(plan, bar, step, root + int(rng.choice([12, 12, 10])))
            strokes.append(Stroke(step, 0.9, pitch, 0.95))
        elif mark == "g":
            strokes.append(Stroke(step, 0.4, root, 0.45))
    return strokes


FIGURES: dict[str, Callable[..., list[Stroke]]] = {
    "eighths": _steady(2, 1.8),
    "sixteenths": _steady(1, 0.9),
    "4": _steady(4, 3.6),
    "root": _root,
    "walk": _walk,
    "two": _fifths,
    "fifths": _fifths,
    "octaves": _octaves,
    "slap": _slap,
    "off": _marks(("..x-..x-..x-..x-",)),
    "roll": _marks((".xxx.xxx.xxx.xxx",)),
    "boogie": _marks(("x-x-x-x-x-x-x-x-",), (0, 0, 4, 4, 7, 7, 9, 9)),
    "tumbao": _marks(("......x-----x---", "x-....x-----x---"), (0, 7)),
    "bossa": _marks(("x-----x-x-----x-",), (0, 7, 7, 0)),
    "cumbia": _marks(("x-------x---x---",), (0, 7, 4)),
    "dembow": _marks(("x--x--x-x--x--x-",)),
    "dub": _marks(("x-----x-x---....", "..x-x-..x-x---..", "x-x-......x-x---"), (0, 0, 7, 0, 3)),
}  # fmt: skip
"""How each figure fills a bar."""
