"""What singers and players ask of a plan: its choruses, where they are alone, its scale."""

from __future__ import annotations

import bisect

from streamsep_offline.maker.form import KINDS
from streamsep_offline.maker.notes import Note
from streamsep_offline.maker.plan import Plan


def is_full(plan: Plan, bar: int) -> bool:
    """Whether a bar belongs to a chorus, where more voices sing and more guitars play."""
    return plan.section(bar).kind == KINDS["chorus"]


def sings_alone(plan: Plan, bar: int) -> bool:
    """Whether vocals have a break to themselves in a bar or the next: a phrase must not rest."""
    return "vocals" in (plan.alone_in(bar), plan.alone_in(bar + 1))


def tones_at(plan: Plan, bar: int, step: float = 0.0) -> list[int]:
    """All pitches of the scale over the chord of a step, from below what is heard, rising."""
    here = max(0, bar + int(step // plan.steps_per_bar))
    key, scale = plan.key_at(here), plan.scale_at(here, step % plan.steps_per_bar)
    return sorted(key % 12 + tone + 12 * k for k in range(-1, 11) for tone in scale)


def scale_steps(plan: Plan, bar: int, pitch: float, steps: int, step: float = 0.0) -> float:
    """The pitch `steps` notes of the scale above (or below) another, at a step of a bar.

    Counted in the song's scale, so that thirds are thirds over every chord; a pitch outside counts
    as the next note below it. What the chord does not bear is moved by a semitone.
    """
    fitting = {tone % 12 for tone in tones_at(plan, bar, step)}
    key = plan.key_at(max(0, bar + int(step // plan.steps_per_bar))) % 12
    tones = [key + tone + 12 * k for k in range(-1, 11) for tone in plan.scale]
    place = bisect.bisect_right(tones, pitch + 1e-6) - 1
    moved = tones[place + steps] + (pitch - tones[place])
    return min((moved, moved - 1, moved + 1), key=lambda p: round(p) % 12 not in fitting)


def beside(plan: Plan, note: Note, steps: int) -> float:
    """The pitch `steps` notes of the scale away from a note's, as a second voice sings."""
    bar, step = divmod(plan.place_at(note.start_s) + 0.4, plan.steps_per_bar)
    return scale_steps(plan, int(bar), note.pitch, steps, step)


def in_full(plan: Plan, notes: list[Note]) -> list[Note]:
    """Those of the notes that start in a chorus."""
    return [note for note in notes if is_full(plan, plan.bar_at(note.start_s))]
