"""Pitch of a recorded note by autocorrelation; which notes a phrase is made of."""

from __future__ import annotations

import numpy as np
from scipy import fft

from streamsep_offline.maker.notes import SAMPLE_RATE_HZ, to_samples

_LOWEST_HZ, _HIGHEST_HZ = 27.0, 2000.0
_PERIODIC = 0.75
"""Autocorrelation at the period from which on a sound has a pitch."""

_N_FFT = 8192


def measured_pitch(audio: np.ndarray) -> float | None:
    """MIDI pitch of the loudest part of a note [channels, samples]; None of noise and of chords.

    The shortest period is taken whose correlation comes near the best one's: so the octave below,
    whose period repeats the waveform as well, is not.
    """
    mono = audio.mean(axis=0).astype(np.float64)
    n = min(len(mono), to_samples(0.4))
    if n < to_samples(0.06):
        return None
    power = np.cumsum(np.concatenate([[0.0], mono**2]))
    energy = power[n:] - power[:-n]
    start = int(np.argmax(energy))
    part = mono[start : start + n] - mono[start : start + n].mean()
    if not np.square(part).sum() > 1e-9:
        return None
    n_fft = fft.next_fast_len(2 * n, real=True)
    correlation = fft.irfft(np.abs(fft.rfft(part, n_fft)) ** 2, n_fft)[: n // 2]
    before = np.cumsum(part[::-1] ** 2)[::-1]
    after = np.cumsum(part**2)[::-1]
    # what overlaps at a lag, at its own power: else long periods would look weak
    correlation /= np.sqrt(before * after)[: n // 2] + 1e-12
    shortest = int(SAMPLE_RATE_HZ / _HIGHEST_HZ)
    longest = min(len(correlation) - 2, int(SAMPLE_RATE_HZ / _LOWEST_HZ))
    lags = np.arange(shortest, longest)
    here = correlation[shortest:longest]
    is_peak = (here >= correlation[shortest - 1 : longest - 1]) & (
        here > correlation[shortest + 1 : longest + 1]
    )
    if not is_peak.any() or here[is_peak].max() < _PERIODIC:
        return None
    lag = lags[is_peak & (here > 0.93 * here[is_peak].max())][0]
    a, b, c = correlation[lag - 1 : lag + 2]
    curve = a - 2.0 * b + c
    period = lag + (0.5 * (a - c) / curve if curve else 0.0)
    return 69.0 + 12.0 * float(np.log2(SAMPLE_RATE_HZ / period / 440.0))


def chroma(audio: np.ndarray) -> np.ndarray:
    """How much each of the twelve pitch classes sounds, C first, summing to 1, [12]."""
    mono = audio.mean(axis=0)
    n_frames = max(1, (len(mono) - _N_FFT) // (_N_FFT // 2) + 1)
    mono = np.pad(mono, (0, max(0, _N_FFT - len(mono))))
    starts = np.arange(n_frames) * (_N_FFT // 2)
    frames = mono[starts[:, None] + np.arange(_N_FFT)] * np.hanning(_N_FFT)
    magnitude = np.abs(fft.rfft(frames, axis=1)).sum(axis=0)
    hz = np.arange(len(magnitude)) * SAMPLE_RATE_HZ / _N_FFT
    is_pitched = (hz > 80.0) & (hz < 2000.0)
    classes = np.round(69.0 + 12.0 * np.log2(hz[is_pitched] / 440.0)).astype(int) % 12
    found = np.bincount(classes, np.square(magnitude[is_pitched]), 12)
    return found / (found.sum() + 1e-20)


def shift_into_key(classes: np.ndarray, key: int, scale: tuple[int, ...], most: int = 3) -> int:
    """By how many semitones a phrase must be moved for most of it to lie in a scale.

    Args:
        classes: Of `chroma`.
        key: MIDI pitch of the tonic.
        scale: Semitones above it.
        most: Largest shift; of two that fit as well the smaller one is taken.
    """
    wanted = np.zeros(12)
    wanted[[(key + step) % 12 for step in scale]] = 1.0
    wanted[key % 12] += 0.3
    shifts = sorted(range(-most, most + 1), key=abs)
    fits = [float(wanted @ np.roll(classes, shift)) - 0.005 * abs(shift) for shift in shifts]
    return shifts[int(np.argmax(fits))]
