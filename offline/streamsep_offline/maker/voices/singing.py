"""What a voice sings: phrases over the song's chords, and how pitch moves within a phrase."""

from __future__ import annotations

import numpy as np

from streamsep_offline.maker.harmony import next_in_scale
from streamsep_offline.maker.notes import Note
from streamsep_offline.maker.plan import Plan

Phrase = list[Note]
"""Notes that follow each other without a breath."""

FRAME_S = 0.01
"""Time between values of a pitch contour and between frames of a voice's analysis."""


def make_phrases(plan: Plan, rng: np.random.Generator, centre: int) -> list[Phrase]:
    """Phrases of one or two bars in the bars where the plan has vocals.

    Rhythms come back within a kind of section, as in songs; the notes wander over the scale.

    Args:
        plan: The song.
        rng: Draws rhythm and notes.
        centre: Middle of the voice's range, MIDI pitch.
    """
    rhythms: dict[tuple[int, int], list[tuple[int, int]]] = {}
    phrases, pitch = [], centre
    for bar in plan.phrase_bars():
        rests = rng.random() < 0.1 and plan.alone_in(bar) != "vocals"
        if rests or not plan.plays("vocals", bar):
            continue
        slot = (plan.section(bar).kind, (plan.bar_in_section(bar) // 2) % 2)
        if slot not in rhythms or rng.random() < 0.3:
            rhythms[slot] = _random_phrase_rhythm(rng, 2 * plan.steps_per_bar)
        phrase = []
        for start, length in rhythms[slot]:
            scale = plan.scale_at(bar, max(0, start))
            pitch = next_in_scale(rng, pitch, plan.key_at(bar), scale, centre - 9, centre + 9)
            time_s = max(0.0, plan.time_s(bar, start) + rng.normal(0.0, 0.012))
            if time_s < plan.duration_s - 0.3:
                phrase.append(Note(time_s, length * plan.step_s, pitch, rng.uniform(0.75, 1.0)))
        if phrase:
            phrases.append(phrase)
    if not phrases:
        phrases = [[Note(0.5 + k, 1.0, centre + step, 1.0) for k, step in enumerate((0, 2, 4, 0))]]
    return phrases


def _random_phrase_rhythm(rng: np.random.Generator, n_steps: int) -> list[tuple[int, int]]:
    step = int(rng.choice([-2, 0, 0, 2, 4]))
    end = int(rng.choice([16, 24, 28, 30])) * n_steps // 32
    lengths = rng.choice([[1, 2, 2, 3], [2, 2, 4, 4], [2, 4, 6, 8], [1, 1, 2, 2]])
    rhythm = []
    while step < end:
        length = int(rng.choice([*lengths, 4]))
        rhythm.append((step, length))
        step += length
    start, length = rhythm[-1]
    rhythm[-1] = (start, max(length, int(rng.choice([4, 6, 8]))))  # phrases end on long notes
    return rhythm


def harmonised(phrases: list[Phrase], rng: np.random.Generator) -> list[Phrase]:
    """Some of the phrases for a second voice: a little late, in unison or at an interval."""
    interval = float(rng.choice([0, 0, 3, 4, 7, -12, 12]))
    return [
        [
            note._replace(
                start_s=note.start_s + rng.uniform(0.0, 0.02), pitch=note.pitch + interval
            )
            for note in phrase
        ]
        for phrase in phrases
        if rng.random() < 0.6
    ]


def pitch_contour(
    phrase: Phrase, n_frames: int, rng: np.random.Generator, is_quantised: bool = False
) -> np.ndarray:
    """MIDI pitch of a sung phrase every 10 ms: glides, late vibrato, slow drift, [frames].

    Args:
        phrase: The notes, in order.
        n_frames: Length, from the start of the first note.
        rng: Draws glide, vibrato and drift.
        is_quantised: As by pitch correction at full strength: steps, no vibrato, no drift.
    """
    start_s = phrase[0].start_s
    time_s = np.arange(n_frames) * FRAME_S
    target = np.full(n_frames, float(phrase[0].pitch))
    for note in phrase:
        target[time_s >= note.start_s - start_s] = note.pitch
    if is_quantised:
        return target
    n_glide = max(1, int(rng.uniform(0.02, 0.09) / FRAME_S))
    window = np.hanning(2 * n_glide + 3)[1:-1]
    glided = np.convolve(np.pad(target, n_glide, mode="edge"), window / window.sum(), "valid")
    depth, rate_hz = rng.uniform(0.0, 0.5), rng.uniform(4.8, 6.5)
    vibrato = np.zeros(n_frames)
    for note in phrase:
        since = time_s - (note.start_s - start_s)
        grown = np.clip((since - 0.15) / 0.25, 0.0, 1.0) * (since < note.duration_s)
        vibrato = np.maximum(vibrato, grown)
    drift = np.cumsum(rng.normal(0.0, 0.02, n_frames))
    drift -= np.linspace(0.0, drift[-1], n_frames)
    return (
        glided
        + depth * vibrato * np.sin(2.0 * np.pi * rate_hz * time_s + rng.uniform(0, 6.28))
        + 0.5 * np.clip(drift, -0.3, 0.3)
    )
