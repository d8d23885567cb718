"""A singing voice from nothing: harmonics under moving formants, breath, noise bursts."""

from __future__ import annotations

import numpy as np
from scipy import ndimage

from streamsep_offline.maker.dynamics import to_unit_rms
from streamsep_offline.maker.filters import band_pass
from streamsep_offline.maker.kernels import add_harmonics
from streamsep_offline.maker.notes import SAMPLE_RATE_HZ, pitch_to_hz, to_samples
from streamsep_offline.maker.voices.contour import FRAME_S, Manner, Phrase, pitch_contour

VOWELS_HZ = {
    "a": (730, 1090, 2440, 3400),
    "e": (530, 1840, 2480, 3500),
    "i": (290, 2250, 3000, 3600),
    "o": (570, 840, 2410, 3300),
    "u": (310, 870, 2240, 3200),
    "ae": (660, 1720, 2410, 3500),
    "er": (490, 1350, 1690, 3300),
}
"""First four formants (after Peterson and Barney, 1952; the fourth is typical)."""

_BANDWIDTHS_HZ = np.array([96.0, 120.0, 168.0, 240.0])
_LEVELS = np.array([1.0, 0.7, 0.35, 0.25])


def sing_formants(
    phrases: list[Phrase],
    n_samples: int,
    rng: np.random.Generator,
    manner: Manner | None = None,
) -> np.ndarray:
    """Phrases with a random vowel per syllable, [samples]."""
    output = np.zeros(n_samples, np.float32)
    size, tilt, breath = rng.uniform(0.9, 1.25), rng.uniform(0.6, 1.1), rng.uniform(0.01, 0.08)
    for phrase in phrases:
        start = to_samples(phrase[0].start_s)
        total_s = phrase[-1].start_s + phrase[-1].duration_s - phrase[0].start_s
        n_frames = int(total_s / FRAME_S)
        if n_frames < 12 or start >= n_samples:
            continue
        voice = to_unit_rms(_tone(phrase, n_frames, size, tilt, rng, manner))
        noise = band_pass(rng.standard_normal(len(voice)).astype(np.float32), 2500, 11000, 1)
        voice = _articulated(voice + breath * noise, phrase, rng)
        part = output[start : start + len(voice)]
        part += voice[: len(part)]
    return output


def _tone(
    phrase: Phrase,
    n_frames: int,
    size: float,
    tilt: float,
    rng: np.random.Generator,
    manner: Manner | None,
) -> np.ndarray:
    """The voiced part of a phrase, [samples]."""
    time_s = np.arange(n_frames) * FRAME_S
    frequency_hz = pitch_to_hz(pitch_contour(phrase, n_frames, rng, manner))
    names = list(VOWELS_HZ)
    formants = np.empty((n_frames, 4))
    vowel = size * np.array(VOWELS_HZ[names[rng.integers(len(names))]])
    for note in phrase:
        if not note.is_slurred:
            vowel = size * np.array(VOWELS_HZ[names[rng.integers(len(names))]])
        formants[time_s >= note.start_s - phrase[0].start_s] = vowel
    window = np.hanning(9)[1:-1] / np.hanning(9).sum()
    padded = np.pad(formants, ((3, 3), (0, 0)), mode="edge")
    formants = np.stack([np.convolve(column, window, "valid") for column in padded.T], axis=1)
    n_harmonics = int(min(70, 12000 / frequency_hz.min()))
    harmonics = np.arange(1, n_harmonics + 1)
    hz = frequency_hz[:, None, None] * harmonics[None, :, None]
    resonances = _LEVELS / (1.0 + np.square((hz - formants[:, None, :]) / _BANDWIDTHS_HZ))
    amplitudes = (resonances.sum(axis=-1) + 0.01) / harmonics**tilt
    amplitudes[hz[..., 0] > 15000.0] = 0.0
    n_frame = to_samples(FRAME_S)
    voice = np.zeros((n_frames - 1) * n_frame)
    add_harmonics(voice, 0, frequency_hz, amplitudes, n_frame, float(SAMPLE_RATE_HZ))
    return voice.astype(np.float32)


def _articulated(voice: np.ndarray, phrase: Phrase, rng: np.random.Generator) -> np.ndarray:
    """Dips and bursts of noise where notes start, fades at both ends, [samples]."""
    voice, level = voice.copy(), np.ones(len(voice), np.float32)
    for note in (note for note in phrase if not note.is_slurred):
        at = to_samples(note.start_s - phrase[0].start_s)
        if rng.random() < 0.6:
            level[max(0, at - to_samples(0.05)) : at + 400] *= rng.uniform(0.05, 0.5)
        if rng.random() < 0.4:
            n = to_samples(rng.uniform(0.04, 0.1))
            low_hz, high_hz = rng.uniform(2500.0, 5000.0), rng.uniform(7000.0, 14000.0)
            burst = band_pass(rng.standard_normal(n).astype(np.float32), low_hz, high_hz, 1)
            part = voice[max(0, at - to_samples(0.06)) :][:n]
            part += (rng.uniform(0.5, 2.0) * burst * np.hanning(n))[: len(part)]
    voice *= ndimage.uniform_filter1d(level, 800, mode="constant")
    n_fade = min(2000, len(voice) // 2)
    voice[:n_fade] *= np.linspace(0.0, 1.0, n_fade, dtype=np.float32)
    voice[len(voice) - n_fade :] *= np.linspace(1.0, 0.0, n_fade, dtype=np.float32)
    return voice
