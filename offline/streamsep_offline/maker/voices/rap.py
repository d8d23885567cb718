"""Words in rhythm: lines of rap, the screamed and growled lines of metal, shouts of a crowd."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from streamsep_offline.maker.notes import Note
from streamsep_offline.maker.places import is_full, sings_alone
from streamsep_offline.maker.plan import Plan
from streamsep_offline.maker.voices.contour import Phrase

_FLOWS: dict[str, tuple[tuple[float, ...], ...]] = {
    "even": ((1, 1, 1, 1), (1, 1, 2), (2, 1, 1), (1, 1, 1, 1), (2, 2)),
    "laid back": ((2, 2), (3, 1), (2, 1, 1), (1, 3), (2, 2), (4,)),
    "triplets": ((4 / 3, 4 / 3, 4 / 3), (4 / 3, 4 / 3, 4 / 3), (4 / 3, 8 / 3), (2, 2)),
    "offbeat": ((1, 2, 1), (3, 1), (1, 1, 2), (1, 2, 1)),
}
"""Lengths of syllables that fill a quarter, in sixteenths."""

Where = Callable[[int], bool]
"""Whether a bar may be used."""


def everywhere(bar: int) -> bool:
    """Any bar."""
    return bar >= 0


def rap_lines(
    plan: Plan, rng: np.random.Generator, centre: float, where: Where = everywhere
) -> list[Phrase]:
    """Lines of one bar, some of two: syllables near one pitch, the rhyme on the last beat.

    Args:
        plan: The song.
        rng: Draws flow, breaths and stresses.
        centre: The speaker's usual pitch.
        where: Which of the bars with vocals to use.
    """
    flow = _FLOWS[str(rng.choice(list(_FLOWS)))]
    late_s = rng.uniform(-0.005, 0.025)
    bars = [bar for bar in range(plan.n_bars) if plan.plays("vocals", bar) and where(bar)]
    phrases: list[Phrase] = []
    for bar in bars:
        n_beats = plan.steps_per_bar // 4 - (rng.random() > 0.35)
        lengths = [
            float(length) for _ in range(n_beats) for length in flow[int(rng.integers(len(flow)))]
        ]
        step = float(rng.choice([0.0, 0.0, 0.0, 1.0, 2.0]))
        line: Phrase = []
        for length in lengths:
            if step + length > plan.steps_per_bar or not plan.sounds("vocals", bar, step):
                break
            begin_s = plan.time_s(bar, step) + late_s + rng.normal(0.0, 0.008)
            duration_s = plan.time_s(bar, step + length) - plan.time_s(bar, step)
            is_stressed = step % 4 < 0.5
            pitch = centre + (rng.uniform(0.3, 1.8) if is_stressed else rng.normal(-0.3, 0.6))
            velocity = rng.uniform(0.9, 1.0) if is_stressed else rng.uniform(0.6, 0.85)
            if 0.0 <= begin_s < plan.duration_s - 0.3 and rng.random() > 0.06:
                line.append(Note(begin_s, 0.92 * duration_s, pitch, velocity))
            step += length
        if line and phrases and rng.random() < 0.2:  # on without a breath
            phrases[-1] += line
        elif line:
            phrases.append(line)
    return phrases


def screamed_lines(
    plan: Plan, rng: np.random.Generator, centre: float, where: Where = everywhere
) -> list[Phrase]:
    """Lines of two bars in eighths and quarters, the last syllable held."""
    phrases: list[Phrase] = []
    for bar in plan.phrase_bars():
        rests = rng.random() < 0.12 and not sings_alone(plan, bar)
        if rests or not (plan.plays("vocals", bar) and where(bar)):
            continue
        step, line = float(rng.choice([0, 0, 2, 4])), []
        for _ in range(int(rng.integers(2, 7))):
            length = float(rng.choice([2, 2, 2, 3, 4]))
            begin_s = max(0.0, plan.time_s(bar, step) + rng.normal(0.0, 0.01))
            duration_s = plan.time_s(bar, step + length) - plan.time_s(bar, step)
            line.append(Note(begin_s, 0.95 * duration_s, centre + rng.normal(0.0, 0.8), 0.9))
            step += length
        held_s = plan.step_s * float(rng.choice([4, 6, 8, 12]))
        line[-1] = line[-1]._replace(duration_s=held_s)
        line = [note for note in line if note.start_s < plan.duration_s - 0.3]
        if line:
            phrases.append(line)
    return phrases


def shouts(plan: Plan, rng: np.random.Generator, pitch: float) -> list[Phrase]:
    """A crowd's "hey": the same one or two beats of every second bar of a chorus."""
    beats = [(0,), (8,), (0, 8), (4, 10), (10,)][int(rng.integers(5))]
    phrases: list[Phrase] = []
    for bar in range(plan.n_bars):
        if not (plan.plays("vocals", bar) and is_full(plan, bar)) or bar % 2:
            continue
        for step in beats:
            begin_s = plan.time_s(bar, step)
            if begin_s < plan.duration_s - 0.5:
                phrases.append([Note(begin_s, rng.uniform(0.16, 0.3), pitch, 1.0)])
    return phrases
