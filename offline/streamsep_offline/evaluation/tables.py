"""Runs as tables: headings and rows of text, for the terminal and for the page."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from streamsep_offline.evaluation.compare import Difference
from streamsep_offline.evaluation.figures import FIGURES, figures_of
from streamsep_offline.evaluation.results import Run
from streamsep_offline.evaluation.summary import Average, all_stems, by_kind, by_stem


@dataclass(frozen=True)
class TextTable:
    """A table.

    Attributes:
        title: Above it.
        headings: Of the columns.
        rows: Cells.
        n_names: Columns of names; the others are numbers.
        caption: Below it.
        n_footers: Rows at the end that average the others.
    """

    title: str
    headings: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    n_names: int = 1
    caption: str = ""
    n_footers: int = 0


def stem_table(run: Run) -> TextTable:
    """A row per stem: every figure."""
    averages = by_stem(run.songs)
    rows = [_row((a.stem, str(a.n_songs)), a, run) for a in (*averages, all_stems(averages))]
    return TextTable(
        run.title,
        ("stem", "songs", *_headings(run)),
        tuple(rows),
        caption=_caption(run),
        n_footers=1,
    )


def kind_table(run: Run) -> TextTable | None:
    """A row per kind of music and stem; None where there is one kind only."""
    kinds = by_kind(run.songs)
    if len(kinds) < 2:
        return None
    rows = []
    for kind, averages in kinds.items():
        for a in (*averages, all_stems(averages)):
            rows.append(_row((kind or "unknown", a.stem, str(a.n_songs)), a, run))
    return TextTable(
        "By kind of music", ("kind", "stem", "songs", *_headings(run)), tuple(rows), n_names=2
    )


def song_table(run: Run) -> TextTable:
    """A row per song: SDR of every stem; of BSSEval where that was asked for."""
    key = _sdr_key(run)
    stems = [a.stem for a in by_stem(run.songs)]
    rows = []
    for song in run.songs:
        values = {s.stem: s.figures[key] for s in song.stems}
        cells = [_db(values.get(stem, math.nan)) for stem in stems]
        rows.append((song.song, song.kind, f"{song.seconds:.0f}", *cells))
    title = f"{FIGURES[key].heading} by song, dB"
    return TextTable(title, ("song", "kind", "s", *stems), tuple(rows), n_names=2)


def run_table(runs: Sequence[Run]) -> TextTable:
    """A row per run: SDR of every stem and the share closed; the latency ladder."""
    key = next((key for key in map(_sdr_key, runs) if key == "sdr_db"), _sdr_key(runs[0]))
    stems = list(dict.fromkeys(a.stem for run in runs for a in by_stem(run.songs)))
    has_share = all("share" in run.metrics for run in runs)
    rows = []
    for run in runs:
        averages = {a.stem: a for a in by_stem(run.songs)}
        cells = [
            _db(averages[stem].figures[key]) if stem in averages else _db(math.nan)
            for stem in stems
        ]
        whole = all_stems(list(averages.values()))
        latency_ms = run.settings.get("latency_ms")
        cells.append(_db(whole.figures.get(key, math.nan)))
        if has_share:
            cells.append(_percent(whole.share_closed))
        rows.append((run.title, "" if latency_ms is None else f"{latency_ms:.1f}", *cells))
    headings = ["run", "latency ms", *stems, "all stems"] + (["share closed"] if has_share else [])
    return TextTable(f"{FIGURES[key].heading} in dB", tuple(headings), tuple(rows))


def difference_table(a: Run, b: Run, differences: Sequence[Difference]) -> TextTable:
    """A row per figure and stem: both means, their difference and what it is worth."""
    rows = []
    for d in differences:
        interval = "" if math.isnan(d.low) else f"{d.low:+.2f} to {d.high:+.2f}"
        means = (_db(d.mean_a), _db(d.mean_b), f"{d.mean:+.2f}")
        rows.append(
            (
                FIGURES[d.figure].heading,
                d.stem,
                str(d.n_songs),
                *means,
                interval,
                f"{d.p:.3g}",
                d.verdict,
            )
        )
    return TextTable(
        f"A: {a.title}   B: {b.title}",
        ("figure", "stem", "songs", "A", "B", "B - A", "95 % interval", "p", "difference"),
        tuple(rows),
        n_names=2,
        caption="means over songs in dB; paired by song: Wilcoxon's p, bootstrap interval of the mean",
    )


def _row(names: tuple[str, ...], average: Average, run: Run) -> tuple[str, ...]:
    cells = [_db(average.figures.get(f.key, math.nan)) for f in figures_of(run.metrics)]
    if "share" in run.metrics:
        cells.append(_percent(average.share_closed))
    return (*names, *cells)


def _headings(run: Run) -> tuple[str, ...]:
    headings = [figure.heading for figure in figures_of(run.metrics)]
    return (*headings, "share closed") if "share" in run.metrics else tuple(headings)


def _caption(run: Run) -> str:
    bss = "; BSSEval: medians over seconds and songs" if "bsseval" in run.metrics else ""
    return f"dB; SDR over seconds in which the stem sounds, means over songs{bss}"


def _sdr_key(run: Run) -> str:
    return "bss_sdr_db" if "bsseval" in run.metrics else "sdr_db"


def _db(value: float) -> str:
    return "-" if math.isnan(value) else f"{value:.2f}"


def _percent(value: float) -> str:
    return "-" if math.isnan(value) else f"{100 * value:.1f} %"
