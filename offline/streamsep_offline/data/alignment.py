"""Is a mixture the sum of its stems? If not: which file begins early or late, or at another level?"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from streamsep_offline.data.song import Song

_N_EXCERPTS, _EXCERPT_S = 6, 10.0

_SEARCH_S = 1.0
"""Lags beyond this are not looked for."""

_BETTER_DB = 6.0
"""An explanation has to lower the rest by this much."""

_FLOOR_DB = -120.0


@dataclass(frozen=True)
class Alignment:
    """How the sum of the stems fits the mixture.

    Attributes:
        rest_db: Level of mixture minus sum, relative to the mixture.
        stem: Which stem is shifted; "" where the mixture itself is, or none.
        lag: Samples that it is late; negative if early.
        gain_db: Level of the mixture relative to the sum, where that explains the rest; else 0.
    """

    rest_db: float
    stem: str = ""
    lag: int = 0
    gain_db: float = 0.0


def align(song: Song, tolerance_db: float) -> Alignment:
    """Compare a song's mixture with its stems, in up to a minute of it.

    Args:
        song: Has a mixture of its own.
        tolerance_db: Where the rest is above this, an explanation is looked for.

    Raises:
        AudioFileError: A file is unreadable.
    """
    n = min(song.n_samples, round(_EXCERPT_S * song.sample_rate))
    starts = np.unique(np.linspace(0, song.n_samples - n, _N_EXCERPTS).astype(int))
    rests, loudest = np.zeros(2), (-1.0, 0)
    for start in starts:
        mixture, stems = _read(song, int(start), n)
        rests += np.sum((mixture - stems.sum(axis=0)) ** 2), np.sum(mixture**2)
        loudest = max(loudest, (float(np.min(np.sum(stems**2, axis=(1, 2)))), int(start)))
    rest_db = _ratio_db(rests[0], rests[1])
    if rest_db <= tolerance_db or rests[1] == 0.0:
        return Alignment(rest_db)
    mixture, stems = _read(song, loudest[1], n)
    return _explain(song, mixture, stems, rest_db)


def _explain(song: Song, mixture: np.ndarray, stems: np.ndarray, rest_db: float) -> Alignment:
    """The first explanation that leaves little enough."""
    reach = min(round(_SEARCH_S * song.sample_rate), mixture.shape[1] // 4)
    total = stems.sum(axis=0)
    before = _rest_db(mixture, total, 0, reach)
    lag = _find_lag(total, mixture, reach)
    if lag and _rest_db(mixture, total, lag, reach) < before - _BETTER_DB:
        return Alignment(rest_db, "", lag)
    best = (before - _BETTER_DB, Alignment(rest_db))
    for name, stem in zip(song.stems, stems, strict=True):
        wanted = mixture - (total - stem)
        lag = _find_lag(wanted, stem, reach)
        scale = _ratio_db(float(np.sum(wanted**2)), float(np.sum(mixture**2)))
        left = _rest_db(wanted, stem, -lag, reach) + scale
        if lag:
            best = min(best, (left, Alignment(rest_db, name, lag)), key=lambda pair: pair[0])
    if best[1].lag:
        return best[1]
    gain = float(np.sum(mixture * total) / max(np.sum(total**2), 1e-12))
    if gain > 0.0 and _rest_db(mixture, gain * total, 0, reach) < before - _BETTER_DB:
        return Alignment(rest_db, gain_db=float(20.0 * np.log10(gain)))
    return Alignment(rest_db)


def _read(song: Song, start: int, n: int) -> tuple[np.ndarray, np.ndarray]:
    stems = np.stack([song.read_stem(name, start, n) for name in song.stems])
    return song.read_mixture(start, n), stems


def _find_lag(early: np.ndarray, late: np.ndarray, reach: int) -> int:
    """Samples by which the second signal is later than the first, by cross-correlation. [2, n] each."""
    n = early.shape[1] + reach
    # Differences instead of samples: bass would make the peak broad.
    a, b = (np.fft.rfft(np.diff(x.sum(axis=0)), 2 * n) for x in (early, late))
    correlation = np.fft.irfft(a.conj() * b)
    lags = np.r_[0 : reach + 1, -reach:0]
    return int(lags[np.argmax(correlation[lags])])


def _rest_db(wanted: np.ndarray, given: np.ndarray, lag: int, reach: int) -> float:
    """What is left when `given` is made later by a lag, away from the edges. [2, n] each."""
    inside = slice(reach, wanted.shape[1] - reach)
    shifted = np.roll(given, lag, axis=1)[:, inside]
    rest = wanted[:, inside] - shifted
    return _ratio_db(float(np.sum(rest**2)), float(np.sum(wanted[:, inside] ** 2)))


def _ratio_db(a: float, b: float) -> float:
    return max(float(10.0 * np.log10((a + 1e-20) / (b + 1e-20))), _FLOOR_DB)
