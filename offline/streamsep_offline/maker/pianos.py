"""The piano, a stem of its own: comping, broken chords, both hands, or leading the song."""

from __future__ import annotations

from collections.abc import Callable, Iterable

import numpy as np

from streamsep_offline.maker import gm, sampler
from streamsep_offline.maker.dynamics import to_unit_active_rms
from streamsep_offline.maker.filters import low_pass
from streamsep_offline.maker.harmony import close_voicing
from streamsep_offline.maker.lines import arpeggio, melody, placed, strummed_chords
from streamsep_offline.maker.notes import Note
from streamsep_offline.maker.places import beside, scale_steps
from streamsep_offline.maker.plan import Plan
from streamsep_offline.maker.space import pan
from streamsep_offline.maker.studio import Take, pick

_PROGRAMS = ("0", "1", "2", "3")
_NAME = "grand-piano"
_SOFT = 0.68
"""Notes played softer than this sound duller."""

_MIDDLE = 60
"""The left hand plays below, and stands a little to the left."""

Hands = Callable[[Plan, np.random.Generator], list[Note]]


def _bars(plan: Plan) -> list[int]:
    """Where chords are played, but for the song's last one."""
    return [b for b in range(plan.n_bars) if plan.plays("chords", b) and not plan.is_ending(b)]


def _struck(
    plan: Plan,
    rng: np.random.Generator,
    bar: int,
    step: float,
    length: float,
    pitches: Iterable[float],
) -> list[Note]:
    """Keys struck by a hand: nearly in time, louder on beats."""
    notes: list[Note] = []
    for pitch in pitches:
        velocity = (0.8 if step % 4 == 0 else 0.65) * rng.uniform(0.75, 1.15)
        loud, late_s = float(np.clip(velocity, 0.2, 1.0)), rng.normal(0.0, 0.006)
        notes += placed(plan, "chords", bar, step, length, pitch, loud, 1.0, late_s)
    return notes


def _last_chord(plan: Plan, rng: np.random.Generator) -> list[Note]:
    """What both hands let ring at the end of songs that have one."""
    notes: list[Note] = []
    for bar in range(plan.n_bars):
        if plan.is_ending(bar) and plan.plays("chords", bar):
            root = _root(plan, bar)
            pitches = [root, root + 12, *close_voicing(plan.chord(bar), 57)]
            notes += _struck(plan, rng, bar, 0.0, plan.steps_per_bar, pitches)
    return notes


def _root(plan: Plan, bar: int, step: float = 0.0, low: int = 36) -> int:
    return low + (plan.chord(bar, step)[0] - low) % 12


def blocks(plan: Plan, rng: np.random.Generator) -> list[Note]:
    """Chords in a rhythm, the root below half of the time."""
    low = int(rng.integers(50, 62))
    has_root = rng.random() < 0.5

    def voicing(chord: tuple[int, ...]) -> list[int]:
        pitches = close_voicing(chord, low)
        return [low - 12 + (chord[0] - low) % 12, *pitches] if has_root else pitches

    return strummed_chords(plan, rng, voicing)


def broken(plan: Plan, rng: np.random.Generator) -> list[Note]:
    """One hand's broken chords over held roots."""
    notes = arpeggio(plan, rng, close_voicing, part="chords", gate=1.8)
    if rng.random() < 0.6:
        for bar in _bars(plan):
            notes += _struck(plan, rng, bar, 0, plan.steps_per_bar, [_root(plan, bar)])
    return notes


