"""What drummers do at borders of sections: fills of their own or recorded ones, crashes, builds."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from streamsep_offline.maker.grooves import Performance, piece_hits
from streamsep_offline.maker.notes import Hit
from streamsep_offline.maker.patterns import GROUP
from streamsep_offline.maker.plan import Plan

_TAILS_S = 0.004


def with_fills(
    plan: Plan, hits: list[Hit], rng: np.random.Generator, recorded: Sequence[Performance] = ()
) -> list[Hit]:
    """`hits` with fills into new sections, crashes on their first beats and builds.

    Args:
        plan: The song.
        hits: All strokes without fills, in any order.
        rng: Draws what comes where.
        recorded: Fills of human drummers to choose from.
    """
    chance = rng.uniform(0.3, 0.8)
    filled = sorted(hits)
    for bar in range(plan.n_bars):
        if plan.is_ending(bar):
            break
        if plan.is_first_of_section(bar) and rng.random() < 0.35 + 0.5 * plan.energy(bar):
            filled += _crash(plan, bar, rng)
        if not plan.is_last_of_section(bar):
            continue
        if plan.genre.is_electronic and plan.section(bar).name in ("pre-chorus", "break"):
            filled = _build(plan, filled, bar, rng) if rng.random() < 0.6 else filled
        elif rng.random() < chance or plan.alone_in(bar) == "drums":
            filled = _with_fill(plan, filled, bar, rng, recorded)
    return sorted(hit for hit in filled if hit.start_s >= 0.0)


def _crash(plan: Plan, bar: int, rng: np.random.Generator) -> list[Hit]:
    if not plan.sounds("hats", bar):
        return []
    return [Hit(plan.time_s(bar), "crash", rng.uniform(0.6, 1.0))]


def _without(hits: list[Hit], start_s: float, end_s: float) -> list[Hit]:
    return [h for h in hits if not start_s - _TAILS_S <= h.start_s < end_s - _TAILS_S]


def _sounds_at(plan: Plan, piece: str, time_s: float) -> bool:
    place = round(plan.place_at(time_s))
    return plan.sounds(GROUP.get(piece, "hats"), 0, place)


def _with_fill(
    plan: Plan,
    hits: list[Hit],
    bar: int,
    rng: np.random.Generator,
    recorded: Sequence[Performance],
) -> list[Hit]:
    """A fill in the last half or whole bar of a section."""
    if not plan.sounds("snare", bar, plan.steps_per_bar - 1):
        return hits
    end_s = plan.time_s(bar + 1)
    if recorded and plan.steps_per_bar == 16 and rng.random() < 0.7:
        fill = recorded[int(rng.integers(len(recorded)))]
        n_bars = 1 if plan.section(bar).n_bars < 4 else min(2, max(1, round(fill.n_quarters / 4)))
        start_bar = bar + 1 - n_bars
        first = max(0.0, fill.n_quarters - 4.0 * n_bars)
        placed = piece_hits(fill, plan, 4.0 * start_bar - first)
        start_s = plan.time_s(start_bar)
        new = [h for h in placed if start_s - 0.03 <= h.start_s < end_s - 0.02]
    else:
        start = int(plan.steps_per_bar * rng.choice([0.5, 0.5, 0.75, 0.0], p=[0.4, 0.2, 0.3, 0.1]))
        start_s = plan.time_s(bar, start)
        new = _drawn_fill(plan, bar, start, rng)
    new = [h for h in new if _sounds_at(plan, h.piece, h.start_s)]
    return _without(hits, start_s, end_s) + new


def _drawn_fill(plan: Plan, bar: int, start: int, rng: np.random.Generator) -> list[Hit]:
    """Snare and toms downwards, growing; sometimes in triplets or thirty-seconds."""
    n_steps = plan.steps_per_bar - start
    grid = float(rng.choice([1.0, 1.0, 2.0, 4.0 / 3.0, 0.5], p=[0.4, 0.2, 0.15, 0.15, 0.1]))
    density = rng.uniform(0.55, 1.0)
    loudness = 0.5 + 0.5 * plan.energy(bar)
    hits = []
    for k in range(int(n_steps / grid)):
        if rng.random() > density and k > 0:
            continue
        step = start + k * grid
        progress = k * grid / n_steps
        is_tom = rng.random() < 0.3 + 0.4 * progress
        piece, which = ("tom", min(2, int(3 * progress))) if is_tom else ("snare", 0)
        velocity = float(np.clip(loudness * (0.6 + 0.4 * progress) + rng.normal(0, 0.06), 0.1, 1))
        time_s = plan.time_s(bar, step) + rng.normal(0.0, 0.003)
        hits.append(Hit(time_s, piece, velocity, which))
        if rng.random() < 0.25:
            hits.append(Hit(time_s, "kick", 0.8))
    return hits


def _build(plan: Plan, hits: list[Hit], bar: int, rng: np.random.Generator) -> list[Hit]:
    """A snare roll that gets denser towards the drop, over the last bar or two."""
    n_bars = min(plan.section(bar).n_bars, int(rng.choice([1, 2])))
    if not plan.sounds("snare", bar + 1 - n_bars):
        return hits
    piece = "snare" if rng.random() < 0.7 else "clap"
    start, total = bar + 1 - n_bars, n_bars * plan.steps_per_bar
    new, place = [], 0.0
    while place < total:
        progress = place / total
        if plan.sounds("snare", start, place):
            new.append(Hit(plan.time_s(start, place), piece, 0.3 + 0.6 * progress))
        place += 4.0 if progress < 0.5 else 2.0 if progress < 0.75 else 1.0
    return hits + new
