"""How the pitch of a voice moves: sung, corrected by a machine, spoken in rhythm, screamed."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from streamsep_offline.maker.notes import Note

Phrase = list[Note]
"""Notes that follow each other without a breath."""

FRAME_S = 0.01
"""Time between values of a pitch contour and between frames of a voice's analysis."""

SUNG, TUNED, SPOKEN, ROUGH = "sung", "tuned", "spoken", "rough"
"""Kinds of contours."""


@dataclass(frozen=True)
class Manner:
    """How a voice delivers phrases.

    Attributes:
        contour: One of the kinds above.
        glide_s: How long it takes from note to note.
        vibrato_hz: Rate of the vibrato.
        vibrato: Its depth once grown, semitones to either side.
        vibrato_delay_s: How long a note is held straight.
        scoop_chance: How often a note is reached from below.
        drift: Standard deviation of the slow error of pitch, semitones; who sings along with a
            recording is late or early, too.
        formants: Factor on the voice's own size, < 1 larger.
        tilt_db: Brighter (shouted) or duller (soft) from 1 kHz on, per octave.
        roughness: 0 to 1, how much of the tone is noise.
        is_whispered: No tone at all.
    """

    contour: str = SUNG
    glide_s: float = 0.05
    vibrato_hz: float = 5.6
    vibrato: float = 0.25
    vibrato_delay_s: float = 0.2
    scoop_chance: float = 0.2
    drift: float = 0.12
    formants: float = 1.0
    tilt_db: float = 0.0
    roughness: float = 0.0
    is_whispered: bool = False


def random_manner(rng: np.random.Generator, contour: str = SUNG) -> Manner:
    """A singer's habits: some sing straight, some with a wide vibrato, some scoop every note."""
    return Manner(
        contour=contour,
        glide_s=rng.uniform(0.02, 0.09),
        vibrato_hz=rng.uniform(4.8, 6.5),
        vibrato=rng.uniform(0.0, 0.5),
        vibrato_delay_s=rng.uniform(0.12, 0.4),
        scoop_chance=rng.uniform(0.0, 0.45),
        drift=rng.uniform(0.05, 0.2),
        tilt_db=rng.normal(0.0, 1.2),
    )


def pitch_contour(
    phrase: Phrase, n_frames: int, rng: np.random.Generator, manner: Manner | None = None
) -> np.ndarray:
    """MIDI pitch of a phrase every 10 ms, [frames].

    Args:
        phrase: The notes, in order.
        n_frames: Length, from the start of the first note.
        rng: Draws scoops, drift and the like.
        manner: The singer's habits; none given, drawn.
    """
    manner = random_manner(rng) if manner is None else manner
    time_s = np.arange(n_frames) * FRAME_S
    target = np.full(n_frames, float(phrase[0].pitch))
    for note in phrase:
        target[time_s >= note.start_s - phrase[0].start_s - 1e-9] = note.pitch
    if manner.contour == TUNED:  # as by pitch correction at full strength: steps
        return target
    if manner.contour == SPOKEN:
        return _spoken(phrase, target, time_s, rng)
    if manner.contour == ROUGH:
        return _rough(phrase, target, time_s, rng)
    n_glide = max(1, int(manner.glide_s * rng.uniform(0.7, 1.3) / FRAME_S))
    sung = _smooth(target, n_glide) + _vibrato(phrase, time_s, manner, rng)
    for since, note in _since_notes(phrase, time_s):
        if not note.is_slurred and rng.random() < manner.scoop_chance:
            length_s = min(rng.uniform(0.06, 0.15), 0.45 * note.duration_s)
            place = np.clip(since / length_s, 0.0, 1.0)
            sung -= (
                rng.uniform(0.6, 2.2)
                * (0.5 + 0.5 * np.cos(np.pi * place))
                * (since >= 0.0)
                * (since < length_s)
            )
    if rng.random() < 0.15:  # the end falls off
        last_s = rng.uniform(0.06, 0.15)
        sung -= rng.uniform(1.0, 3.0) * np.clip((time_s - time_s[-1] + last_s) / last_s, 0.0, 1.0)
    return sung + wander(n_frames, manner.drift, rng)


def _smooth(values: np.ndarray, n: int) -> np.ndarray:
    window = np.hanning(2 * n + 3)[1:-1]
    return np.convolve(np.pad(values, n, mode="edge"), window / window.sum(), "valid")


def _since_notes(phrase: Phrase, time_s: np.ndarray) -> list[tuple[np.ndarray, Note]]:
    """Time since the start of each note, with the note."""
    return [(time_s - (note.start_s - phrase[0].start_s), note) for note in phrase]


def _vibrato(
    phrase: Phrase, time_s: np.ndarray, manner: Manner, rng: np.random.Generator
) -> np.ndarray:
    """A swing that sets in late and only on notes long enough for it."""
    depth = np.zeros(len(time_s))
    for since, note in _since_notes(phrase, time_s):
        if note.duration_s > manner.vibrato_delay_s + 0.15:
            grown = np.clip((since - manner.vibrato_delay_s) / 0.25, 0.0, 1.0)
            depth = np.maximum(depth, grown * (since < note.duration_s))
    rate_hz = manner.vibrato_hz * rng.uniform(0.95, 1.05)
    swing = np.sin(2.0 * np.pi * (rate_hz * time_s + rng.random()))
    return manner.vibrato * depth * swing


def wander(n_frames: int, size: float, rng: np.random.Generator) -> np.ndarray:
    """A slow wander of a given standard deviation, at most twice that."""
    places = np.arange(0, n_frames + 25, 25)
    wander = np.interp(np.arange(n_frames), places, rng.normal(0.0, size, len(places)))
    return np.clip(wander, -2.0 * size, 2.0 * size)


def _spoken(
    phrase: Phrase, target: np.ndarray, time_s: np.ndarray, rng: np.random.Generator
) -> np.ndarray:
    """Near one pitch: sinking along the line, each syllable falling or rising a little."""
    spoken = _smooth(target, 2) - rng.uniform(0.5, 2.0) * time_s / max(time_s[-1], 0.1)
    for since, note in _since_notes(phrase, time_s):
        inside = (since >= 0.0) & (since < note.duration_s)
        slope = rng.uniform(-1.6, 0.6)
        spoken += inside * slope * np.clip(since / max(note.duration_s, 0.05), 0.0, 1.0)
    return spoken + wander(len(time_s), 0.25, rng)


def _rough(
    phrase: Phrase, target: np.ndarray, time_s: np.ndarray, rng: np.random.Generator
) -> np.ndarray:
    """Unsteady from frame to frame, and sagging at the end."""
    jitter = rng.normal(0.0, rng.uniform(0.3, 0.9), len(time_s))
    sag = rng.uniform(0.0, 4.0) * np.clip((time_s - time_s[-1] + 0.3) / 0.3, 0.0, 1.0) ** 2
    return _smooth(target, 4) + jitter + wander(len(time_s), 0.5, rng) - sag
