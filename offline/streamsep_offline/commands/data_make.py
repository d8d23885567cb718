"""`streamsep data make`: songs with separate stems, rendered."""

from __future__ import annotations

import argparse
import time
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.console import Console

    from streamsep_offline.maker.library import Made
    from streamsep_offline.maker.orders import Order
    from streamsep_offline.maker.studio import Studio

_SPLITS = ("train", "select", "report")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Options of `streamsep data make`; imports nothing heavy."""
    add = parser.add_argument
    add("--songs", type=int, default=100, metavar="N", help="how many (100)")
    add("--first", type=int, default=0, metavar="I", help="index of the first (0)")
    add("--seed", type=int, default=0, metavar="S", help="of the collection (0)")
    add("-o", "--output", type=Path, metavar="DIR", help="root of the collection")
    add("--split", choices=_SPLITS, default="train", help="whose ingredients (train)")
    add("--style", action="append", default=[], help="only this one; may come again (all)")
    add(
        "--instrument",
        action="append",
        default=[],
        metavar="NAME",
        help="of the stem other, as in 'saxophone': only this one; may come again (what suits)",
    )
    add("--duration", type=float, default=30.0, metavar="S", help="length of a song, seconds (30)")
    add("--stems", type=int, choices=(4, 5), default=4, help="5: with the piano apart (4)")
    add("--samples", type=Path, metavar="DIR", help="samples ($STREAMSEP_AUDIO)")
    add("-j", "--jobs", type=int, default=1, metavar="N", help="processes (1)")
    add("--format", choices=("flac", "wav"), help="16 bit (flac)")
    add("--mixture", action="store_true", help="write mixture files too")
    add("--musdb", action="store_true", help="as MUSDB18-HQ: train/ or test/, wav, with mixtures")
    add(
        "--heard",
        type=float,
        default=0.0,
        metavar="SHARE",
        help="share of songs whose mixture file went through a codec or a microphone (0)",
    )
    add("--dry-run", action="store_true", help="only say what the songs would be")


def run(args: argparse.Namespace) -> int:
    """Render what is not there yet; running again resumes.

    Raises:
        ParameterError: A number is out of range, a name unknown, or options do not go together.
        MissingExtraError: scipy is not installed.
    """
    from streamsep.errors import MissingExtraError

    _check(args)
    try:
        import scipy  # noqa: F401 - only asks whether it is there
    except ImportError as error:
        raise MissingExtraError("making multitracks", "scipy", "maker") from error

    from rich.console import Console

    from streamsep_offline.maker.library import make_library_in_parallel
    from streamsep_offline.maker.missing import missing_parts
    from streamsep_offline.maker.orders import Order
    from streamsep_offline.maker.studio import Studio, samples_folder

    console = Console(stderr=True)
    order = Order(
        styles=tuple(args.style),
        duration_s=args.duration,
        n_stems=args.stems,
        heard_share=args.heard,
        file_format=args.format or ("wav" if args.musdb else "flac"),
        has_mixture=args.mixture or args.musdb,
        is_musdb=args.musdb,
        instruments=tuple(args.instrument),
    )
    studio = Studio(samples_folder(args.samples), args.split)
    indices = range(args.first, args.first + args.songs)
    for line in missing_parts(studio):
        console.print(f"without {line}", style="yellow", highlight=False, soft_wrap=True)
    if args.dry_run:
        return _tell(studio, args.seed, indices, order)
    songs = make_library_in_parallel(studio, args.output, args.seed, indices, order, args.jobs)
    return _show(console, songs, args, order)


def _check(args: argparse.Namespace) -> None:
    from streamsep.errors import ParameterError

    for name, value, least in (("songs", args.songs, 1), ("jobs", args.jobs, 1)):
        if value < least:
            raise ParameterError(f"--{name} {value} is too small; use at least {least}")
    for name, value in (("seed", args.seed), ("first", args.first)):
        if value < 0:
            raise ParameterError(f"--{name} {value} is negative; use 0 or more")
    if args.output is None and not args.dry_run:
        raise ParameterError("there is no folder to write to; name one with -o DIR")


def _tell(studio: Studio, seed: int, indices: range, order: Order) -> int:
    """One line for each song that would be made."""
    from rich.console import Console

    from streamsep_offline.maker.song import describe, plan_song, song_name

    out = Console(highlight=False, markup=False, soft_wrap=True)
    for index in indices:
        take, performance = plan_song(seed, index, studio, order.styles, order.duration_s)
        facts = describe(take)
        sections = sorted({part for section in take.plan.sections for part in section.playing})
        drums = performance.name if performance else "patterns"
        out.print(
            f"{song_name(studio.split, seed, index)}  {facts['style']}: {facts['genre']}, "
            f"{facts['bpm']:.0f} bpm, {facts['key']}, drums by {drums}; {', '.join(sections)}"
        )
    return 0


def _show(console: Console, songs: Iterator[Made], args: argparse.Namespace, order: Order) -> int:
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
        TextColumn("{task.fields[pace]}"),
        TimeElapsedColumn(),
        TextColumn("left"),
        TimeRemainingColumn(elapsed_when_finished=False),
    )
    n_new, cpu_s, began_s = 0, 0.0, time.monotonic()
    try:
        with Progress(*columns, console=console) as progress:
            task = progress.add_task("rendering", total=args.songs, pace="")
            for made in songs:
                n_new += made.is_new
                cpu_s += made.cpu_s if made.is_new else 0.0
                pace = f"{n_new / max(1e-3, time.monotonic() - began_s):.2f} songs/s"
                progress.update(task, advance=1, description=made.name, pace=pace)
    except KeyboardInterrupt:
        console.print(f"stopped after {n_new} new songs; the same command goes on from here")
        return 130
    new_s, all_h = n_new * order.duration_s, args.songs * order.duration_s / 3600.0
    rendered = f"{n_new} new songs ({new_s / 3600.0:.2f} hours)"
    if n_new:
        rendered += f" at {new_s / max(cpu_s, 1e-3):.1f} times real time per core"
    place = args.output / order.folder(args.split)
    console.print(
        f"{rendered}, {args.songs} songs ({all_h:.2f} hours) in all, in {place}", soft_wrap=True
    )
    return 0
