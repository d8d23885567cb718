"""Leads made of harmonics: blown, bowed and talking ones, from nothing but formants and noise."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from scipy import ndimage

from streamsep_offline.maker.dynamics import to_unit_active_rms
from streamsep_offline.maker.filters import band_pass
from streamsep_offline.maker.kernels import add_harmonics
from streamsep_offline.maker.notes import SAMPLE_RATE_HZ, Note, pitch_to_hz, to_samples
from streamsep_offline.maker.phrasing import BLOCK, Expression, curves, is_tied

FRAME_S = 0.01
"""Time between values of frequency and amplitudes."""

Spectrum = Callable[[np.ndarray, np.ndarray], np.ndarray]
"""(frequency [frames, harmonics] in Hz, loudness [frames, 1]) -> amplitude of each harmonic."""

_HIGHEST_HZ = 15000.0


def harmonic_line(
    notes: list[Note],
    n_samples: int,
    expression: Expression,
    spectrum: Spectrum,
    attack_s: float,
    rng: np.random.Generator,
) -> np.ndarray:
    """A single line; tied notes go on without a new attack, mono, [samples].

    Args:
        notes: One after the other.
        n_samples: Length.
        expression: The player's habits.
        spectrum: The instrument.
        attack_s: How long an untied note takes to speak.
        rng: Draws what the player does where.
    """
    n_frame = to_samples(FRAME_S)
    n_frames = n_samples // n_frame + 2
    pitch = np.full(n_frames, np.nan)
    level = np.zeros(n_frames)
    before: Note | None = None
    for note, curve in zip(notes, curves(notes, expression, 0.05, rng), strict=True):
        first = to_samples(note.start_s) // n_frame
        count = min(max(2, to_samples(note.duration_s) // n_frame), n_frames - first)
        if count < 2:
            continue
        blocks = np.arange(count) * n_frame / BLOCK
        pitch[first : first + count] = note.pitch + np.interp(blocks, np.arange(len(curve)), curve)
        rise = np.clip(np.arange(count) * FRAME_S / attack_s, 0.0, 1.0)
        swell = 0.85 + 0.15 * np.sin(np.pi * np.arange(count) / count)
        level[first : first + count] = (
            note.velocity * swell * (1.0 if is_tied(before, note) else rise)
        )
        before = note
    if before is None:
        return np.zeros(n_samples, np.float32)
    known = np.flatnonzero(np.isfinite(pitch))
    hold = known[np.clip(np.searchsorted(known, np.arange(n_frames), "right") - 1, 0, None)]
    frequency_hz = pitch_to_hz(pitch[hold])
    window = np.hanning(7)[1:-1]
    level = np.convolve(level, window / window.sum(), "same")
    n_harmonics = int(np.clip(_HIGHEST_HZ / np.median(frequency_hz), 4, 60))
    hz = frequency_hz[:, None] * np.arange(1, n_harmonics + 1)
    amplitudes = level[:, None] * spectrum(hz, level[:, None])
    amplitudes[hz > _HIGHEST_HZ] = 0.0
    output = np.zeros(n_samples)
    add_harmonics(output, 0, frequency_hz, amplitudes, n_frame, float(SAMPLE_RATE_HZ))
    return output.astype(np.float32)


def _bells(hz: np.ndarray, bells: list[tuple[float, float, float]]) -> np.ndarray:
    """Amplitude factor of a body's resonances (Hz, dB, octaves wide)."""
    gain_db = sum(
        db * np.exp(-np.square(np.log2(np.maximum(hz, 1.0) / centre) / width))
        for centre, db, width in bells
    )
    return 10.0 ** (gain_db / 20.0)


def _noise_along(
    tone: np.ndarray, low_hz: float, high_hz: float, rng: np.random.Generator
) -> np.ndarray:
    """Noise that is there where the tone is, unit level against it."""
    power = ndimage.uniform_filter1d(np.square(tone), to_samples(0.02), mode="constant")
    noise = rng.standard_normal(len(tone)).astype(np.float32)
    noise = band_pass(noise, low_hz, high_hz, order=1)
    return (noise * np.sqrt(np.maximum(power, 0.0)) / np.sqrt(np.mean(np.square(noise)))).astype(
        np.float32
    )


