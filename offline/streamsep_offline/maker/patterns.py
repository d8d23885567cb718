"""Drum patterns: families of sixteen-step bars, strung together with fills and swing."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from streamsep_offline.maker.notes import Hit
from streamsep_offline.maker.plan import Plan
from streamsep_offline.maker.studio import pick

_STEPS = 16
_GROUP = {"kick": "kick", "snare": "snare", "ghost": "snare", "clap": "snare"}
"""Which of the plan's parts a piece belongs to; all others are "hats"."""

_ROCK_FAMILIES = {"rock": 0.42, "half": 0.14, "funk": 0.15, "four": 0.12, "punk": 0.09, "tom": 0.08}
FAMILIES: dict[str, dict[str, float]] = {
    "rock": _ROCK_FAMILIES,
    "hard-rock": {**_ROCK_FAMILIES, "half": 0.3, "punk": 0.2},
    "punk": {"punk": 0.7, "rock": 0.3},
    "folk-rock": {"rock": 0.6, "tom": 0.2, "four": 0.2},
    "pop": {"rock": 0.4, "four": 0.25, "funk": 0.15, "half": 0.2},
    "ballad": {"rock": 0.5, "half": 0.4, "tom": 0.1},
    "funk": {"funk": 0.8, "four": 0.2},
    "soul-jazz": {"swing": 0.6, "funk": 0.4},
    "house": {"dance": 1.0},
    "techno": {"dance": 1.0},
    "trance": {"dance": 1.0},
    "synth-pop": {"dance": 0.5, "rock": 0.5},
    "drum-and-bass": {"two-step": 1.0},
    "breaks": {"break": 1.0},
    "trap": {"trap": 1.0},
    "dubstep": {"trap": 1.0},
    "garage": {"garage": 1.0},
    "hip-hop": {"boom-bap": 1.0},
    "downtempo": {"boom-bap": 0.7, "rock": 0.3},
}
"""Pattern families of each genre, with their chances."""


@dataclass
class Bar:
    """Sixteen steps of velocities, 0 is silence, for each piece of the kit."""

    steps: dict[str, np.ndarray] = field(default_factory=dict)

    def put(self, piece: str, places: object, velocity: object = 1.0) -> None:
        """Set steps of a piece; `places` and `velocity` as in numpy's assignment."""
        self.steps.setdefault(piece, np.zeros(_STEPS))[places] = velocity


def random_bar(rng: np.random.Generator, family: str) -> Bar:
    """One bar of a family, drawn anew."""
    bar = Bar()

    def some(choices: list[int], low: int, high: int) -> np.ndarray:
        n = min(len(choices), int(rng.integers(low, high + 1)))
        return rng.choice(choices, n, replace=False)

    bar.put("kick", 0)
    backbeat = "clap" if family == "dance" and rng.random() < 0.6 else "snare"
    if family in ("rock", "punk", "funk", "two-step", "break", "garage", "boom-bap", "swing"):
        bar.put("snare", [4, 12])
    if family == "rock":
        bar.put("kick", 8)
        bar.put("kick", some([6, 7, 10, 11, 14], 0, 2), rng.uniform(0.6, 1.0))
    elif family == "four":
        bar.put("kick", [0, 4, 8, 12])
        bar.put("snare", [4, 12])
    elif family == "half":
        bar.put("snare", 8)
        bar.put("kick", some([3, 6, 10, 11, 14], 1, 2), 0.8)
    elif family == "funk":
        bar.put("kick", some([2, 3, 6, 7, 10, 11, 14], 2, 3), 0.8)
        bar.put("ghost", some([1, 3, 6, 7, 9, 15], 1, 4), rng.uniform(0.3, 0.6))
    elif family == "punk":
        bar.put("kick", [0, 8] if rng.random() < 0.5 else [0, 2, 8, 10])
        if rng.random() < 0.3:
            bar.put("snare", [2, 6, 10, 14])
    elif family == "tom":
        bar.put("kick", [0, 8])
        bar.put("tom", some(list(range(16)), 5, 9), rng.uniform(0.5, 0.9))
        bar.put("snare", 12)
    elif family == "swing":
        bar.put("kick", some([0, 4, 8, 10, 12], 1, 3), 0.7)
        bar.put("ghost", some([2, 6, 7, 10, 15], 1, 3), 0.4)
        bar.put("ride", [0, 4, 6, 8, 12, 14], rng.uniform(0.6, 0.9, 6))
    elif family == "dance":
        bar.put("kick", [0, 4, 8, 12])
        if rng.random() < 0.2:
            bar.put("kick", some([7, 11, 14, 15], 1, 1), 0.8)
        if rng.random() < 0.85:
            bar.put(backbeat, [4, 12])
        if rng.random() < 0.7:
            bar.put("open", [2, 6, 10, 14])
    elif family == "two-step":
        bar.put("kick", 10)
        bar.put("ghost", some([7, 9, 14, 15], 1, 2), 0.4)
        bar.put("kick", some([2, 3, 7, 11], 0, 1), 0.8)
    elif family == "break":
        bar.put("kick", some([2, 3, 6, 7, 10, 11], 2, 3), 0.9)
        bar.put("ghost", some([7, 9, 15], 1, 2), 0.4)
        bar.put("open", some([2, 6, 10, 14], 1, 1), 0.7)
    elif family == "trap":
        bar.put("kick", some([3, 6, 7, 10, 11, 14], 1, 3), 0.9)
        bar.put("snare" if rng.random() < 0.5 else "clap", 8)
    elif family == "garage":
        bar.put("kick", some([6, 7, 10], 1, 1))
        bar.put("open", some([2, 6, 10, 14], 2, 2), 0.7)
    elif family == "boom-bap":
        bar.put("kick", some([5, 6, 7, 10, 11, 14], 1, 3), 0.9)
        bar.put("ghost", some([7, 15], 0, 1), 0.4)
    if family != "swing":
        _put_cymbals(bar, rng)
    if rng.random() < 0.35:
        bar.put("perc", some(list(range(16)), 2, 6), rng.uniform(0.4, 1.0))
    if rng.random() < 0.15:
        bar.put("clap", [4, 12] if family != "half" else 8, 0.8)
    return bar


