"""How well stems were recovered, on a scale that can be compared between songs and data sets.

SDR is measured in windows of one second in which the reference sounds, and the median is taken. A
stem's scale runs from *doing nothing* (the mixture divided by the number of stems) to the *ideal
ratio mask*, which knows the true stems; the share closed says how far along it an estimate is:

    share = (SDR - SDR of doing nothing) / (SDR of the ideal mask - SDR of doing nothing)

The ideal mask is always taken at the windows of the profile `stage`, so that shares of several
profiles compare. Conventions: stems [targets, channels, samples]. Out of scope: BSSEval, which
forgives filters.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from streamsep.errors import ShapeError
from streamsep.overlap_add import change_spectra
from streamsep.spec import PROFILES

SOUNDING_POWER = 1e-5
"""Mean power of a window above which a reference sounds: -50 dBFS."""

MIN_WINDOWS = 3
"""Sounding windows below which no median is taken."""


@dataclass(frozen=True)
class StemScore:
    """Scores of one stem, in dB; NaN where its reference hardly sounds.

    Attributes:
        stem: Name.
        nothing_db: SDR of the mixture divided by the number of stems.
        estimate_db: SDR of the estimate.
        ideal_db: SDR of the ideal ratio mask.
    """

    stem: str
    nothing_db: float
    estimate_db: float
    ideal_db: float

    @property
    def share_closed(self) -> float:
        """Part of the way from doing nothing (0) to the ideal mask (1); below 0 it does harm."""
        return (self.estimate_db - self.nothing_db) / (self.ideal_db - self.nothing_db)


def score_stems(
    names: tuple[str, ...], references: np.ndarray, estimates: np.ndarray, sample_rate: int
) -> list[StemScore]:
    """Score every stem of a song; the mixture is the sum of the references.

    Args:
        names: Of the stems.
        references: True stems. [targets, channels, n]
        estimates: Stems to be scored, aligned. [targets, channels, n]
        sample_rate: In Hz.

    Raises:
        ShapeError: The shapes differ.
    """
    if references.shape != estimates.shape or len(names) != len(references):
        raise ShapeError(
            f"references {references.shape}, estimates {estimates.shape} and {len(names)} names "
            "differ; pass [targets, channels, samples] of the same stems"
        )
    nothing = references.sum(axis=0) / len(names)
    ideal = ideal_ratio_stems(references)
    return [
        StemScore(name, *(sdr_db(reference, x, sample_rate) for x in (nothing, estimate, best)))
        for name, reference, estimate, best in zip(names, references, estimates, ideal, strict=True)
    ]


def sdr_db(reference: np.ndarray, estimate: np.ndarray, sample_rate: int) -> float:
    """Median over sounding seconds of 10 log10(reference power / power of the difference).

    Args:
        reference: True stem. [channels, n]
        estimate: Aligned estimate. [channels, n]
        sample_rate: In Hz.

    Returns:
        dB; NaN where the reference sounds in fewer than `MIN_WINDOWS` seconds.
    """
    n_windows = reference.shape[-1] // sample_rate
    whole = np.s_[:, : n_windows * sample_rate]
    error = reference[whole].astype(np.float64) - estimate[whole]
    power = _power_per_second(reference[whole].astype(np.float64), n_windows)
    lost = _power_per_second(error, n_windows) + 1e-12
    sounding = power > SOUNDING_POWER
    if np.count_nonzero(sounding) < MIN_WINDOWS:
        return math.nan
    return float(np.median(10.0 * np.log10(power[sounding] / lost[sounding])))


def _power_per_second(x: np.ndarray, n_windows: int) -> np.ndarray:
    return np.mean(x.reshape(len(x), n_windows, -1) ** 2, axis=(0, 2)) if n_windows else np.zeros(0)


def ideal_ratio_stems(references: np.ndarray) -> np.ndarray:
    """Stems by the ideal ratio mask |S_j| / sum_i |S_i| on the mixture, at the windows of `stage`.

    Args:
        references: True stems. [targets, channels, n]

    Returns:
        float32 [targets, channels, n].
    """

    def mask(spectra: np.ndarray) -> np.ndarray:
        magnitudes = np.abs(spectra)
        return magnitudes / (magnitudes.sum(axis=0) + 1e-10) * spectra.sum(axis=0)

    return change_spectra(references, PROFILES["stage"], mask)
