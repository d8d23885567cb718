"""When the parts of the stem *other* come in: the first carries the song, further ones fill it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from streamsep_offline.maker.form import STEM_PARTS, Section
from streamsep_offline.maker.plan import Plan
from streamsep_offline.maker.studio import Take

_ALWAYS, _LOUD = 0.45, 0.35
"""How often a further part plays throughout, and how often only where the song is full."""


def entering(take: Take, index: int) -> Take:
    """The take of the `index`-th part of the stem, in whose plan it may come in late.

    The first part plays wherever the song has chords or leads. Each further one plays throughout,
    or only in the fuller sections, or from some section on.

    Args:
        take: The part's own take; what is drawn here does not disturb its draws.
        index: 0 for the first part.
    """
    if index == 0:
        return take
    rng = take.part(take.stem, f"entry {index}").rng
    chance = rng.random()
    if chance < _ALWAYS:
        return take
    heard = _fuller(take.plan) if chance < _ALWAYS + _LOUD else _later(take.plan, rng)
    if not any(heard):
        return take
    return replace(take, plan=replace(take.plan, sections=_thinned(take.plan.sections, heard)))


def _fuller(plan: Plan) -> list[bool]:
    """Which sections are at least as full as the song is on the whole."""
    energies = np.array([section.energy for section in plan.sections])
    bars = np.array([section.n_bars for section in plan.sections])
    return list(energies >= np.average(energies, weights=bars))


def _later(plan: Plan, rng: np.random.Generator) -> list[bool]:
    """Sections from a drawn one on, within the song's first half."""
    first = int(rng.integers(0, max(1, len(plan.sections) // 2) + 1))
    return [k >= first for k in range(len(plan.sections))]


def _thinned(sections: tuple[Section, ...], heard: list[bool]) -> tuple[Section, ...]:
    return tuple(
        section if is_heard else replace(section, playing=section.playing - STEM_PARTS["other"])
        for section, is_heard in zip(sections, heard, strict=True)
    )
