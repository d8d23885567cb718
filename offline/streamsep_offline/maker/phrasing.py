"""How one note leads to the next on an instrument that sings: glides, scoops, bends, vibrato, falls.

A curve gives, for each block of a note, how many semitones the sound is off the written pitch.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from streamsep_offline.maker.notes import SAMPLE_RATE_HZ, Note, to_samples

BLOCK = 64
"""Samples per value of a curve."""

_NEAR_S = 0.08
"""A note that starts at most this long after the last one ended is tied to it."""


@dataclass(frozen=True)
class Expression:
    """Habits of a player.

    Attributes:
        vibrato_hz: Its rate; every note differs a little.
        vibrato: Its depth once grown, semitones to either side.
        vibrato_delay_s: How long a note is straight before it sets in.
        vibrato_growth_s: How long it takes to grow.
        glide_chance: How often a tied note is reached by sliding from the last one.
        glide_s: Time of such a slide.
        scoop_chance: How often a note is reached from below.
        scoop: From how far below, semitones.
        scoop_s: How long that takes.
        fall_chance: How often a phrase's last note falls off at its end.
        fall: How far, semitones.
        is_only_up: A string can be bent up only: vibrato lies above the pitch.
    """

    vibrato_hz: float = 5.5
    vibrato: float = 0.25
    vibrato_delay_s: float = 0.25
    vibrato_growth_s: float = 0.3
    glide_chance: float = 0.3
    glide_s: float = 0.06
    scoop_chance: float = 0.2
    scoop: float = 1.0
    scoop_s: float = 0.1
    fall_chance: float = 0.1
    fall: float = 4.0
    is_only_up: bool = False


def is_tied(before: Note | None, note: Note) -> bool:
    """Whether a note follows the one before without a gap."""
    return before is not None and note.start_s - (before.start_s + before.duration_s) < _NEAR_S


def pitch_curve(
    note: Note,
    before: Note | None,
    is_last: bool,
    expression: Expression,
    n_blocks: int,
    rng: np.random.Generator,
) -> np.ndarray:
    """Semitones off the written pitch, from the start of a note on, [blocks].

    Args:
        note: The note.
        before: The one played before it, or None.
        is_last: Whether a pause follows.
        expression: The player's habits.
        n_blocks: Length of the curve.
        rng: Draws which notes are slid to, scooped and so on.
    """
    time_s = np.arange(n_blocks) * BLOCK / SAMPLE_RATE_HZ
    curve = np.zeros(n_blocks)
    chance = rng.random(3)
    if is_tied(before, note) and chance[0] < expression.glide_chance:
        glide_s = min(expression.glide_s * rng.uniform(0.6, 1.4), 0.5 * note.duration_s)
        curve += (before.pitch - note.pitch) * _falling(time_s / glide_s)
    elif chance[1] < expression.scoop_chance:
        scoop_s = min(expression.scoop_s * rng.uniform(0.6, 1.6), 0.4 * note.duration_s)
        curve -= expression.scoop * rng.uniform(0.5, 1.2) * _falling(time_s / scoop_s)
    depth = expression.vibrato * rng.uniform(0.5, 1.3)
    grown = np.clip((time_s - expression.vibrato_delay_s) / expression.vibrato_growth_s, 0.0, 1.0)
    rate_hz = expression.vibrato_hz * rng.uniform(0.94, 1.06)
    swing = -np.cos(2.0 * np.pi * rate_hz * (time_s - expression.vibrato_delay_s))
    curve += depth * grown * (0.5 * (1.0 + swing) if expression.is_only_up else swing)
    if is_last and chance[2] < expression.fall_chance and note.duration_s > 0.2:
        fall_s = min(0.25, 0.4 * note.duration_s)
        gone = np.clip((time_s - note.duration_s + fall_s) / fall_s, 0.0, None)
        curve -= expression.fall * gone**2
    return np.maximum(curve, -24.0)


def _falling(place: np.ndarray) -> np.ndarray:
    """From 1 at place 0 to 0 at place 1, smooth at both ends."""
    return 0.5 + 0.5 * np.cos(np.pi * np.clip(place, 0.0, 1.0))


def curves(
    notes: Sequence[Note], expression: Expression, tail_s: float, rng: np.random.Generator
) -> list[np.ndarray]:
    """The curve of each note of a line, `tail_s` longer than the note."""
    found = []
    for k, note in enumerate(notes):
        after = notes[k + 1] if k + 1 < len(notes) else None
        is_last = after is None or not is_tied(note, after)
        n_blocks = to_samples(note.duration_s + tail_s) // BLOCK + 2
        before = notes[k - 1] if k else None
        found.append(pitch_curve(note, before, is_last, expression, n_blocks, rng))
    return found


def bends(
    notes: Sequence[Note], expression: Expression, rng: np.random.Generator
) -> list[tuple[int, float]]:
    """The whole line's pitch wheel as (sample, semitones), where it moves."""
    events: list[tuple[int, float]] = []
    for k, (note, curve) in enumerate(zip(notes, curves(notes, expression, 0.1, rng), strict=True)):
        start = to_samples(note.start_s)
        stop = to_samples(notes[k + 1].start_s) if k + 1 < len(notes) else 1 << 62
        last = None
        for block in range(0, len(curve), 4):
            at, value = start + block * BLOCK, float(curve[block])
            if at >= stop:
                break
            if last is None or abs(value - last) > 0.01:
                events.append((at, value))
                last = value
    return events
