"""What the bass plays: locked to the kick, walking, root and fifth, octaves, tumbao, riffs, subs."""

from __future__ import annotations

import numpy as np

from streamsep_offline.maker.bass_figures import FIGURES, Stroke, in_scale
from streamsep_offline.maker.lines import placed
from streamsep_offline.maker.notes import Note
from streamsep_offline.maker.plan import Plan
from streamsep_offline.maker.rhythms import syncopation
from streamsep_offline.maker.studio import pick

_CHANCES: dict[str, dict[str, float]] = {
    "rock": {"locked": 0.3, "eighths": 0.32, "root": 0.08, "sync": 0.12, "fifths": 0.1, "4": 0.08},
    "pop": {"locked": 0.38, "eighths": 0.18, "root": 0.14, "sync": 0.12, "octaves": 0.1, "4": 0.08},
    "metal": {"eighths": 0.35, "locked": 0.5, "sixteenths": 0.15},
    "funk": {"slap": 0.35, "locked": 0.3, "sync": 0.2, "octaves": 0.15},
    "folk": {"fifths": 0.5, "root": 0.2, "4": 0.1, "locked": 0.15, "walk": 0.05},
    "ballad": {"root": 0.35, "locked": 0.3, "fifths": 0.15, "sync": 0.1, "eighths": 0.1},
    "jazz": {"walk": 0.8, "two": 0.2},
    "latin": {"tumbao": 0.8, "fifths": 0.2},
    "electronic": {
        "off": 0.16, "sixteenths": 0.1, "eighths": 0.12, "root": 0.1, "4": 0.06, "roll": 0.12,
        "sync": 0.14, "sparse": 0.08, "locked": 0.06, "octaves": 0.06,
    },
    "hip-hop": {"locked": 0.55, "sparse": 0.2, "root": 0.15, "sync": 0.1},
}  # fmt: skip
_BY_NAME: dict[str, dict[str, float]] = {
    "punk": {"eighths": 0.85, "locked": 0.15}, "rock-and-roll": {"boogie": 0.7, "walk": 0.3},
    "blues-rock": {"boogie": 0.4, "eighths": 0.3, "walk": 0.3}, "country": {"fifths": 1.0},
    "motown": {"sync": 0.6, "locked": 0.4}, "disco": {"octaves": 0.7, "slap": 0.3},
    "soul": {"locked": 0.5, "sync": 0.35, "root": 0.15}, "fusion": {"slap": 0.4, "sync": 0.6},
    "soul-jazz": {"walk": 0.6, "sync": 0.25, "locked": 0.15}, "bossa": {"bossa": 1.0},
    "samba": {"bossa": 1.0}, "reggae": {"dub": 1.0}, "ska": {"walk": 0.7, "eighths": 0.3},
    "cumbia": {"cumbia": 1.0}, "reggaeton": {"locked": 0.6, "dembow": 0.4},
    "dance-pop": {"octaves": 0.4, "off": 0.3, "locked": 0.3}, "trance": {"roll": 0.6, "off": 0.4},
    "big-room": {"off": 0.4, "roll": 0.4, "locked": 0.2}, "dubstep": {"sparse": 0.6, "root": 0.4},
    "synthwave": {"eighths": 0.5, "sixteenths": 0.3, "octaves": 0.2},
    "drum-and-bass": {"root": 0.3, "sync": 0.4, "sparse": 0.3},
    "modern-pop": {"locked": 0.7, "root": 0.3},
}  # fmt: skip


