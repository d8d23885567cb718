"""The bass: plucked strings through a low-pass, in the middle of the stereo picture.

A string plucked at a fraction b of its length has partials sin(pi k b) / k, and the higher ones die
first; a gentle low-pass keeps it below the voices.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from streamsep.song.score import Note, frequency_hz
from streamsep.song.tones import damped_partials, pan_gains, place, ramp_ends

N_PARTIALS = 60
PLUCKED_AT = 0.21
CUTOFF_HZ = 330.0
RELEASE_S = 0.03


def render_bass(notes: Sequence[Note], n_samples: int, sample_rate: int) -> np.ndarray:
    """The dry bass, float32 [2, n_samples]."""
    track = np.zeros((2, n_samples), np.float32)
    for note in notes:
        place(track, pan_gains(0.0) * _pluck(note, sample_rate), note.start_s, sample_rate)
    return track


def _pluck(note: Note, sample_rate: int) -> np.ndarray:
    number = np.arange(1, N_PARTIALS + 1)
    partials_hz = number * frequency_hz(note.pitch)
    # A harder pluck is a brighter one.
    cutoff_hz = CUTOFF_HZ * (0.5 + note.velocity)
    low_pass = 1.0 / (1.0 + (partials_hz / cutoff_hz) ** 1.3)
    amplitudes = note.velocity * np.sin(np.pi * PLUCKED_AT * number) / number * low_pass
    decays_s = 1.4 / (1.0 + partials_hz / 250.0)
    n_samples = round((note.duration_s + RELEASE_S) * sample_rate)
    tone = damped_partials(
        partials_hz, decays_s, amplitudes, np.zeros(N_PARTIALS), n_samples, sample_rate
    )
    return ramp_ends(tone, 0.004, RELEASE_S, sample_rate)
