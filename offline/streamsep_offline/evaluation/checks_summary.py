"""What checks found in many songs: averages by stem and by kind of music, and their table.

Averages are means over songs, and over stems; the share of mono songs is taken, as always, of means; of
`level`, where the worst counts, the worst is taken. What is not defined is left out.
"""

from __future__ import annotations

import math
import statistics
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import NamedTuple

from streamsep_offline.evaluation.checks import CHECK_FIGURES, LEVELS_DBFS
from streamsep_offline.evaluation.figures import Figure
from streamsep_offline.evaluation.results import Run, SongResult, share
from streamsep_offline.evaluation.tables import TextTable

_SCALE = ("sdr_db", "nothing_db", "ideal_db")
_TAKEN: dict[str, Callable[[list[float]], float]] = {
    "mean": statistics.fmean,
    "max": max,
    "min": min,
}


class CheckAverage(NamedTuple):
    """Figures of one stem over songs.

    Attributes:
        stem: Name, or "all stems".
        n_songs: Songs of which anything is known of the stem.
        figures: By key of `checks.CHECK_FIGURES`; NaN where no song has one.
    """

    stem: str
    n_songs: int
    figures: dict[str, float]


def checks_by_stem(songs: Iterable[SongResult]) -> list[CheckAverage]:
    """An average per stem, in the order of first appearance; empty where nothing was checked."""
    rows: dict[str, list[Mapping[str, float]]] = {}
    for song in songs:
        for stem, figures in song.checks.items():
            rows.setdefault(stem, []).append(figures)
    return [_average(stem, found) for stem, found in rows.items()]


def checks_by_kind(songs: Sequence[SongResult]) -> dict[str, list[CheckAverage]]:
    """Averages per stem for every kind of music, by name; empty where there is one kind only."""
    kinds = sorted({song.kind for song in songs})
    if len(kinds) < 2:
        return {}
    return {kind: checks_by_stem(s for s in songs if s.kind == kind) for kind in kinds}


def all_checks(averages: Sequence[CheckAverage]) -> CheckAverage:
    """All stems together."""
    figures = {
        key: _take(figure, [a.figures.get(key, math.nan) for a in averages])
        for key, figure in CHECK_FIGURES.items()
        if any(key in a.figures for a in averages)
    }
    return CheckAverage("all stems", max((a.n_songs for a in averages), default=0), figures)


def check_table(run: Run) -> TextTable | None:
    """A row per stem, below rows per kind of music where there are several; None without checks."""
    if not run.checks:
        return None
    shown = [figure for figure in CHECK_FIGURES.values() if figure.metric in run.checks]
    kinds = checks_by_kind(run.songs)
    rows, n_last = [], 0
    for kind, averages in [*kinds.items(), ("all", checks_by_stem(run.songs))]:
        for a in (*averages, all_checks(averages)):
            cells = [_cell(figure, a.figures.get(figure.key, math.nan)) for figure in shown]
            rows.append((kind or "unknown", a.stem, str(a.n_songs), *cells))
        n_last = len(averages) + 1
    levels = ", ".join(f"{x:g}" for x in LEVELS_DBFS)
    return TextTable(
        "Checks: input that is not a usual mix",
        ("kind", "stem", "songs", *(figure.heading for figure in shown)),
        tuple(rows),
        n_names=2,
        caption="dB, points of share closed; without: of the estimate against the input, less is better; "
        f"mono: against stereo; level: the worst of peaks of {levels} dBFS; 48 kHz: against 44.1 kHz",
        n_footers=n_last if kinds else 1,
    )


def _average(stem: str, found: Sequence[Mapping[str, float]]) -> CheckAverage:
    figures = {
        key: _take(figure, [f.get(key, math.nan) for f in found])
        for key, figure in CHECK_FIGURES.items()
        if any(key in f for f in found)
    }
    if "mono_points" in figures:
        figures["mono_points"] = _points(found)
    return CheckAverage(stem, len(found), figures)


def _points(found: Sequence[Mapping[str, float]]) -> float:
    """Share closed in mono minus in stereo, of means over the songs that have both."""
    whole = [f for f in found if not math.isnan(f.get("mono_points", math.nan))]
    if not whole:
        return math.nan
    narrow, wide = (
        share({key: statistics.fmean(f[f"{side}_{key}"] for f in whole) for key in _SCALE})
        for side in ("mono", "stereo")
    )
    return 100.0 * (narrow - wide)


def _take(figure: Figure, values: Iterable[float]) -> float:
    defined = [x for x in values if not math.isnan(x)]
    return float(_TAKEN[figure.by](defined)) if defined else math.nan


def _cell(figure: Figure, value: float) -> str:
    if math.isnan(value):
        return "-"
    is_signed = figure.key in ("mono_points", "rate_db")
    return f"{value:+.2f}" if is_signed else f"{value:.2f}"