def blown(notes: list[Note], n_samples: int, rng: np.random.Generator) -> np.ndarray:
    """A flute or a whistle: few harmonics, much breath, [samples]."""
    steepness, breath = rng.uniform(1.2, 2.6), rng.uniform(0.008, 0.05)
    odd = rng.uniform(0.3, 1.0)

    def spectrum(hz: np.ndarray, level: np.ndarray) -> np.ndarray:
        number = np.arange(1, hz.shape[1] + 1)
        even = np.where(number % 2 == 0, odd, 1.0)
        return even / number ** (steepness + 0.8 * (1.0 - level))

    expression = Expression(
        vibrato_hz=rng.uniform(4.5, 6.0), vibrato=rng.uniform(0.1, 0.35), glide_chance=0.1,
        scoop_chance=rng.uniform(0.0, 0.3), scoop=0.8, fall_chance=0.05,
    )  # fmt: skip
    tone = harmonic_line(notes, n_samples, expression, spectrum, rng.uniform(0.03, 0.09), rng)
    return to_unit_active_rms(tone + breath * _noise_along(tone, 1200.0, 7000.0, rng))


def bowed(notes: list[Note], n_samples: int, rng: np.random.Generator) -> np.ndarray:
    """A violin or cello: a saw through a wooden body, slides and vibrato, a little rosin."""
    body = [
        (rng.uniform(260, 300), rng.uniform(2, 6), 0.25),
        (rng.uniform(430, 520), rng.uniform(3, 7), 0.25),
        (rng.uniform(700, 1000), rng.uniform(-6, 2), 0.4),
        (rng.uniform(2000, 2900), rng.uniform(3, 8), 0.5),
        *[(float(np.exp(rng.uniform(5.5, 8.7))), rng.normal(0.0, 4.0), 0.08) for _ in range(10)],
    ]
    fall_hz = rng.uniform(3500.0, 6500.0)

    def spectrum(hz: np.ndarray, level: np.ndarray) -> np.ndarray:
        number = np.arange(1, hz.shape[1] + 1)
        return _bells(hz, body) / number / (1.0 + (hz / fall_hz) ** 2)

    expression = Expression(
        vibrato_hz=rng.uniform(5.0, 6.8), vibrato=rng.uniform(0.15, 0.4), vibrato_delay_s=0.1,
        glide_chance=rng.uniform(0.1, 0.5), glide_s=rng.uniform(0.05, 0.12), scoop_chance=0.15,
        fall_chance=0.0,
    )  # fmt: skip
    tone = harmonic_line(notes, n_samples, expression, spectrum, rng.uniform(0.03, 0.12), rng)
    rosin = rng.uniform(0.01, 0.05) * _noise_along(tone, 2500.0, 9000.0, rng)
    return to_unit_active_rms(tone + rosin)


def talking(notes: list[Note], n_samples: int, rng: np.random.Generator) -> np.ndarray:
    """A talk box: a synthesiser's saw through a mouth that opens and closes, [samples].

    Steps of exact pitch with portamento and no breath, which a voice has not.
    """
    mouth_hz = rng.uniform(0.8, 3.5)
    closed, opened = np.array([320.0, 850.0, 2300.0]), np.array([720.0, 1250.0, 2550.0])
    opened = opened * rng.uniform(0.9, 1.15)
    sharpness = rng.uniform(0.12, 0.2)
    phase = rng.random()

    def spectrum(hz: np.ndarray, level: np.ndarray) -> np.ndarray:
        time_s = np.arange(len(hz)) * FRAME_S
        opening = 0.5 + 0.5 * np.sin(2.0 * np.pi * (mouth_hz * time_s + phase))
        formants = closed + (opened - closed) * opening[:, None]
        number = np.arange(1, hz.shape[1] + 1)
        gain = np.full(hz.shape, 0.04)
        for k in range(3):
            distance = np.log2(hz / formants[:, k : k + 1]) / sharpness
            gain += (1.0, 0.8, 0.4)[k] / (1.0 + np.square(distance))
        return gain / number

    expression = Expression(
        vibrato_hz=rng.uniform(5.0, 6.5), vibrato=float(rng.choice([0.0, 0.0, 0.3])),
        glide_chance=0.9, glide_s=rng.uniform(0.03, 0.12), scoop_chance=0.2, scoop=2.0,
        fall_chance=0.1,
    )  # fmt: skip
    tone = harmonic_line(notes, n_samples, expression, spectrum, 0.01, rng)
    return to_unit_active_rms(np.tanh(rng.uniform(0.5, 2.0) * to_unit_active_rms(tone)))