def both_hands(plan: Plan, rng: np.random.Generator) -> list[Note]:
    """Octaves on the left in halves, chords on the right in quarters or eighths."""
    unit, low = int(rng.choice([2, 4, 4])), int(rng.integers(52, 62))
    notes = _last_chord(plan, rng)
    for bar in _bars(plan):
        n_steps = plan.steps_per_bar
        for step in range(0, n_steps, 8 if n_steps % 8 == 0 else n_steps // 2):
            root = _root(plan, bar, step)
            notes += _struck(plan, rng, bar, step, 5.8, (root, root + 12))
        for step in range(0, n_steps, unit):
            pitches = close_voicing(plan.chord(bar, step), low)
            notes += _struck(plan, rng, bar, step, 0.95 * unit, pitches)
    return notes


def ballad(plan: Plan, rng: np.random.Generator) -> list[Note]:
    """The left hand rolls root, fifth and tenth with the pedal down; chords on the right."""
    low = int(rng.integers(55, 64))
    notes = _last_chord(plan, rng)
    for bar in _bars(plan):
        half = plan.steps_per_bar // 2
        for start in (0, half):
            chord, root = plan.chord(bar, start), _root(plan, bar, start)
            rolled = (0, chord[2] - chord[0], 12, 12 + chord[1] - chord[0])
            for k, interval in enumerate(rolled[: half // 2]):
                notes += _struck(plan, rng, bar, start + 2 * k, half - 2 * k, [root + interval])
            pitches = close_voicing(chord, low)
            notes += _struck(plan, rng, bar, start, half - 1.0, pitches)
    return notes


def comping(plan: Plan, rng: np.random.Generator) -> list[Note]:
    """Jazz: thirds, sevenths and ninths without root, few short syncopated strokes."""
    notes = _last_chord(plan, rng)
    places = [step for step in (0, 3, 4, 6, 7, 10, 12, 14, 15) if step < plan.steps_per_bar]
    for bar in _bars(plan):
        n_tones = int(rng.integers(3, 5))
        starts = np.sort(rng.choice(places, int(rng.integers(1, 4)), replace=False))
        for step in starts.tolist():
            root, third, fifth, *more = plan.chord(bar, step)
            ninth = scale_steps(plan, bar, root, 1, step)
            shell = [third, *more[:1], ninth, fifth][:n_tones]
            pitches = sorted({52 + (pitch - 52) % 12 for pitch in shell})
            notes += _struck(plan, rng, bar, step, float(rng.choice([1.0, 1.5, 4.0])), pitches)
    return notes


def boogie(plan: Plan, rng: np.random.Generator) -> list[Note]:
    """Rock and roll: the left hand runs root, third, fifth, sixth in eighths."""
    figure = (0, 4, 7, 9, 10, 9, 7, 4) if rng.random() < 0.6 else (0, 0, 7, 0, 9, 0, 7, 0)
    notes = _last_chord(plan, rng)
    rights = ((0, 6, 12), (0, 3, 6, 10, 14), (2, 6, 10, 14), tuple(range(0, 16, 2)))
    right = [step for step in rights[int(rng.integers(4))] if step < plan.steps_per_bar]
    for bar in _bars(plan):
        for k, interval in enumerate(figure[: plan.steps_per_bar // 2]):
            chord = plan.chord(bar, 2 * k)
            step = chord[1] - chord[0] if interval == 4 else interval
            notes += _struck(plan, rng, bar, 2 * k, 1.7, [_root(plan, bar, 2 * k) + step])
        for start in right:
            pitches = close_voicing(plan.chord(bar, start), 62)
            notes += _struck(plan, rng, bar, start, 1.8, pitches)
    return notes


_HANDS: dict[str, Hands] = {
    "blocks": blocks,
    "broken": broken,
    "both hands": both_hands,
    "ballad": ballad,
    "comping": comping,
    "boogie": boogie,
}
_CHANCES: dict[str, dict[str, float]] = {
    "rock": {"blocks": 3, "broken": 1, "both hands": 4, "ballad": 1, "boogie": 3},
    "pop": {"blocks": 4, "broken": 2, "both hands": 4, "ballad": 2},
    "ballad": {"blocks": 1, "broken": 2, "both hands": 2, "ballad": 5},
    "jazz": {"blocks": 1, "broken": 0.5, "comping": 7},
    "electronic": {"blocks": 6, "broken": 2, "both hands": 1},
}


def left_hand_and_melody(plan: Plan, rng: np.random.Generator) -> list[Note]:
    """A piano that leads: an accompaniment and a tune above it, some of it in octaves or thirds."""
    chances = _CHANCES.get(plan.genre.style, _CHANCES["pop"])
    notes = [n for n in _HANDS[pick(rng, chances)](plan, rng) if n.pitch < 67.0]
    tune = melody(plan, rng, 67, 91, part="lead", rest_chance=0.15, gate=1.0)
    below = rng.random()
    if below < 0.35:
        tune += [note._replace(pitch=note.pitch - 12.0) for note in tune]
    elif below < 0.6:
        tune += [note._replace(pitch=beside(plan, note, -2)) for note in tune]
    return notes + tune


def piano(take: Take, is_leading: bool = False) -> np.ndarray | None:
    """A grand, an upright or an out-of-tune piano, [2, samples] or None.

    Args:
        take: The part.
        is_leading: Play the tune too.
    """
    rng, plan = take.rng, take.plan
    chances = _CHANCES.get(plan.genre.style, _CHANCES["pop"])
    hands = left_hand_and_melody if is_leading else _HANDS[pick(rng, chances)]
    notes = [note for note in hands(plan, rng) if note.start_s < plan.duration_s]
    if not notes:
        return None
    audio = _recorded(take, notes) if rng.random() < 0.6 else None
    if audio is None and gm.is_available():
        program = take.choose("gm-program", _PROGRAMS, gm.SOURCE)
        audio = gm.render(notes, int(program), plan.n_samples) if program else None
    if audio is None:
        audio = _recorded(take, notes)
    if audio is not None and rng.random() < 0.25:
        audio = pan(audio.mean(axis=0), rng.uniform(-0.7, 0.7))
    return audio


def _recorded(take: Take, notes: list[Note]) -> np.ndarray | None:
    """The sampled grand: soft notes duller, the bass left of the treble, or as an old upright."""
    rng, n = take.rng, take.plan.n_samples
    if not sampler.keys(take.studio, _NAME):
        return None
    if take.choose("keys", [_NAME], sampler.RECORDINGS[_NAME].source) is None:
        return None
    width, corner_hz = rng.uniform(0.0, 0.5), rng.uniform(900.0, 2500.0)
    release_s = rng.uniform(0.12, 0.35)
    is_old = rng.random() < 0.15
    audio = np.zeros((2, n), np.float32)
    for is_left in (True, False):
        hand = [note for note in notes if (note.pitch < _MIDDLE) == is_left]
        place = -width if is_left else width
        for is_soft in (True, False):
            group = [note for note in hand if (note.velocity < _SOFT) == is_soft]
            if not group:
                continue
            mono = sampler.play(take.studio, _NAME, group, n, 0.0, release_s)
            if is_old:
                mono = mono + 0.7 * sampler.play(take.studio, _NAME, group, n, 0.09, release_s)
            audio += pan(low_pass(mono, corner_hz, order=1) if is_soft else mono, place)
    if rng.random() < 0.12:  # felt between hammers and strings
        audio = low_pass(audio, rng.uniform(1200.0, 2500.0), order=1)
    return to_unit_active_rms(audio)
