"""Drums without a drummer's performance: bars of a family strung together, with fills and swing."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from streamsep_offline.maker.families import FAMILIES, PAIRED, Pattern
from streamsep_offline.maker.notes import Hit
from streamsep_offline.maker.plan import Plan
from streamsep_offline.maker.repertoire import GENRE_FAMILIES, METRE_FAMILIES
from streamsep_offline.maker.studio import pick

GROUP = {"kick": "kick", "snare": "snare", "ghost": "snare", "clap": "snare", "stick": "snare"}
"""Which of the plan's parts a piece belongs to; all others are "hats"."""

HAND_PIECES = ("conga", "timbale", "agogo")
"""Pieces whose marks also say which stroke: 0 high, 1 slapped, 2 low."""

_VELOCITY = {"X": 1.0, "x": 0.8, "o": 0.42, "?": 0.7, "h": 0.85, "l": 0.9, "s": 0.5}
_STROKE = {"h": 0, "s": 1, "l": 2}
_CYMBALS = ("hat", "ride", "open", "crash", "clave", "guiro", "shaker", "cowbell", "conga")
_METAL_FILLS = ("thrash", "double-kick", "blast", "metal")
_ROLLING = ("trap", "drill", "drum-and-bass", "dubstep", "modern-pop")
"""Genres whose hats roll."""


@dataclass
class Bar:
    """Velocities of each step, 0 is silence, for each piece of the kit."""

    n_steps: int
    steps: dict[str, np.ndarray] = field(default_factory=dict)
    strokes: dict[str, np.ndarray] = field(default_factory=dict)

    def put(self, piece: str, places: object, velocity: object = 1.0) -> None:
        """Set steps of a piece; `places` and `velocity` as in numpy's assignment."""
        self.steps.setdefault(piece, np.zeros(self.n_steps))[places] = velocity

    def put_marks(self, piece: str, marks: str, rng: np.random.Generator, maybe: float) -> None:
        """Set steps of a piece from marks as in `families`; "?" sounds with chance `maybe`."""
        sounding = [
            step for step, m in enumerate(marks) if m != "." and (m != "?" or rng.random() < maybe)
        ]
        self.put(piece, sounding, [_VELOCITY[marks[step]] for step in sounding])
        if piece in HAND_PIECES:
            self.strokes[piece] = np.array([_STROKE.get(mark, 0) for mark in marks])


def random_bar(
    rng: np.random.Generator, family: str, energy: float = 0.6, variant: int | None = None
) -> Bar:
    """One bar of a family, drawn anew.

    Args:
        rng: Draws the variant and what is optional.
        family: A key of `FAMILIES`.
        energy: 0 to 1: more of what is optional, more of what is loud.
        variant: Which pattern of the family; None draws one.
    """
    variants = FAMILIES[family]
    pattern: Pattern = variants[int(rng.integers(len(variants))) if variant is None else variant]
    bar = Bar(len(pattern["kick"] if "kick" in pattern else next(iter(pattern.values()))))
    for piece, marks in pattern.items():
        bar.put_marks(piece, marks, rng, 0.15 + 0.45 * energy)
    if not any(piece in pattern for piece in _CYMBALS):
        _put_cymbal(bar, rng, cymbal_for(rng, energy))
    extra = rng.random()
    if extra < 0.08 and family not in ("swing", "blast"):
        bar.put("tamb", slice(0, None, 2), 0.6)
        bar.put("tamb", [s for s in (4, 12) if s < bar.n_steps], 0.9)
    elif extra < 0.16:
        bar.put("shaker", slice(None), rng.uniform(0.25, 0.6, bar.n_steps))
    elif extra < 0.3:
        n = int(rng.integers(2, 7))
        bar.put("perc", rng.choice(bar.n_steps, n, replace=False), rng.uniform(0.4, 1.0))
    return bar


def cymbal_for(rng: np.random.Generator, energy: float) -> str:
    """How a section keeps time: closed hats where it is quiet, ride, open hats, crashes if loud."""
    if energy < 0.45:
        chances = {"8": 0.5, "4": 0.2, "16": 0.12, "off": 0.06, "ride": 0.05, "rest": 0.07}
    elif energy < 0.75:
        chances = {"8": 0.5, "16": 0.18, "4": 0.08, "ride": 0.12, "open": 0.07, "off": 0.05}
    else:
        chances = {"8": 0.26, "16": 0.1, "4": 0.06, "ride": 0.28, "open": 0.2, "crash": 0.1}
    return pick(rng, chances)


