"""`streamsep data stats`: how much of what is in a folder of songs."""

from __future__ import annotations

import argparse
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from streamsep_offline.commands.data_options import add_data_options, data_settings, reading

if TYPE_CHECKING:
    from rich.table import Table

    from streamsep_offline.data.stats import Stats


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Options of `streamsep data stats`; imports nothing heavy."""
    add_data_options(parser)
    parser.add_argument("--png", type=Path, metavar="FILE", help="draw it (needs matplotlib)")


def run(args: argparse.Namespace) -> int:
    """Print tables by stem and by format.

    Raises:
        ParameterError: An option is out of range.
        AudioFileError: There are no songs, or a file is unreadable.
        MissingExtraError: matplotlib is not installed.
    """
    from rich.console import Console

    from streamsep.commands.report import write_report
    from streamsep.plot import require_matplotlib
    from streamsep_offline.data.inventory import take_inventory
    from streamsep_offline.data.stats import compute_stats, save_picture

    settings = data_settings(args)
    if args.png is not None:
        require_matplotlib()
    inventory = take_inventory(args.data, settings)
    with reading(Console(stderr=True), "reading") as advance:
        stats = compute_stats(inventory, settings, args.jobs, advance)
    out = Console(highlight=False)
    out.print(_stem_table(args.data, stats))
    out.print(_format_table(stats))
    if stats.cache_gb:
        out.print(
            f"decoded and resampled copies will take about {stats.cache_gb:.2f} GB (cache_gb = "
            f"{settings.cache_gb:g})"
        )
    if args.json is not None:
        write_report(args.json, _as_json(stats))
    if args.png is not None:
        save_picture(args.png, stats)
    return 0


def _stem_table(folder: Path, stats: Stats) -> Table:
    from rich.table import Table

    splits = ", ".join(f"{split} {n}" for split, n in stats.songs.items())
    title = f"{folder.name}: layout {stats.layout}, {stats.hours:.3f} hours, songs: {splits}"
    table = Table("stem", title=title, caption="level: median of songs, while the stem sounds")
    for heading in ("songs", "hours", "dB RMS", "10 %", "90 %", "sounds"):
        table.add_column(heading, justify="right")
    for s in stats.stems:
        levels = [f"{x:.1f}" for x in (s.rms_db, s.low_db, s.high_db)]
        table.add_row(s.stem, str(s.songs), f"{s.hours:.3f}", *levels, f"{100 * s.active:.0f} %")
    return table


def _format_table(stats: Stats) -> Table:
    from rich.table import Table

    table = Table("format")
    for heading in ("Hz", "channels", "files"):
        table.add_column(heading, justify="right")
    for (name, rate, channels), n in sorted(stats.formats.items(), key=lambda item: -item[1]):
        table.add_row(name, str(rate), str(channels), str(n))
    return table


def _as_json(stats: Stats) -> dict[str, Any]:
    formats = [
        {"format": name, "sample_rate": rate, "channels": channels, "files": n}
        for (name, rate, channels), n in stats.formats.items()
    ]
    return {**asdict(stats), "formats": formats}
