"""What rhythm guitars play: power chords and palm-muted chugs in figures of one or two bars."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from streamsep_offline.maker.lines import placed
from streamsep_offline.maker.notes import Note
from streamsep_offline.maker.plan import Plan

_CELLS = {
    "rock": ("o---", "o-o-", "m-m-", "o--o", "m-o-", "----", ".-o-"),
    "metal": ("mmmm", "m-mm", "mmm-", "o---", "m-m-", "o-mm", "mmo-", "m--m", ".mm-"),
    "punk": ("o-o-", "o-o-", "o-o-", "m-m-"),
}
"""Quarters of four sixteenths: o open, m muted with the palm, - goes on, . stops."""

_N_BAR = 16
"""Sixteenths of a figure's bar; other metres cut it or go on with the next."""

_HEAVY_LEAPS = (0, 0, 0, 0, 0, 1, 3, 5, 6, 7, 10)
"""Semitones above the root on which open chords of a metal riff may stand."""


class Riff(NamedTuple):
    """A part in two ways of playing.

    Attributes:
        ringing: Open notes.
        muted: Notes damped by the palm.
    """

    ringing: list[Note]
    muted: list[Note]


class Stroke(NamedTuple):
    """One stroke of a bar: sixteenths, whether it rings, semitones above the chord's root."""

    start: int
    length: int
    is_open: bool
    leap: int


def power_chord(root: int, has_octave: bool) -> list[int]:
    """Root and fifth, mostly with the octave."""
    return [root, root + 7, root + 12] if has_octave else [root, root + 7]


def riff(plan: Plan, rng: np.random.Generator, is_heavy: bool) -> Riff:
    """The song's riff where it has one, else a figure per kind of section, on the chords' roots.

    Muted notes are single low notes.

    Args:
        plan: The song.
        rng: Draws figures and tuning.
        is_heavy: Metal's figures, low tuning and tense intervals.
    """
    style = "metal" if is_heavy else "punk" if plan.genre.name == "punk" else "rock"
    lowest = int(rng.choice([40, 38, 35, 33], p=[0.3, 0.4, 0.2, 0.1])) if is_heavy else 40
    figures = [_figure(rng, style) for _ in range(3)]
    kinds: dict[object, tuple[str, list[int]]] = {}
    ringing: list[Note] = []
    muted: list[Note] = []
    for bar in range(plan.n_bars):
        if not plan.plays("chords", bar):
            continue
        kind = plan.section(bar).kind
        if kind not in kinds:
            leaps = rng.choice(_HEAVY_LEAPS, 40) if style == "metal" else np.zeros(40, int)
            kinds[kind] = (figures[len(kinds) % 3], leaps.tolist())
        shared = plan.riff(bar)
        if plan.is_ending(bar):
            strokes = [Stroke(0, plan.steps_per_bar, True, 0)]
        elif shared:  # in unison with the bass
            strokes = [Stroke(n.step, n.length, not n.is_muted, n.offset) for n in shared]
        else:
            strokes = _strokes(*kinds[kind], _N_BAR * (bar % 2), plan.steps_per_bar)
        for start, length, is_open, leap in strokes:
            root = lowest + (plan.chord(bar, start)[0] - lowest) % 12
            pitches = power_chord(root + leap, not is_heavy or rng.random() < 0.5)
            velocity = rng.uniform(0.75, 1.0) if start % 4 == 0 else rng.uniform(0.6, 0.9)
            gate = 0.96 if is_open else 0.8
            for k, pitch in enumerate(pitches if is_open else pitches[: int(rng.integers(1, 3))]):
                stroke = (bar, start, length, pitch, velocity, gate, 0.003 * k)
                (ringing if is_open else muted).extend(placed(plan, "chords", *stroke))
    return Riff(ringing, muted)


def chorded(notes: list[Note]) -> Riff:
    """Chords from elsewhere as a riff without muted notes."""
    return Riff(notes, [])


def _figure(rng: np.random.Generator, style: str) -> str:
    """Two bars; the second one half of the time as the first."""
    cells = _CELLS[style]
    bar = "".join(str(rng.choice(cells)) for _ in range(4))
    bar = ("o" if bar[0] in "-." else bar[0]) + bar[1:]
    other = bar if rng.random() < 0.5 else bar[:8] + "".join(str(rng.choice(cells)) for _ in "12")
    return bar + other


def _strokes(figure: str, leaps: list[int], first: int, n_steps: int) -> list[Stroke]:
    """A bar of a figure that starts with its sixteenth `first`."""
    bar = (2 * figure)[first : first + n_steps]
    strokes = []
    for start, mark in enumerate(bar):
        if mark in "om":
            rest = bar[start + 1 :]
            length = 1 + len(rest) - len(rest.lstrip("-"))
            leap = leaps[first + start] if mark == "o" and start else 0
            strokes.append(Stroke(start, length, mark == "o", leap))
    return strokes


def has_riffs(plan: Plan) -> float:
    """How often a distorted guitar plays a riff rather than chords, by style."""
    return {"metal": 0.9, "rock": 0.45, "pop": 0.2}.get(plan.genre.style, 0.15)
