"""Syllables of a voice that was taken apart: where they are, how loud, found once for a song."""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from scipy import signal

from streamsep_offline.maker.notes import SAMPLE_RATE_HZ
from streamsep_offline.maker.voices.world import N_BINS, N_FFT


@dataclass(frozen=True)
class Syllable:
    """A piece of a voice between dips of loudness.

    Attributes:
        start: Its first frame.
        vowel: Where the vowel begins.
        end: The frame after its last one.
        level_db: Of the vowel.
    """

    start: int
    vowel: int
    end: int
    level_db: float


def loudness_db(frames: np.ndarray) -> np.ndarray:
    """Level of each frame between 80 Hz and 6 kHz, smoothed over 50 ms, [frames]."""
    low, high = (round(hz * N_FFT / SAMPLE_RATE_HZ) for hz in (80, 6000))
    envelope = frames[:, frames.shape[1] - N_BINS :]
    power = np.exp(envelope[:, low:high].astype(np.float32)).mean(axis=1)
    level_db = 10.0 * np.log10(power + 1e-16)
    return np.convolve(np.pad(level_db, 2, mode="edge"), np.ones(5) / 5.0, "valid")


def find_syllables(frames: np.ndarray) -> list[Syllable]:
    """Syllables of a voice: between dips of at least 3 dB, at least 80 ms, mostly voiced."""
    level_db = loudness_db(frames)
    dips, _ = signal.find_peaks(-level_db, prominence=3.0, distance=8)
    floor_db = np.percentile(level_db, 98) - 32.0
    bounds = [0, *dips.tolist(), len(frames)]
    is_voiced = np.isfinite(frames[:, 0])
    syllables = []
    for begin, stop in itertools.pairwise(bounds):
        loud = np.flatnonzero(level_db[begin:stop] > floor_db)
        if not len(loud):
            continue
        start, end = begin + int(loud[0]), begin + int(loud[-1]) + 1
        voiced = np.flatnonzero(is_voiced[start:end])
        if end - start < 8 or len(voiced) < 0.4 * (end - start):
            continue
        vowel = start + min(int(voiced[0]) + 3, (end - start) // 2)
        syllables.append(Syllable(start, vowel, end, float(level_db[vowel])))
    return syllables


@dataclass(frozen=True, eq=False)
class Words:
    """What somebody said or sang, to be sung on other notes as often as asked.

    Attributes:
        frames: Analysis of the voice, see `world`. [frames, columns]
    """

    frames: np.ndarray

    @cached_property
    def syllables(self) -> list[Syllable]:
        """In the order in which they were spoken."""
        return find_syllables(self.frames)
