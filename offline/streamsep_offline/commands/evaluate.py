"""`streamsep evaluate`: how well a preset separates songs whose stems are known."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from streamsep.commands import Command

if TYPE_CHECKING:
    from rich.table import Table

    from streamsep.scores import StemScore
    from streamsep_offline.evaluation import SongScore


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Options of the command."""
    parser.add_argument(
        "data", type=Path, help="folder of songs, each a folder with an audio file per stem"
    )
    parser.add_argument("--preset", help="name or JSON file (default: the best for the profile)")
    parser.add_argument("--profile", help="studio, stage, tight or instant (default: the preset's)")
    parser.add_argument(
        "--engine", default="compiled", help="compiled or torch (default: compiled)"
    )
    parser.add_argument("--precision", default="float32", help="float32 or int8 (default: float32)")
    parser.add_argument("--start", type=float, default=0.0, metavar="S", help="seconds to skip")
    parser.add_argument(
        "--duration", type=float, metavar="S", help="seconds to take (default: all)"
    )
    parser.add_argument("--json", metavar="FILE", help="write every score to this file")


def run(args: argparse.Namespace) -> int:
    """Score every song, print a table by stem, and return 0."""
    from rich.console import Console
    from rich.progress import track

    from streamsep import Separator, find_preset
    from streamsep.commands.report import write_report
    from streamsep_offline.data.song import find_songs
    from streamsep_offline.evaluation import evaluate_song, mean_by_stem

    console = Console(highlight=False)
    preset = find_preset(args.preset, args.profile, None)
    separator = Separator.from_preset(preset, engine=args.engine, precision=args.precision)
    songs = list(find_songs(args.data))
    scores = [
        evaluate_song(separator, song, args.start, args.duration)
        for song in track(songs, "Scoring", console=console, transient=True)
    ]
    title = f"{preset.name}, {preset.stem_set} at {preset.profile}, {args.engine} {args.precision}"
    means = mean_by_stem(scores)
    console.print(_table(title, scores, means))
    if args.json is not None:
        rows = [
            {"song": song.song, **vars(score), "share_closed": score.share_closed}
            for song in scores
            for score in song.stems
        ]
        write_report(args.json, {"title": title, "scores": rows})
    return 0


def _table(title: str, scores: list[SongScore], means: list[StemScore]) -> Table:
    from rich.table import Table

    from streamsep_offline.evaluation import share_closed

    table = Table(title=title, caption="SDR in dB over seconds in which the stem sounds (median)")
    for heading in ("song", "stem"):
        table.add_column(heading)
    for heading in ("nothing", "estimate", "ideal mask", "share closed"):
        table.add_column(heading, justify="right")

    def add(song: str, score: StemScore, style: str) -> None:
        figures = (score.nothing_db, score.estimate_db, score.ideal_db)
        share = f"{100 * score.share_closed:.1f} %"
        table.add_row(song, score.stem, *(f"{x:.2f}" for x in figures), share, style=style)

    for song in scores:
        for score in song.stems:
            add(song.song, score, "")
    table.add_section()
    for score in means:
        add("mean", score, "bold")
    table.add_row(
        "mean", "all stems", "", "", "", f"{100 * share_closed(means):.1f} %", style="bold"
    )
    return table


command = Command(
    name="evaluate",
    help="score a preset on songs whose stems are known",
    example="streamsep evaluate my-songs --preset classic --profile tight",
    add_arguments=add_arguments,
    run=run,
)
