"""What parts ask of a plan: where bars lie in time, what kind of music it is, where it is full.

Everything that knows how a plan counts bars and names sections is here and nowhere else in voices
and instruments.
"""

from __future__ import annotations

import bisect

from streamsep_offline.maker.notes import Note
from streamsep_offline.maker.plan import Plan

_OF_GENRE = {
    "folk-rock": "folk",
    "ballad": "ballad",
    "funk": "funk",
    "soul-jazz": "jazz",
    "trap": "hip-hop",
    "hip-hop": "hip-hop",
}
"""Genres that are played and sung otherwise than the rest of their style."""

_CHORUS = 1


def flavour(plan: Plan) -> str:
    """How a song is sung and arranged.

    One of "rock", "pop", "metal", "folk", "ballad", "funk", "jazz", "latin", "electronic" and
    "hip-hop".
    """
    return _OF_GENRE.get(plan.genre.name, plan.genre.style)


def is_machine_made(plan: Plan) -> bool:
    """Whether the music is produced rather than played: side chains, filters, chops."""
    return flavour(plan) in ("electronic", "hip-hop")


def is_full(plan: Plan, bar: int) -> bool:
    """Whether a bar belongs to a chorus, where more voices sing and more guitars play."""
    return plan.section(bar).kind == _CHORUS


def steps_per_bar(plan: Plan) -> int:
    """Sixteenths in a bar."""
    return round(plan.bar_s / plan.step_s)


def time_s(plan: Plan, bar: int, step: float = 0.0) -> float:
    """When a sixteenth of a bar begins."""
    return bar * plan.bar_s + step * plan.step_s


def bar_at(plan: Plan, seconds: float) -> int:
    """The bar in which a time lies; what is a little early belongs to the next."""
    edges = [time_s(plan, bar) for bar in range(1, plan.n_bars + 1)]
    return bisect.bisect_right(edges, seconds + 0.4 * plan.step_s)


def sounds(plan: Plan, part: str, bar: int, step: float = 0.0) -> bool:
    """Whether one of the plan's parts may be heard at a step of a bar."""
    return plan.plays(part, bar + int(step // steps_per_bar(plan)))


def phrase_bars(plan: Plan) -> list[int]:
    """Bars at which a phrase of two bars begins."""
    return list(range(0, plan.n_bars, 2))


def pair_in_section(plan: Plan, bar: int) -> int:
    """Which pair of bars of its section a phrase begins."""
    return bar // 2


def chord_at(plan: Plan, bar: int, step: float = 0.0) -> tuple[int, ...]:
    """The chord at a step of a bar, MIDI pitches."""
    return plan.chord(bar + int(step // steps_per_bar(plan)))


def tones_at(plan: Plan, bar: int) -> list[int]:
    """All pitches of the scale in a bar, from below what is heard to above it, rising."""
    return sorted(plan.key % 12 + tone + 12 * k for k in range(-1, 11) for tone in plan.scale)


def scale_steps(plan: Plan, bar: int, pitch: float, steps: int) -> float:
    """The pitch `steps` notes of the scale above (or below) another, as a second voice sings.

    A pitch outside the scale counts as the scale's next note below it, and stays outside.
    """
    tones = tones_at(plan, bar)
    place = bisect.bisect_right(tones, pitch + 1e-6) - 1
    return tones[place + steps] + (pitch - tones[place])


def in_full(plan: Plan, notes: list[Note]) -> list[Note]:
    """Those of the notes that start in a chorus."""
    return [note for note in notes if is_full(plan, bar_at(plan, note.start_s))]
