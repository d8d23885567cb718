"""What a voice sings: phrases over the song's chords, second voices, calls between phrases."""

from __future__ import annotations

import numpy as np

from streamsep_offline.maker.notes import Note
from streamsep_offline.maker.places import (
    beside,
    is_full,
    scale_steps,
    sings_alone,
    tones_at,
)
from streamsep_offline.maker.plan import Plan
from streamsep_offline.maker.voices.contour import Phrase

_RANGE = 9
"""Semitones to either side of the middle of a voice."""

_MOVES = (-3, -2, -2, -1, -1, -1, 0, 0, 1, 1, 1, 2, 2, 3, 4)
"""Steps in the scale from note to note; after a leap the line turns back."""

Line = list[tuple[int, int, int]]
"""(start, length, move) in sixteenths and steps of the scale: two bars of a tune."""


def make_phrases(plan: Plan, rng: np.random.Generator, centre: int) -> list[Phrase]:
    """Phrases of up to two bars in the bars where the plan has vocals.

    Tunes come back within a kind of section, as in songs, most surely in the chorus; long notes
    and notes on strong beats belong to the chord; some long notes become runs on one syllable.

    Args:
        plan: The song.
        rng: Draws rhythm and notes.
        centre: Middle of the voice's range, MIDI pitch.
    """
    lines: dict[tuple[object, int], Line] = {}
    run_chance = rng.uniform(0.0, 0.25)
    phrases = []
    for bar in plan.phrase_bars():
        rests = rng.random() < 0.1 and not sings_alone(plan, bar)
        if rests or not plan.plays("vocals", bar):
            continue
        slot = (plan.section(bar).kind, plan.bar_in_section(bar) // 2 % 2)
        if slot not in lines or rng.random() < (0.1 if is_full(plan, bar) else 0.3):
            lines[slot] = _random_line(rng, 2 * plan.steps_per_bar)
        middle = centre + 2 if is_full(plan, bar) else centre
        phrase = _placed(plan, rng, bar, lines[slot], middle, (centre - _RANGE, centre + _RANGE))
        if phrase:
            phrases.append(
                [n for note in phrase for n in _run(plan, note, centre, run_chance, rng)]
            )
    if not phrases:
        steps = enumerate((0, 2, 4, 0))
        phrases = [[Note(0.5 + k, 1.0, scale_steps(plan, 0, centre, s), 1.0) for k, s in steps]]
    return phrases


def _random_line(rng: np.random.Generator, n_steps: int) -> Line:
    step = int(rng.choice([-2, 0, 0, 2, 4]))
    end = int(rng.choice([16, 24, 28, 30])) * n_steps // 32
    lengths = rng.choice([[1, 2, 2, 3], [2, 2, 4, 4], [2, 4, 6, 8], [1, 1, 2, 2]])
    line, last_move = [], 0
    while step < end:
        length = int(rng.choice([*lengths, 4]))
        move = int(rng.choice(_MOVES))
        move = -int(np.sign(last_move)) if abs(last_move) > 2 else move
        line.append((step, length, move))
        step, last_move = step + length, move
    start, length, move = line[-1]
    line[-1] = (start, max(length, int(rng.choice([4, 6, 8]))), move)  # phrases end on long notes
    return line


def _placed(
    plan: Plan,
    rng: np.random.Generator,
    bar: int,
    line: Line,
    middle: int,
    limits: tuple[int, int],
) -> Phrase:
    """A tune over the chords of its two bars."""
    pitch = _near(plan, bar, middle, limits)
    phrase: Phrase = []
    for start, length, move in line:
        if not plan.sounds("vocals", bar, max(0, start)):
            continue
        moved = scale_steps(plan, bar, pitch, move, start) if phrase else pitch
        if not limits[0] <= moved <= limits[1]:
            moved = scale_steps(plan, bar, pitch, -move, start)
        is_strong = start % 8 == 0 or length >= 4
        pitch = _near(plan, bar, moved, limits, max(0, start), is_strong)
        place = bar * plan.steps_per_bar + start
        end = plan.rest_from("vocals", place, place + length)
        duration_s = plan.time_s(0, end) - plan.time_s(0, place)
        begin_s = max(0.0, plan.time_s(0, place) + rng.normal(0.0, 0.012))
        if begin_s < plan.duration_s - 0.3:
            phrase.append(Note(begin_s, duration_s, pitch, rng.uniform(0.75, 1.0)))
    return phrase


def _near(
    plan: Plan,
    bar: int,
    pitch: float,
    limits: tuple[int, int],
    step: float = 0.0,
    is_of_chord: bool = True,
) -> float:
    """The note of the chord, or else of the scale, that lies nearest."""
    classes = {tone % 12 for tone in plan.chord(bar, step)}
    tones = [tone for tone in tones_at(plan, bar, step) if limits[0] <= tone <= limits[1]]
    fitting = [tone for tone in tones if tone % 12 in classes or not is_of_chord] or tones
    return float(min(fitting, key=lambda tone: abs(tone - pitch)))


def _run(plan: Plan, note: Note, centre: int, chance: float, rng: np.random.Generator) -> Phrase:
    """The note, or a melisma of three to five notes on its syllable, towards the middle."""
    if note.duration_s < 0.45 or rng.random() > chance:
        return [note]
    count = int(rng.integers(2, 5))
    length_s = min(rng.uniform(0.09, 0.16), 0.6 * note.duration_s / count)
    towards = 1 if note.pitch < centre else -1
    pattern = (0, 1, 0, 1) if rng.random() < 0.5 else (0, 1, 2, 3)
    notes = [
        Note(
            note.start_s + k * length_s,
            length_s,
            beside(plan, note, towards * pattern[k]),
            note.velocity,
            k > 0,
        )
        for k in range(count)
    ]
    used_s = count * length_s
    held = Note(
        note.start_s + used_s, note.duration_s - used_s, note.pitch, note.velocity, is_slurred=True
    )
    return [*notes, held]


def doubled(phrases: list[Phrase], rng: np.random.Generator, spread_s: float) -> list[Phrase]:
    """The same phrases sung again: each note a little early or late."""
    return [
        [
            n._replace(start_s=max(0.0, n.start_s + float(np.clip(shift, -0.04, 0.04))))
            for n, shift in zip(phrase, rng.normal(0.0, spread_s, len(phrase)), strict=True)
        ]
        for phrase in phrases
    ]


def harmonised(
    phrases: list[Phrase], plan: Plan, steps: int, rng: np.random.Generator
) -> list[Phrase]:
    """A second voice `steps` notes of the scale away (2 is a third up, -5 a sixth down)."""
    second = [[n._replace(pitch=beside(plan, n, steps)) for n in phrase] for phrase in phrases]
    return doubled(second, rng, 0.012)


def in_choruses(phrases: list[Phrase], plan: Plan) -> list[Phrase]:
    """Phrases that start in a chorus."""
    return [p for p in phrases if is_full(plan, plan.bar_at(p[0].start_s + 0.2))]


def line_ends(phrases: list[Phrase], n_notes: int) -> list[Phrase]:
    """The last notes of each phrase, as a second rapper joins in."""
    return [phrase[-n_notes:] for phrase in phrases]


def calls(plan: Plan, phrases: list[Phrase], centre: int, rng: np.random.Generator) -> list[Phrase]:
    """Ad-libs: one to four notes in the gaps between phrases, high in the voice."""
    found: list[Phrase] = []
    ends_s = [phrase[-1].start_s + phrase[-1].duration_s for phrase in phrases]
    starts_s = [phrase[0].start_s for phrase in phrases[1:]] + [plan.duration_s]
    for end_s, next_s in zip(ends_s, starts_s, strict=True):
        if next_s - end_s < 3.0 * plan.step_s or rng.random() < 0.35:
            continue
        bar = plan.bar_at(end_s)
        pitch = _near(plan, bar, centre + float(rng.integers(2, 10)), (centre, centre + 12))
        begin_s, call = end_s + rng.uniform(0.0, 1.0) * plan.step_s, []
        for k in range(int(rng.integers(1, 5))):
            length_s = float(rng.choice([1, 2, 2, 4])) * plan.step_s
            if begin_s + length_s > min(next_s, plan.duration_s - 0.1):
                break
            call.append(Note(begin_s, length_s, pitch, 0.8, k > 0 and rng.random() < 0.4))
            pitch = scale_steps(plan, bar, pitch, int(rng.choice([-2, -1, -1, 1, 1])))
            begin_s += length_s
        if call:
            found.append(call)
    return found


def held_chords_for(plan: Plan, voice: int, low: int) -> list[Phrase]:
    """One voice of a choir: a tone of each chord of the choruses, each as near as can be."""
    phrases: list[Phrase] = []
    for place, end, chord in plan.chord_pieces("vocals"):
        if not is_full(plan, place // plan.steps_per_bar):
            continue
        pitches = sorted(low + (tone - low) % 12 for tone in chord)
        begin_s, end_s = plan.time_s(0, place), plan.time_s(0, end)
        if begin_s < plan.duration_s - 0.5:
            pitch = pitches[voice % len(pitches)]
            phrases.append([Note(begin_s, 0.97 * (end_s - begin_s), pitch, 0.8)])
    return phrases