def _put_cymbals(bar: Bar, rng: np.random.Generator) -> None:
    kind = pick(rng, {"8": 0.4, "16": 0.18, "4": 0.1, "ride": 0.15, "open": 0.09, "off": 0.08})
    piece = {"ride": "ride", "open": "open"}.get(kind, "hat")
    places = {"16": slice(None), "4": slice(0, None, 4), "off": slice(2, None, 4)}.get(
        kind, slice(0, None, 2)
    )
    accents = rng.uniform(0.45, 0.85, _STEPS)
    accents[::4] = 1.0
    bar.put(piece, places, accents[places])


def pattern_hits(plan: Plan, rng: np.random.Generator) -> list[Hit]:
    """A whole song of drums from patterns: one pair of bars per kind of section."""
    families = FAMILIES[plan.genre.name]
    family = pick(rng, families)
    bars = [[random_bar(rng, family) for _ in range(2)] for _ in range(3)]
    spread_s = rng.uniform(0.0, 0.002) if plan.genre.style == "electronic" else 0.003
    has_rolls = plan.genre.name in ("trap", "drum-and-bass", "dubstep")
    fill_chance = rng.uniform(0.3, 0.8)
    hits: list[Hit] = []
    for index in range(plan.n_bars):
        section = plan.section(index)
        bar = bars[section.kind][1 if index % 4 == 3 else 0]
        start_s = index * plan.bar_s
        is_fill = plan.is_last_of_section(index) and rng.random() < fill_chance
        if index % plan.section_bars == 0 and "hats" in section.playing and rng.random() < 0.6:
            hits.append(Hit(start_s, "crash", rng.uniform(0.6, 1.0)))
        for step in range(_STEPS):
            late = plan.swing if step % 2 else 0.0
            time_s = start_s + (step + late) * plan.step_s + rng.normal(0.0, spread_s + 1e-6)
            if is_fill and step >= 8:
                hits += _fill(rng, time_s, step, plan)
                continue
            for piece, velocities in bar.steps.items():
                if velocities[step] <= 0.0 or _GROUP.get(piece, "hats") not in section.playing:
                    continue
                velocity = float(velocities[step] * rng.uniform(0.85, 1.0))
                hits.append(Hit(time_s, piece, velocity, int(rng.integers(3))))
                if has_rolls and piece == "hat" and rng.random() < 0.15:
                    n = int(rng.choice([2, 3, 4]))
                    hits += [
                        Hit(time_s + 2.0 * plan.step_s * k / n, "hat", 0.7) for k in range(1, n)
                    ]
    return [hit for hit in hits if hit.start_s >= 0.0]


def _fill(rng: np.random.Generator, time_s: float, step: int, plan: Plan) -> list[Hit]:
    if rng.random() > 0.72:
        return []
    velocity = 0.4 + 0.6 * step / _STEPS
    piece = "tom" if rng.random() < 0.5 else "snare"
    which = min(2, (step - 8) // 3)
    hits = [Hit(time_s, piece, velocity, which)]
    if plan.genre.style == "electronic" and step >= 12:
        hits.append(Hit(time_s + plan.step_s / 2.0, piece, velocity, which))
    return hits
