"""What carries the harmony: a plucked guitar, an electric piano and a pad, each wide in stereo.

Each is played twice, once for the left and once for the right, a few cents and milliseconds apart,
as records double their guitars: the sides share notes but not waveforms, so little is central.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from streamsep.song.score import Note, frequency_hz
from streamsep.song.tones import damped_partials, place, ramp_ends

Player = Callable[[Note, float, int, np.random.Generator], np.ndarray]

CENTS_APART = 5.0
"""Detuning of each side from the written pitch."""

LATE_S = 0.009
"""Largest random delay of a side."""


def render_chords(
    guitar: Sequence[Note],
    piano: Sequence[Note],
    pad: Sequence[Note],
    n_samples: int,
    sample_rate: int,
    rng: np.random.Generator,
) -> np.ndarray:
    """The three instruments together, dry, float32 [2, n_samples]."""
    track = np.zeros((2, n_samples), np.float32)
    for notes, player in ((guitar, _guitar), (piano, _piano), (pad, _pad)):
        for note in notes:
            for side, sign in ((0, -1.0), (1, 1.0)):
                cents = sign * CENTS_APART * float(rng.uniform(0.6, 1.4))
                start_s = note.start_s + LATE_S * float(rng.random())
                pitch_hz = frequency_hz(note.pitch + cents / 100.0)
                sound = player(note, pitch_hz, sample_rate, rng)
                place(track[side : side + 1], sound, start_s, sample_rate)
    return track


def _guitar(note: Note, pitch_hz: float, sample_rate: int, rng: np.random.Generator) -> np.ndarray:
    """A stiff plucked string: partials stretched by stiffness, combed by where it is plucked."""
    number = np.arange(1, 33)
    partials_hz = number * pitch_hz * np.sqrt(1.0 + 6e-5 * number**2)
    plucked_at = float(rng.uniform(0.13, 0.2))
    bright_hz = 2500.0 + 3500.0 * note.velocity
    tilt = 1.0 / (number * np.sqrt(1.0 + (partials_hz / bright_hz) ** 2))
    amplitudes = 0.36 * note.velocity * np.sin(np.pi * plucked_at * number) * tilt
    decays_s = 0.9 / (1.0 + partials_hz / 1300.0)
    n_samples = round((note.duration_s + 0.05) * sample_rate)
    tone = damped_partials(
        partials_hz, decays_s, amplitudes, np.zeros(len(number)), n_samples, sample_rate
    )
    return ramp_ends(tone, 0.0015, 0.05, sample_rate)


def _piano(note: Note, pitch_hz: float, sample_rate: int, rng: np.random.Generator) -> np.ndarray:
    """A struck tine: fundamental, overtones that grow with the blow, and a short bright ring."""
    hard = note.velocity**2
    ratios = np.array([1.0, 2.0, 3.0, 4.0, 5.0, 6.27])
    amplitudes = note.velocity * np.array([0.2, 0.12 * hard, 0.05 * hard, 0.03 * hard, 0.015, 0.02])
    decays_s = np.array([1.5, 0.9, 0.6, 0.4, 0.3, 0.12])
    phases = rng.uniform(0.0, 2.0 * np.pi, len(ratios))
    n_samples = round((note.duration_s + 0.12) * sample_rate)
    tone = damped_partials(ratios * pitch_hz, decays_s, amplitudes, phases, n_samples, sample_rate)
    return ramp_ends(tone, 0.003, 0.12, sample_rate)


def _pad(note: Note, pitch_hz: float, sample_rate: int, rng: np.random.Generator) -> np.ndarray:
    """Two detuned saws per side through a low-pass, swelling in and out."""
    number = np.arange(1, 13)
    detuned = np.array([0.9985, 1.0015])[:, np.newaxis]
    partials_hz = (number * pitch_hz * detuned).ravel()
    amplitudes = 0.05 * note.velocity / (np.tile(number, 2) * (1.0 + (partials_hz / 1500.0) ** 2))
    phases = rng.uniform(0.0, 2.0 * np.pi, len(partials_hz))
    held = np.full(len(partials_hz), 30.0)
    n_samples = round((note.duration_s + 0.35) * sample_rate)
    tone = damped_partials(partials_hz, held, amplitudes, phases, n_samples, sample_rate)
    return ramp_ends(tone, 0.25, 0.5, sample_rate)
