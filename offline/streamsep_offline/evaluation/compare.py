"""Are two runs different, or is it luck? Paired by song.

For each stem and figure the differences d = B - A of the songs that both runs have: their mean, a 95 %
confidence interval of the mean by the bootstrap (10,000 draws of as many songs, percentiles), and the p of
Wilcoxon's signed-rank test that d lies symmetrically around 0 (songs without a difference count for both
sides, as Pratt has it). The row of all stems takes a song's mean over stems. A difference is shown where
p < 0.05 and the interval leaves 0 out; with fewer than 6 songs p cannot be below 0.05.

Sources: F. Wilcoxon, "Individual comparisons by ranking methods", Biometrics Bulletin 1(6), 1945;
B. Efron, R. Tibshirani, "An Introduction to the Bootstrap", 1993.
"""

from __future__ import annotations

import importlib.util
import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from streamsep.errors import MissingExtraError, ParameterError
from streamsep_offline.evaluation.figures import FIGURES
from streamsep_offline.evaluation.results import Run

COMPARED = ("bss_sdr_db", "sdr_db", "si_sdr_db", "leakage_db")
"""Figures that are compared, where both runs have them."""

ALL_STEMS = "all stems"

_DRAWS = 10_000
_LEVEL = 0.05
_SAME_DB = 1e-4
"""Differences below this are rounding of the report."""


@dataclass(frozen=True)
class Difference:
    """B minus A, of one figure of one stem.

    Attributes:
        stem: Name, or `ALL_STEMS`.
        figure: Key.
        n_songs: Pairs.
        mean_a: In dB.
        mean_b: In dB.
        mean: Of the differences, in dB.
        low: Lower end of the mean's confidence interval; NaN for a single song.
        high: Upper end.
        p: Of the signed-rank test.
    """

    stem: str
    figure: str
    n_songs: int
    mean_a: float
    mean_b: float
    mean: float
    low: float
    high: float
    p: float

    @property
    def verdict(self) -> str:
        """One word or two for people."""
        if not (self.p < _LEVEL and (self.low > 0.0 or self.high < 0.0)):
            return "none shown"
        is_better = (self.mean > 0.0) == FIGURES[self.figure].is_higher_better
        return "B is better" if is_better else "A is better"


def require_scipy() -> None:
    """Say what to install.

    Raises:
        MissingExtraError: scipy is not installed.
    """
    if importlib.util.find_spec("scipy") is None:
        raise MissingExtraError("the paired test", "scipy", "train")


def compare(a: Run, b: Run) -> list[Difference]:
    """Differences by stem and figure.

    Raises:
        ParameterError: The runs have no song, stem and figure in common, or scored other parts of them.
        MissingExtraError: scipy is not installed.
    """
    require_scipy()
    _check_parts(a, b)
    tables = [_values(run) for run in (a, b)]
    stems = dict.fromkeys(stem for _, stem, _ in tables[0])
    found = []
    for figure in COMPARED:
        paired: dict[str, dict[str, tuple[float, float]]] = {}
        for (song, stem, key), value in tables[0].items():
            if key == figure and (song, stem, key) in tables[1]:
                paired.setdefault(stem, {})[song] = value, tables[1][song, stem, key]
        rows = [(stem, list(paired[stem].values())) for stem in stems if stem in paired]
        if len(rows) > 1:
            songs = dict.fromkeys(song for by_song in paired.values() for song in by_song)
            means = [
                tuple(np.mean([by_song[song] for by_song in paired.values() if song in by_song], 0))
                for song in songs
            ]
            rows.append((ALL_STEMS, [(float(x), float(y)) for x, y in means]))
        found += [difference(stem, figure, pairs) for stem, pairs in rows]
    if not found:
        raise ParameterError(
            "the runs have no song, stem and figure in common; evaluate both on the same --data"
        )
    return found


def difference(stem: str, figure: str, pairs: Sequence[tuple[float, float]]) -> Difference:
    """The statistics of pairs (A, B)."""
    from scipy.stats import wilcoxon

    a, b = np.array(pairs, np.float64).T
    d = np.where(np.abs(b - a) < _SAME_DB, 0.0, b - a)
    low = high = math.nan
    if len(d) > 1:
        draws = np.random.default_rng(0).integers(len(d), size=(_DRAWS, len(d)))
        low, high = (float(x) for x in np.percentile(d[draws].mean(axis=1), (2.5, 97.5)))
    p = 1.0
    if np.any(d):
        # Exact where it can be: no ties, no zeros, few songs.
        method = "exact" if len(d) <= 50 and _are_distinct(d) else "asymptotic"
        p = float(wilcoxon(d, zero_method="pratt", method=method).pvalue)
    return Difference(
        stem, figure, len(d), float(a.mean()), float(b.mean()), float(d.mean()), low, high, p
    )


def _are_distinct(d: np.ndarray) -> bool:
    return bool(np.all(d != 0.0)) and len(np.unique(np.abs(d))) == len(d)


def _values(run: Run) -> dict[tuple[str, str, str], float]:
    """Figures by song, stem and key, as far as they are defined."""
    return {
        (song.song, stem.stem, key): value
        for song in run.songs
        for stem in song.stems
        for key, value in stem.figures.items()
        if not math.isnan(value)
    }


def _check_parts(a: Run, b: Run) -> None:
    lengths = [{song.song: song.seconds for song in run.songs} for run in (a, b)]
    for name, seconds in lengths[0].items():
        other = lengths[1].get(name, seconds)
        starts = [run.settings.get("start_s", 0.0) for run in (a, b)]
        if abs(seconds - other) > 0.01 or starts[0] != starts[1]:
            raise ParameterError(
                f"the runs scored other parts of '{name}': {seconds:g} s from {starts[0]:g} s and "
                f"{other:g} s from {starts[1]:g} s; evaluate both with the same --start and --duration"
            )