def _put_cymbal(bar: Bar, rng: np.random.Generator, kind: str) -> None:
    piece = {"ride": "ride", "open": "open", "crash": "crash"}.get(kind, "hat")
    places = {
        "16": slice(None), "4": slice(0, None, 4), "off": slice(2, None, 4),
        "crash": slice(0, None, 4), "rest": slice(0, None, 8),
    }.get(kind, slice(0, None, 2))  # fmt: skip
    accents = rng.uniform(0.45, 0.85, bar.n_steps)
    accents[::4] = 1.0
    bar.put(piece, places, (0.7 if kind == "crash" else 1.0) * accents[places])


def choose_family(plan: Plan, rng: np.random.Generator) -> str:
    """A family of the genre that has bars of the song's length."""
    chances = GENRE_FAMILIES[plan.genre.name]
    fitting = {f: p for f, p in chances.items() if family_steps(f) == plan.steps_per_bar}
    return pick(rng, fitting or METRE_FAMILIES[plan.metre.name])


def family_steps(family: str) -> int:
    """Sixteenths in a bar of a family."""
    return len(next(iter(FAMILIES[family][0].values())))


def _family_in(plan: Plan, family: str, feel: str) -> str:
    """What a family becomes in half or double time."""
    if plan.steps_per_bar != 16 or feel == "normal":
        return family
    if feel == "half":
        return "breakdown" if plan.genre.style == "metal" else "half"
    return "thrash" if plan.genre.style == "metal" else "swing" if family == "swing" else "punk"


def pattern_hits(plan: Plan, rng: np.random.Generator) -> list[Hit]:
    """A whole song of drums from patterns: a pair of bars for each section by name."""
    family = choose_family(plan, rng)
    bars: dict[tuple[str, int], Bar] = {}
    spread_s = rng.uniform(0.0, 0.002) if plan.genre.is_electronic else rng.uniform(0.002, 0.005)
    follows_riffs = plan.genre.style == "metal" or rng.random() < 0.4
    dynamics = rng.uniform(0.1, 0.45)
    pair = int(rng.integers(2))
    hits: list[Hit] = []
    for index in range(plan.n_bars):
        if plan.is_ending(index):
            if plan.is_first_of_section(index):
                hits += ending_hits(plan, index, rng)
            continue
        section = plan.section(index)
        own = _family_in(plan, family, section.feel)
        place = plan.bar_in_section(index)
        slot = (section.name, place % 2 if own in PAIRED else int(place % 4 == 3))
        if slot not in bars:
            variant = 2 * pair + slot[1] if own in PAIRED else None
            bars[slot] = random_bar(rng, own, plan.energy(index), variant)
        bar = bars[slot]
        riff = plan.riff(index)
        if riff and follows_riffs and family_steps(family) == plan.steps_per_bar:
            bar = Bar(bar.n_steps, dict(bar.steps), bar.strokes)
            bar.steps["kick"] = np.zeros(bar.n_steps)
            bar.put("kick", [note.step for note in riff], 0.95)
        loudness = 1.0 + dynamics * (plan.energy(index) - 0.75)
        hits += _bar_hits(plan, index, bar, rng, spread_s, loudness)
    return hits


def _bar_hits(
    plan: Plan, index: int, bar: Bar, rng: np.random.Generator, spread_s: float, loudness: float
) -> list[Hit]:
    has_rolls = plan.genre.name in _ROLLING
    hits = []
    for step in range(bar.n_steps):
        time_s = plan.time_s(index, step)
        for piece, velocities in bar.steps.items():
            if velocities[step] <= 0.0 or not plan.sounds(GROUP.get(piece, "hats"), index, step):
                continue
            velocity = float(np.clip(loudness * velocities[step] * rng.uniform(0.85, 1.0), 0, 1))
            stroke = bar.strokes.get(piece)
            which = int(rng.integers(3)) if stroke is None else int(stroke[step])
            played_s = max(0.0, time_s + rng.normal(0.0, spread_s + 1e-6))
            hits.append(Hit(played_s, piece, velocity, which))
            if has_rolls and piece == "hat" and rng.random() < 0.12:
                n = int(rng.choice([2, 3, 4]))
                span_s = plan.time_s(index, step + 2) - time_s
                hits += [Hit(time_s + span_s * k / n, "hat", 0.7 * velocity) for k in range(1, n)]
    return hits


def ending_hits(plan: Plan, bar: int, rng: np.random.Generator) -> list[Hit]:
    """The last stroke of a song: kick and crash together, sometimes a soft cymbal alone."""
    time_s = plan.time_s(bar)
    velocity = 0.5 + 0.5 * plan.energy(bar)
    if rng.random() < 0.2:
        return [Hit(time_s, "ride", 0.6 * velocity), Hit(time_s, "kick", 0.6 * velocity)]
    return [Hit(time_s, "crash", velocity), Hit(time_s, "kick", velocity)]
