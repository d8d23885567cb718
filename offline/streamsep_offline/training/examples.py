"""Training examples: five seconds of a mix, mixed anew from the stems of one song or of several.

Half of the examples are coherent (one song), half put stems of four songs together. Levels, widths,
sides and colours vary; some mixes are mono, some stems are absent. Filters are applied to spectra,
so that each stem stays exactly known.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch

from streamsep.spec import Profile
from streamsep.stft import Analysis
from streamsep_offline.augment.curve import random_curve
from streamsep_offline.training.songs import SAMPLE_RATE, STEMS, Song

SECONDS = 5.0
"""Length of an example."""

_SOUNDING = 1e-5
_MIXING_LEVEL_DB = (-21.0, -20.0, -22.0, -20.0)
_DROPPED = (0.10, 0.05, 0.10, 0.04)


@dataclass(frozen=True)
class Varying:
    """How much examples vary.

    Attributes:
        coherent: Share of examples whose stems come from one song.
        coherent_db: Standard deviation of the stems' gains in these.
        remixed_db: The same where stems are levelled and put together.
        curve_db: Standard deviation of a stem's filter at seven frequencies.
        mono: Share of mono mixes.
        narrow: Share of narrow mixes.
        quiet_vocals: Share with vocals 8 dB down.
    """

    coherent: float = 0.5
    coherent_db: float = 3.0
    remixed_db: float = 3.5
    curve_db: float = 2.5
    mono: float = 0.08
    narrow: float = 0.06
    quiet_vocals: float = 0.15


def draw_stems(rng: np.random.Generator, songs: Sequence[Song], varying: Varying) -> np.ndarray:
    """Stems of one example before their filters, float32 [targets, 2, samples].

    Args:
        rng: Random numbers.
        songs: To draw from.
        varying: How much.
    """
    if rng.random() < varying.coherent:
        stems = _coherent(rng, songs[rng.integers(len(songs))])
        gains_db = rng.normal(0.0, varying.coherent_db, len(STEMS))
    else:
        stems = np.stack([_one(rng, songs, j) for j in range(len(STEMS))])
        power_db = 10.0 * np.log10((stems**2).mean(axis=(1, 2)) + 1e-12)
        gains_db = np.array(_MIXING_LEVEL_DB) - power_db
        gains_db += rng.normal(0.0, varying.remixed_db, len(STEMS))
        gains_db[power_db < -50.0] = 0.0
    if rng.random() < varying.quiet_vocals:
        gains_db[0] -= 8.0
    chance, width = rng.random(), 1.0
    if chance < varying.mono:
        width = 0.0
    elif chance < varying.mono + varying.narrow:
        width = rng.uniform(0.05, 0.35)
    for j in range(len(STEMS)):
        stems[j] = _place(rng, stems[j], width, is_wide=STEMS[j] == "other")
        if rng.random() < _DROPPED[j]:
            gains_db[j] -= 60.0
    return (stems * 10.0 ** (gains_db[:, None, None] / 20.0)).astype(np.float32)


def draw_spectra(
    rng: np.random.Generator, songs: Sequence[Song], varying: Varying, profile: Profile
) -> torch.Tensor:
    """Spectra of the stems of one example, filtered; complex [targets, 2, bins, frames]."""
    stems = draw_stems(rng, songs, varying)
    whole = stems.shape[-1] // profile.hop * profile.hop
    spectra = Analysis(profile, 2).offline(torch.from_numpy(stems[..., :whole].copy()))
    for j in range(len(STEMS)):
        if rng.random() < 0.6:
            spectra[j] *= _curve(rng, varying.curve_db, profile)[:, None]
    return spectra


def _coherent(rng: np.random.Generator, song: Song) -> np.ndarray:
    """An excerpt in which at least three stems sound, if eight trials find one."""
    n = int(SECONDS * SAMPLE_RATE)
    for _ in range(8):
        start = int(rng.integers(0, song.n_samples - n))
        stems = np.stack([song.read(j, start, n) for j in range(len(STEMS))])
        if np.count_nonzero((stems**2).mean(axis=(1, 2)) > _SOUNDING) >= 3:
            break
    return stems


def _one(rng: np.random.Generator, songs: Sequence[Song], stem: int) -> np.ndarray:
    """An excerpt of a stem of any song; mostly one that sounds."""
    n = int(SECONDS * SAMPLE_RATE)
    song = songs[rng.integers(len(songs))]
    for _ in range(6):
        x = song.read(stem, int(rng.integers(0, song.n_samples - n)), n)
        if (x**2).mean() > _SOUNDING or rng.random() < 0.15:
            break
    return x


def _place(rng: np.random.Generator, x: np.ndarray, width: float, is_wide: bool) -> np.ndarray:
    """Swap sides and change the width of a stem. [2, samples]"""
    if rng.random() < 0.5:
        x = x[::-1]
    if rng.random() < 0.3:
        width *= rng.uniform(0.4, 1.6) if is_wide else rng.uniform(0.0, 1.3)
    middle = x.mean(axis=0)
    return middle + width * (x - middle)


def _curve(rng: np.random.Generator, deviation_db: float, profile: Profile) -> torch.Tensor:
    """Gains of a smooth random filter. [bins]"""
    frequency_hz = np.arange(profile.n_bins) * SAMPLE_RATE / profile.n_fft
    return torch.from_numpy(random_curve(rng, deviation_db, frequency_hz))