def bass_line(plan: Plan, rng: np.random.Generator, kicks_s: list[float]) -> list[Note]:
    """The bass of a song, one figure for each kind of section.

    Args:
        plan: The song.
        rng: Draws figures and notes.
        kicks_s: When the kick sounds: what locked figures play with.
    """
    chances = _BY_NAME.get(plan.genre.name, _CHANCES[plan.genre.style])
    figures = [pick(rng, chances) for _ in range(3)]
    if rng.random() < 0.4:
        figures[1] = figures[0]
    kicks = _kicks_by_bar(plan, kicks_s)
    rhythm = syncopation(rng, 4, 8, plan.steps_per_bar)
    sparse = syncopation(rng, 1, 4, plan.steps_per_bar)
    gate = rng.uniform(0.4, 1.0) if plan.genre.is_electronic else rng.uniform(0.8, 1.0)
    spread_s = 0.0 if plan.genre.is_electronic else 0.003
    notes: list[Note] = []
    for bar in range(plan.n_bars):
        if not plan.plays("bass", bar):
            continue
        if plan.is_ending(bar):
            if plan.is_first_of_section(bar):
                notes += placed(plan, "bass", bar, 0, plan.steps_per_bar, plan.bass_pitch(bar), 0.9)
            continue
        riff = plan.riff(bar)
        figure = figures[plan.section(bar).kind]
        if riff:
            root = plan.bass_pitch(bar)
            strokes = [Stroke(n.step, n.length, root + n.offset, 0.95) for n in riff]
        elif figure == "locked" and kicks.get(bar):
            strokes = _locked(plan, rng, bar, kicks[bar])
        elif figure in ("sync", "sparse", "locked"):
            strokes = _syncopated(plan, rng, bar, sparse if figure == "sparse" else rhythm)
        else:
            strokes = FIGURES[figure](plan, rng, bar)
        strokes = _with_approach(plan, rng, bar, strokes)
        for step, length, pitch, velocity, late_s in strokes:
            late_s += rng.normal(spread_s, spread_s) if figure != "locked" else 0.0
            low = pitch + 12 * (pitch < 26)
            held = gate if length < 8 else 1.0
            loud = velocity * rng.uniform(0.85, 1.0)
            notes += placed(plan, "bass", bar, step, length, low, loud, held, late_s)
    return notes


def _kicks_by_bar(plan: Plan, kicks_s: list[float]) -> dict[int, list[tuple[int, float]]]:
    """(step, seconds after the step's own time) of the kicks of every bar, one per step."""
    found: dict[int, dict[int, float]] = {}
    for time_s in kicks_s:
        bar, step = divmod(round(plan.place_at(time_s)), plan.steps_per_bar)
        if bar >= 0:
            found.setdefault(bar, {}).setdefault(step, time_s - plan.time_s(bar, step))
    return {bar: sorted(steps.items()) for bar, steps in found.items()}


def _locked(
    plan: Plan, rng: np.random.Generator, bar: int, kicks: list[tuple[int, float]]
) -> list[Stroke]:
    """A note on every stroke of the kick, as it was played; mostly roots."""
    others = [0] * 10 + [7, 12, -5, 5]
    ends = [*(step for step, _ in kicks[1:]), plan.steps_per_bar]
    strokes = []
    for k, ((step, late_s), end) in enumerate(zip(kicks, ends, strict=True)):
        above = int(rng.choice(others)) if k and rng.random() < 0.6 else 0
        pitch = in_scale(plan, bar, step, plan.bass_pitch(bar, step) + above)
        strokes.append(Stroke(step, 0.95 * (end - step), pitch, 0.95, late_s))
    return strokes


def _syncopated(
    plan: Plan, rng: np.random.Generator, bar: int, rhythm: list[tuple[int, int]]
) -> list[Stroke]:
    others = [0, 0, 0, 0, 0, 3, 5, 7, 10, 12]
    strokes = []
    for start, length in rhythm:
        above = int(rng.choice(others)) if start else 0
        pitch = in_scale(plan, bar, start, plan.bass_pitch(bar, start) + above)
        strokes.append(Stroke(start, 0.9 * length, pitch))
    return strokes


def _with_approach(
    plan: Plan, rng: np.random.Generator, bar: int, strokes: list[Stroke]
) -> list[Stroke]:
    """Now and then the last note before a new chord leads into it from a step away."""
    if plan.genre.is_electronic or len(strokes) < 3 or rng.random() > 0.15:
        return strokes
    target = plan.bass_pitch(bar + 1)
    if target == plan.bass_pitch(bar):
        return strokes
    pitch = in_scale(plan, bar, strokes[-1].step, target + int(rng.choice([-2, -1, 2])))
    return [*strokes[:-1], strokes[-1]._replace(pitch=pitch)]
