"""Recorded sung notes played at other pitches; the formants move along, as in a sampler."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from streamsep_offline.maker.kernels import add_resampled
from streamsep_offline.maker.notes import SAMPLE_RATE_HZ, pitch_in_name, to_samples
from streamsep_offline.maker.studio import Studio
from streamsep_offline.maker.voices.contour import Phrase

CHOIRS: dict[str, tuple[str, str, str]] = {
    "vocobox": ("vocobox", "*mono_[A-G]*", "vocobox human-voice-dataset"),
    "berklee-woman": ("berklee-olpc", "femalevoice_*", "OLPC Berklee Sound Library"),
    "berklee-man": ("berklee-olpc", "malevoice_*", "OLPC Berklee Sound Library"),
    "berklee-women": ("berklee-olpc", "femalevoices_*", "OLPC Berklee Sound Library"),
    "berklee-men": ("berklee-olpc", "malevoices_*", "OLPC Berklee Sound Library"),
}
"""Folder below `voices`, pattern and source of each set of sung notes."""


def sung_notes(studio: Studio, name: str) -> list[tuple[int, Path]]:
    """(MIDI pitch, file) of a set, sorted by pitch."""
    folder, pattern, _ = CHOIRS[name]
    found = []
    for path in studio.files(f"voices/{folder}", pattern):
        pitch = pitch_in_name(path.stem.replace("mono_", "mono-"))
        if pitch is None or "-ko" in path.stem or "unstable" in path.stem:
            continue
        # vocobox counts octaves from A: measured, its A, A sharp and B are an octave lower
        is_low = name == "vocobox" and pitch % 12 >= 9
        found.append((pitch - 12 if is_low else pitch, path))
    return sorted(found)


def sing_notes(
    studio: Studio, name: str, phrases: list[Phrase], n_samples: int, rng: np.random.Generator
) -> np.ndarray:
    """Phrases on one set of sung notes, with late vibrato, [samples]."""
    output = np.zeros(n_samples, np.float32)
    notes = sung_notes(studio, name)
    if not notes:
        return output
    pitches = np.array([pitch for pitch, _ in notes])
    colour = rng.uniform(
        -3.0, 4.0
    )  # play a lower or higher recording than the note: another throat
    depth, rate_hz = rng.uniform(0.0, 0.35), rng.uniform(4.8, 6.2)
    middle = float(np.mean([note.pitch for phrase in phrases for note in phrase]))
    octave = 12.0 * round((float(np.median(pitches)) - middle) / 12.0)
    for phrase in phrases:
        for note in phrase:
            target = note.pitch + octave
            distance = np.abs(pitches - (target - colour)) + rng.uniform(0.0, 2.0, len(pitches))
            recorded, path = notes[int(np.argmin(distance))]
            n_played = to_samples(max(note.duration_s, 0.12) + 0.06)
            time_s = np.arange(n_played) / SAMPLE_RATE_HZ
            swing = np.clip((time_s - 0.2) / 0.3, 0.0, 1.0) * np.sin(2 * np.pi * rate_hz * time_s)
            ratios = 2.0 ** ((target - recorded + depth * swing) / 12.0)
            n_fade = to_samples(rng.uniform(0.015, 0.04))
            sound = studio.sample(path, is_mono=True)[0]
            start = to_samples(note.start_s)
            add_resampled(output, sound, start, ratios, n_fade, 2 * n_fade, note.velocity)
    return output
