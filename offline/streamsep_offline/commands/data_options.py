"""Options that say how a folder of songs is laid out, and the progress of reading all of it."""

from __future__ import annotations

import argparse
import contextlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.console import Console

    from streamsep_offline.data.settings import DataSettings


def add_data_options(parser: argparse.ArgumentParser) -> None:
    """Folder, layout, names and rate; imports nothing heavy."""
    parser.add_argument("data", type=Path, metavar="DIR", help="folder of songs (or a .csv table)")
    parser.add_argument(
        "--layout",
        default="auto",
        help="auto, stems, musdb, aligned, sourcefolder, trackfolder_fix, trackfolder_var, spleeter "
        "or made (auto)",
    )
    names = parser.add_argument_group("names, with commas between them")
    names.add_argument("--targets", default="", metavar="A,B", help="stems that songs shall have")
    names.add_argument("--stems", default="", metavar="A,B", help="files or folders to read (all)")
    names.add_argument("--input-file", metavar="NAME", help="layout aligned (mixture.wav)")
    names.add_argument("--target-file", metavar="NAME", help="layout aligned (vocals.wav)")
    parser.add_argument("--rate", type=int, default=44100, metavar="HZ", help="wanted (44100)")
    parser.add_argument("--jobs", type=int, default=1, metavar="N", help="threads (1)")
    parser.add_argument("--json", metavar="FILE", help="write everything to this file")


def data_settings(args: argparse.Namespace) -> DataSettings:
    """Settings from the options.

    Raises:
        ParameterError: A value is out of range.
    """
    from streamsep.errors import ParameterError
    from streamsep_offline.data.settings import DataSettings

    if args.jobs < 1:
        raise ParameterError(f"--jobs {args.jobs} is too small; use at least 1")
    given = {"input_file": args.input_file, "target_file": args.target_file}
    return DataSettings(
        layout=args.layout,
        targets=args.targets,
        stems=args.stems,
        sample_rate=args.rate,
        **{key: value for key, value in given.items() if value is not None},
    )


@contextlib.contextmanager
def reading(console: Console, what: str) -> Iterator[Callable[[int, int], None]]:
    """A progress bar; what comes is told how many of how many are done."""
    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        Progress,
        TextColumn,
        TimeElapsedColumn,
        TimeRemainingColumn,
    )

    columns = (
        TextColumn(what),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TextColumn("left"),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=console, transient=True) as progress:
        task = progress.add_task(what, total=None)
        yield lambda done, total: progress.update(task, completed=done, total=total)
