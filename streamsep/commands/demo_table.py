"""The demo's table: what each stem holds, and how well it was recovered where the truth is known."""

from __future__ import annotations

import math
from collections.abc import Sequence

from rich.console import Console
from rich.table import Table

from streamsep.commands.session import Session
from streamsep.scores import StemScore


def show_table(console: Console, title: str, session: Session, scores: Sequence[StemScore]) -> None:
    """Print the table.

    Args:
        console: Where to.
        title: Of the song.
        session: What was separated.
        scores: One for each stem, or none.
    """
    table = Table(title=title, title_justify="left", title_style="bold")
    table.add_column("stem")
    table.add_column("level\ndB RMS", justify="right")
    table.add_column("peak\ndB", justify="right")
    if scores:
        for heading in ("doing\nnothing", "this\nmodel", "ideal\nmask", "way\nclosed"):
            table.add_column(heading, justify="right")
    levels = zip(
        session.separator.stems, session.levels.rms_db, session.levels.peak_db, strict=True
    )
    by_stem = {score.stem: score for score in scores}
    for name, rms_db, peak_db in levels:
        row = [name, _number(rms_db), _number(peak_db)]
        if name in by_stem:
            score = by_stem[name]
            row += [_number(x) for x in (score.nothing_db, score.estimate_db, score.ideal_db)]
            row.append(_percent(score.share_closed))
        table.add_row(*row)
    if scores:
        table.add_section()
        table.add_row("mean", "", "", *_means(scores))
    console.print(table)
    if scores:
        console.print(
            "in dB SDR, median over sounding seconds; closed: the way from doing nothing to the "
            "ideal ratio mask"
        )
    separator, preset = session.separator, session.preset
    console.print(
        f"{preset.name}, {preset.stem_set} at {preset.profile}: stems are "
        f"{separator.latency_samples} samples ({separator.latency_ms:.1f} ms) late in blocks of "
        f"{session.options.block_size}"
    )
    console.print(
        f"{session.seconds:.1f} s of music in {session.busy_s:.2f} s: {session.speed:.0f} x real time, "
        f"{session.load_percent:.1f} % of one core; preparing the engine took {session.prepare_s:.1f} s"
    )


def _means(scores: Sequence[StemScore]) -> list[str]:
    """Means over the stems that have a score."""
    known = [s for s in scores if not math.isnan(s.share_closed)]
    if not known:
        return [""] * 4
    columns = ("nothing_db", "estimate_db", "ideal_db", "share_closed")
    means = [sum(getattr(s, column) for s in known) / len(known) for column in columns]
    return [*(_number(m) for m in means[:3]), _percent(means[3])]


def _number(value_db: float) -> str:
    if math.isnan(value_db):
        return "-"
    return "silent" if value_db == -math.inf else f"{value_db:.1f}"


def _percent(share: float) -> str:
    return "-" if math.isnan(share) else f"{100.0 * share:.0f} %"
