"""Which ingredient is worth what: train the variants of a plan with several seeds each, and compare them.

    python -m streamsep_offline.training.ablation ablation --data SAMPLES -o DIR [--jobs 2] [--only NAME]

A plan is a TOML file (`training.ablation.plan` says what is in it), or one that comes with the package:
`ablation`, `learning-curves`. Of each variant one JSON file is written, and of all of them a table
in Markdown and, where the plan asks for them, learning curves. Ctrl-C loses nothing: the same command goes
on, and what is done is skipped. Songs that were made already serve again where DIR/made is a link to them.
One process works in a folder; two cores work in two, each with its --only, and the results/*.json of one are
copied to the other in the end.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from streamsep.commands.console import make_console
from streamsep.commands.interrupt import terminate_as_interrupt
from streamsep.commands.main import EXIT_INTERRUPTED
from streamsep.errors import ParameterError, StreamsepError
from streamsep_offline.tables import packaged_files, suggest
from streamsep_offline.training.ablation.plan import read_plan


def main(argv: Sequence[str] | None = None) -> int:
    """Work off a plan and print its table.

    Args:
        argv: Arguments after the program's name; None takes those of the process.

    Returns:
        0; 2 after bad input, 130 after Ctrl-C.
    """
    args = _parser().parse_args(argv)
    try:
        with terminate_as_interrupt():
            sys.stdout.write(_work_off(args))
    except StreamsepError as error:
        sys.stderr.write(f"ablation: {error}\n")
        return error.exit_code
    except KeyboardInterrupt:
        sys.stderr.write("ablation: stopped; the same command goes on\n")
        return EXIT_INTERRUPTED
    return 0


def find_plan(name: str) -> Path:
    """File of a plan: one that comes with the package, or a path.

    Raises:
        ParameterError: There is none of that name.
    """
    files = packaged_files("recipes/plans")
    if name not in files and not name.endswith(".toml"):
        raise ParameterError(f"plan '{name}' is unknown; {suggest(name, files)}; or name a .toml")
    return files.get(name, Path(name))


def _work_off(args: argparse.Namespace) -> str:
    import torch

    from streamsep_offline.training.ablation.runner import Workshop

    for name in ("jobs", "threads"):
        if getattr(args, name) < 1:
            raise ParameterError(f"--{name} {getattr(args, name)} is too small; use 1 or more")
    if not args.data.is_dir():
        raise ParameterError(f"--data {args.data} is no folder; name that of the samples")
    plan, console = read_plan(find_plan(args.plan)), make_console(args.quiet, to_stderr=True)
    torch.set_num_threads(args.threads)
    workshop = Workshop(plan, args.data, args.output, console, args.jobs, args.device, args.share)
    return workshop.work_off(args.only)


def _parser() -> argparse.ArgumentParser:
    usage, _, text = (__doc__ or "").partition("\n")
    parser = argparse.ArgumentParser(
        "python -m streamsep_offline.training.ablation",
        description=f"{usage}\n{text}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("plan", metavar="PLAN", help="name of a plan, or a TOML file")
    parser.add_argument(
        "--data", type=Path, required=True, metavar="DIR", help="folder of samples and recordings"
    )
    parser.add_argument(
        "-o", "--output", type=Path, required=True, metavar="DIR", help="folder of the results"
    )
    parser.add_argument(
        "--only", action="append", default=[], metavar="NAME", help="these variants, not all"
    )
    parser.add_argument(
        "--share", action="store_true", help="the share closed, too: a minute for each seed"
    )
    parser.add_argument(
        "--jobs", type=int, default=1, help="processes that make songs, examples (1)"
    )
    parser.add_argument("--threads", type=int, default=1, help="of the arithmetic (1)")
    parser.add_argument("--device", default="cpu", help="cpu, cuda or auto (cpu)")
    parser.add_argument("--quiet", action="store_true", help="only the table and errors")
    return parser


if __name__ == "__main__":
    raise SystemExit(main())
