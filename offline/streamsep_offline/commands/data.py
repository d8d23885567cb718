"""`streamsep data`: render multitracks to train on, check and count those that are there."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from streamsep.commands import Command
from streamsep_offline.commands import data_check, data_stats

if TYPE_CHECKING:
    from rich.console import Console

_STYLES = (
    "rock", "pop", "metal", "funk", "folk", "ballad", "jazz", "latin", "electronic", "hip-hop",
)  # fmt: skip
_SPLITS = ("train", "select", "report")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Options of `streamsep data`; imports nothing heavy."""
    actions = parser.add_subparsers(dest="action", required=True, metavar="ACTION")
    told = "what is in a folder of songs, and what is wrong with it; exit code 1 if anything is"
    data_check.add_arguments(actions.add_parser("check", help=told, description=told))
    told = "hours, levels and activity by stem, formats"
    data_stats.add_arguments(actions.add_parser("stats", help=told, description=told))
    make = actions.add_parser("make", help="render songs with separate stems")
    make.add_argument("--songs", type=int, default=100, metavar="N", help="how many (100)")
    make.add_argument("--first", type=int, default=0, metavar="I", help="index of the first (0)")
    make.add_argument("--seed", type=int, default=0, metavar="S", help="of the collection (0)")
    make.add_argument("-o", "--output", type=Path, required=True, metavar="DIR", help="its root")
    make.add_argument("--split", choices=_SPLITS, default="train", help="whose ingredients (train)")
    make.add_argument("--style", choices=_STYLES, help="only this style (all)")
    make.add_argument("--samples", type=Path, metavar="DIR", help="samples ($STREAMSEP_AUDIO)")
    make.add_argument("--jobs", type=int, default=1, metavar="N", help="processes (1)")
    make.add_argument("--format", choices=("flac", "wav"), default="flac", help="16 bit (flac)")
    make.add_argument("--mixture", action="store_true", help="write mixture files too")


def run(args: argparse.Namespace) -> int:
    """Do what the action says; raises as the action's module says."""
    actions = {"make": _make, "check": data_check.run, "stats": data_stats.run}
    return actions[args.action](args)


def _make(args: argparse.Namespace) -> int:
    """Render what is not there yet; running again resumes.

    Raises:
        ParameterError: a number is out of range.
        MissingExtraError: scipy is not installed.
    """
    from streamsep.errors import MissingExtraError, ParameterError

    for name, value, least in (("songs", args.songs, 1), ("jobs", args.jobs, 1)):
        if value < least:
            raise ParameterError(f"--{name} {value} is too small; use at least {least}")
    for name, value in (("seed", args.seed), ("first", args.first)):
        if value < 0:
            raise ParameterError(f"--{name} {value} is negative; use 0 or more")
    try:
        import scipy  # noqa: F401 - only asks whether it is there
    except ImportError as error:
        raise MissingExtraError("making multitracks", "scipy", "maker") from error

    from rich.console import Console

    from streamsep_offline.maker.library import make_library_in_parallel, missing_parts
    from streamsep_offline.maker.studio import Studio, samples_folder

    console = Console(stderr=True)
    studio = Studio(samples_folder(args.samples), args.split)
    for line in missing_parts(studio):
        console.print(f"without {line}", style="yellow", highlight=False)
    songs = make_library_in_parallel(
        studio,
        args.output,
        args.seed,
        range(args.first, args.first + args.songs),
        style=args.style,
        file_format=args.format,
        has_mixture=args.mixture,
        n_jobs=args.jobs,
    )
    return _show(console, songs, args.songs, args.output / args.split)


def _show(console: Console, songs: Iterator[tuple[str, bool]], n_songs: int, place: Path) -> int:
    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        Progress,
        TextColumn,
        TimeElapsedColumn,
        TimeRemainingColumn,
    )

    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TextColumn("left"),
        TimeRemainingColumn(),
    )
    n_new = 0
    try:
        with Progress(*columns, console=console) as progress:
            task = progress.add_task("rendering", total=n_songs)
            for name, is_new in songs:
                n_new += is_new
                progress.update(task, advance=1, description=name)
    except KeyboardInterrupt:
        console.print(f"stopped after {n_new} new songs; the same command goes on from here")
        return 130
    console.print(f"{n_new} new songs, {n_songs} in all, in {place}")
    return 0


command = Command(
    name="data",
    help="make multitracks to train on; check and count songs with stems",
    example="streamsep data check my-songs",
    add_arguments=add_arguments,
    run=run,
)
