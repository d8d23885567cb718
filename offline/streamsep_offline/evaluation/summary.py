"""Many songs in a few numbers: averages by stem, and by kind of music.

SDR and its scale are means over songs, and share closed is taken of those means, so that a song with a
short scale does not decide; BSSEval is the median over songs of medians over seconds, as museval has it;
the row of all stems is the mean over stems. What is not defined is left out of every average.
"""

from __future__ import annotations

import math
import statistics
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from streamsep_offline.evaluation.figures import FIGURES
from streamsep_offline.evaluation.results import SongResult, StemResult, share

_SCALE = ("nothing_db", "sdr_db", "ideal_db")


@dataclass(frozen=True)
class Average:
    """Figures of one stem over songs.

    Attributes:
        stem: Name, or "all stems".
        n_songs: Songs in which at least one figure is defined.
        figures: By key; NaN where no song has one.
        share_closed: NaN where it was not asked for.
    """

    stem: str
    n_songs: int
    figures: dict[str, float]
    share_closed: float


def by_stem(songs: Iterable[SongResult]) -> list[Average]:
    """An average per stem, in the order of first appearance."""
    rows: dict[str, list[StemResult]] = {}
    for song in songs:
        for result in song.stems:
            rows.setdefault(result.stem, []).append(result)
    return [_average(stem, results) for stem, results in rows.items()]


def all_stems(averages: Sequence[Average]) -> Average:
    """The mean over stems."""
    keys = dict.fromkeys(key for average in averages for key in average.figures)
    return Average(
        "all stems",
        max((a.n_songs for a in averages), default=0),
        {key: _mean([a.figures.get(key, math.nan) for a in averages]) for key in keys},
        _mean([a.share_closed for a in averages]),
    )


def by_kind(songs: Sequence[SongResult]) -> dict[str, list[Average]]:
    """Averages per stem for every kind of music, by name; songs of unknown kind are under ""."""
    kinds = sorted({song.kind for song in songs})
    return {kind: by_stem([song for song in songs if song.kind == kind]) for kind in kinds}


def _average(stem: str, results: list[StemResult]) -> Average:
    keys = [key for key in FIGURES if any(key in r.figures for r in results)]
    # The three figures of the scale belong together: all of them from the same songs.
    whole = [r for r in results if not math.isnan(r.figures["sdr_db"])]
    figures = {}
    for key in keys:
        values = [r.figures.get(key, math.nan) for r in (whole if key in _SCALE else results)]
        figures[key] = _median(values) if FIGURES[key].by == "median" else _mean(values)
    n_songs = sum(any(not math.isnan(x) for x in r.figures.values()) for r in results)
    return Average(stem, n_songs, figures, share(figures))


def _defined(values: Iterable[float]) -> list[float]:
    return [x for x in values if not math.isnan(x)]


def _mean(values: Iterable[float]) -> float:
    defined = _defined(values)
    return statistics.fmean(defined) if defined else math.nan


def _median(values: Iterable[float]) -> float:
    defined = _defined(values)
    return statistics.median(defined) if defined else math.nan
