"""`streamsep train`: follow a recipe, from songs to the best weights."""

from __future__ import annotations

import argparse
import dataclasses
from pathlib import Path
from typing import TYPE_CHECKING

from streamsep.commands import Command

if TYPE_CHECKING:
    from rich.console import Console

    from streamsep_offline.training.run import Run


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Options of the command; imports nothing heavy."""
    parser.add_argument(
        "recipe", nargs="?", help="name of a recipe, or a TOML file (none lists them)"
    )
    parser.add_argument("--data", type=Path, metavar="DIR", help="folder of songs with stems")
    parser.add_argument(
        "-o", "--output", type=Path, metavar="RUN", help="folder of the run (runs/<recipe>)"
    )
    parser.add_argument(
        "--set",
        action="append",
        default=[],
        metavar="KEY=VALUE",
        dest="changes",
        help="change a key of the recipe: --set training.batch=4",
    )
    parser.add_argument("--resume", type=Path, metavar="RUN", help="go on with a run")
    parser.add_argument("--work", type=Path, metavar="DIR", help="made songs and examples (RUN)")
    parser.add_argument("--workers", type=int, default=0, help="processes that read ahead (0)")
    parser.add_argument("--jobs", type=int, default=1, help="processes that render and analyse (1)")
    parser.add_argument("--threads", type=int, default=0, help="of the arithmetic (torch's choice)")
    parser.add_argument("--device", default="auto", help="cpu, cuda or auto (auto)")
    parser.add_argument(
        "--stop-after",
        metavar="TIME",
        help="stop then as Ctrl-C would, to go on with --resume: 45s, 9m, 2h30m",
    )
    parser.add_argument("--show", action="store_true", help="print the recipe and stop")
    parser.add_argument(
        "--profile",
        action="store_true",
        help="time some steps, name what costs most, stop",
    )
    parser.add_argument(
        "--report", action="store_true", help="score a recipe's report list, too (it is logged)"
    )
    parser.add_argument("--quiet", action="store_true", help="only errors")


def run(args: argparse.Namespace) -> int:
    """Train or go on; 130 when stopped by Ctrl-C or --stop-after.

    Raises:
        ParameterError: The recipe or an option does not fit.
        MissingExtraError: The extra `train` is not installed.
    """
    from streamsep.commands.console import make_console
    from streamsep.errors import MissingExtraError, ParameterError

    try:
        import lightning_fabric  # noqa: F401 - only asks whether it is there
    except ImportError as error:
        raise MissingExtraError("training", "lightning-fabric", "train") from error
    for name, least in (("workers", 0), ("jobs", 1), ("threads", 0)):
        if getattr(args, name) < least:
            raise ParameterError(
                f"--{name} {getattr(args, name)} is too small; use {least} or more"
            )
    console = make_console(args.quiet, to_stderr=True)
    if args.recipe is None and args.resume is None:
        return _list(console)
    if args.show:
        return _show(args)
    from streamsep_offline.commands.stop_after import interrupted_after

    with interrupted_after(args.stop_after):
        from streamsep_offline.commands.train_run import follow

        return follow(_open_run(args), args, console)


def _open_run(args: argparse.Namespace) -> Run:
    from streamsep.errors import ParameterError
    from streamsep_offline.training.recipe import read_recipe
    from streamsep_offline.training.run import Run, read_run

    if args.resume is not None:
        if args.recipe or args.changes:
            raise ParameterError("--resume goes on as the run began; leave out recipe and --set")
        run = read_run(args.resume)
        return run if args.data is None else dataclasses.replace(run, data=args.data)
    recipe = read_recipe(args.recipe, args.changes)
    if args.data is None:
        raise ParameterError("no songs to learn from; name their folder with --data DIR")
    is_table = args.data.is_file() and args.data.suffix.lower() == ".csv"
    if not (args.data.is_dir() or is_table) and recipe.data.layout == "auto":
        raise ParameterError(f"--data {args.data} is no folder; name one of songs with stems")
    folder = args.output or Path("runs") / recipe.name
    new = Run(folder, recipe, args.data, args.work or folder)
    if not new.is_begun:
        # Where nothing was learned yet there is nothing to lose: a mistake is mended in place.
        return new
    begun = read_run(folder)
    is_same_data = begun.data == args.data.absolute()
    if begun.recipe.table != recipe.table or not is_same_data:
        raise ParameterError(
            f"{folder} holds a run of {'another recipe' if is_same_data else f'songs in {begun.data}'}; "
            f"name another folder with -o, or go on with it by --resume {folder}"
        )
    return begun if args.work is None else dataclasses.replace(begun, work=args.work)


def _list(console: Console) -> int:
    from rich.table import Table

    from streamsep_offline.training.recipe import read_recipe, recipe_files

    table = Table("recipe", "what it trains")
    for name in sorted(recipe_files()):
        table.add_row(name, read_recipe(name).description)
    console.print(table)
    console.print("streamsep train RECIPE --data DIR")
    return 0


def _show(args: argparse.Namespace) -> int:
    import sys

    from streamsep_offline.training.recipe import read_recipe, recipe_files

    read_recipe(args.recipe)
    path = recipe_files().get(args.recipe, Path(args.recipe))
    sys.stdout.write(path.read_text(encoding="utf-8"))
    return 0


command = Command(
    name="train",
    help="train a model on songs with stems",
    example="streamsep train tiny --data my-songs -o runs/first",
    add_arguments=add_arguments,
    run=run,
)
