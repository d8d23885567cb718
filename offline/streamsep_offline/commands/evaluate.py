"""`streamsep evaluate`: how well a model separates songs whose stems are known."""

from __future__ import annotations

import argparse
from pathlib import Path

from streamsep.commands import Command
from streamsep.errors import ParameterError
from streamsep_offline.commands.evaluate_options import (
    add_checks,
    add_report_options,
    add_song_options,
)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Options of the command; imports nothing heavy."""
    parser.add_argument(
        "model",
        nargs="?",
        metavar="MODEL",
        help="preset's name or JSON file, model folder, Open-Unmix set or folder, .onnx file, or a "
        "folder of estimates as museval lays them out, [test/]<track>/<stem>.wav (the best preset)",
    )
    parser.add_argument(
        "--compare",
        nargs=2,
        metavar=("A", "B"),
        help="instead of a model: two reports that --json wrote, tested song by song",
    )
    add_song_options(parser)
    add_checks(parser)
    path = parser.add_argument_group("path")
    choice = path.add_mutually_exclusive_group()
    choice.add_argument(
        "--live",
        dest="path",
        action="store_const",
        const="live",
        help="block by block as on a stage (default where the model can)",
    )
    choice.add_argument(
        "--offline",
        dest="path",
        action="store_const",
        const="offline",
        help="as 'streamsep separate' does, looking ahead",
    )
    path.add_argument("--profile", metavar="NAME", help="preset: studio, stage, tight or instant")
    path.add_argument("--stems", metavar="SET", help="preset: 2stems, 4stems or 5stems")
    path.add_argument("--engine", metavar="NAME", help="live: compiled or torch (compiled)")
    path.add_argument("--precision", metavar="NAME", help="live: float32 or int8 (float32)")
    path.add_argument(
        "--wiener",
        action=argparse.BooleanOptionalAction,
        help="live: the recursive Wiener filter (as the preset says)",
    )
    path.add_argument("--niter", type=int, metavar="N", help="offline: Wiener iterations (1)")
    path.add_argument(
        "--softmask", action="store_const", const=True, help="offline: start from soft masks"
    )
    path.add_argument("--shifts", type=int, metavar="N", help="offline: mean of N shifted runs")
    path.add_argument("--device", metavar="NAME", help="offline: cpu, cuda or mps")
    add_report_options(parser)


def run(arguments: argparse.Namespace) -> int:
    """Score songs, or compare two reports.

    Returns:
        0 done, 1 some songs failed, 130 stopped by Ctrl-C.

    Raises:
        StreamsepError: Nothing could be begun, or no song could be scored.
    """
    from streamsep_offline.commands.evaluate_output import evaluate
    from streamsep_offline.evaluation.checks import parse_checks
    from streamsep_offline.evaluation.choose import Wish, choose_method
    from streamsep_offline.evaluation.estimates import EstimatesMethod

    if arguments.compare:
        return _compare(arguments)
    if arguments.data is None and arguments.model is not None and Path(arguments.model).is_dir():
        raise ParameterError(
            f"--data is missing; if {arguments.model} holds the songs, write: "
            f"streamsep evaluate MODEL --data {arguments.model}"
        )
    wish = Wish(
        path=arguments.path,
        profile=arguments.profile,
        stem_set=arguments.stems,
        engine=arguments.engine,
        precision=arguments.precision,
        wiener=arguments.wiener,
        niter=arguments.niter,
        softmask=arguments.softmask,
        shifts=arguments.shifts,
        device=arguments.device,
    )
    method = choose_method(arguments.model, wish, arguments.split)
    checks = parse_checks(arguments.checks)
    if checks and isinstance(method, EstimatesMethod):
        raise ParameterError(
            f"--checks {arguments.checks}: {arguments.model} is a folder of estimates, and other input "
            "has to be separated anew; name a preset, a model folder, Open-Unmix or an .onnx file, "
            "or leave out --checks"
        )
    return evaluate([method], arguments, checks)


def _compare(arguments: argparse.Namespace) -> int:
    from streamsep_offline.commands.evaluate_output import check_reports, show, write
    from streamsep_offline.evaluation.compare import compare
    from streamsep_offline.evaluation.run_file import read_runs
    from streamsep_offline.evaluation.tables import difference_table, run_table

    if arguments.model is not None or arguments.data is not None or arguments.output:
        raise ParameterError(
            "--compare takes two reports and no MODEL, --data or -o; leave them out"
        )
    if arguments.checks is not None:
        raise ParameterError(
            f"--checks {arguments.checks}: --compare takes two reports and hears no model; leave out "
            "--checks, and ask for them when a report is made"
        )
    check_reports(arguments)
    runs = []
    for path in arguments.compare:
        read = read_runs(Path(path))
        if len(read) != 1:
            raise ParameterError(
                f"{path} holds {len(read)} runs; --compare takes reports of one run"
            )
        runs += read
    a, b = runs
    tables = [difference_table(a, b, compare(a, b)), run_table(runs)]
    show(tables, arguments)
    write(runs, tables, arguments, {})
    return 0


command = Command(
    name="evaluate",
    help="score a model on songs whose stems are known",
    example="streamsep evaluate classic --data my-songs --html report.html",
    add_arguments=add_arguments,
    run=run,
)
