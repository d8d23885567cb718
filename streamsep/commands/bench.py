"""`streamsep bench`: how fast networks and whole hops run here, beside peers and the floor."""

from __future__ import annotations

import argparse
import dataclasses
import functools
from typing import TYPE_CHECKING

from streamsep.commands import Command
from streamsep.commands.options import positive_int
from streamsep.errors import MissingExtraError, ParameterError

if TYPE_CHECKING:
    from rich.progress import Progress

    from streamsep.bench.hops import HopResult
    from streamsep.bench.networks import NetworkResult
    from streamsep.bench.workload import Workload
    from streamsep.model import Model

N_HOPS, N_HOPS_QUICK = 20_000, 200
N_ROUNDS, N_ROUNDS_QUICK = 10, 2
N_REPEATS, N_REPEATS_QUICK = 8, 2
QUICK_HIDDEN_SIZE = 64
N_ROUNDS_STREAMS, N_ROUNDS_STREAMS_QUICK = 300, 60
MOST_STREAMS, MOST_STREAMS_QUICK = 1024, 16
N_STREAMS_QUICK = 16


def _add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--hops", type=positive_int, metavar="N", help=f"hops timed per engine ({N_HOPS:,})"
    )
    parser.add_argument(
        "--json", metavar="FILE", help="write all figures as JSON; - is standard output"
    )
    parser.add_argument("--plot", metavar="PNG", help="draw histograms (needs matplotlib)")
    parser.add_argument(
        "--quick", action="store_true", help="seconds instead of minutes: small networks, few hops"
    )
    parser.add_argument(
        "--offline", action="store_true", help="measure the path for files instead, and its peers"
    )
    parser.add_argument(
        "--streams", action="store_true", help="count real-time streams, batched and in processes"
    )
    parser.add_argument(
        "--gpu",
        nargs="*",
        metavar="PART",
        help="measure the graph engine on a card instead, all of it or: equal, hops, peers, streams, fused",
    )
    parser.add_argument(
        "--device", default="cuda", metavar="NAME", help="of --gpu; cpu tries it out (%(default)s)"
    )
    parser.add_argument("--quiet", action="store_true", help="no progress bar, no tables")


def _run(arguments: argparse.Namespace) -> int:
    if arguments.offline:
        return _run_offline(arguments)
    if arguments.streams:
        return _run_streams(arguments)
    if arguments.gpu is not None:
        return _run_gpu(arguments)
    from rich.progress import Progress

    from streamsep.bench.plot import write_plot
    from streamsep.bench.report import as_json, hop_table, network_table
    from streamsep.bench.workload import FULL_HIDDEN_SIZE, make_workload
    from streamsep.commands.console import make_console
    from streamsep.commands.outputs import check_writable
    from streamsep.commands.report import write_report
    from streamsep.plot import require_matplotlib

    # Minutes of measuring should not end in a message that could have come first.
    if arguments.plot is not None:
        require_matplotlib()
        check_writable(arguments.plot, "picture")
    if arguments.json not in (None, "-"):
        check_writable(arguments.json, "report")
    quick = arguments.quick
    n_hops = arguments.hops or (N_HOPS_QUICK if quick else N_HOPS)
    bars = make_console(arguments.quiet, to_stderr=True)
    with Progress(console=bars, disable=not bars.is_terminal, transient=True) as progress:
        workload = make_workload(QUICK_HIDDEN_SIZE if quick else FULL_HIDDEN_SIZE)
        networks = _networks(workload, progress, quick)
        hops = _hops(workload, progress, n_hops)
    tables = make_console(arguments.quiet, to_stderr=arguments.json == "-")
    tables.print(network_table(networks, workload))
    tables.print(hop_table(hops))
    if arguments.json is not None:
        write_report(arguments.json, as_json(networks, hops, workload))
    if arguments.plot is not None:
        write_plot(arguments.plot, networks, hops)
    return 0


def _run_gpu(arguments: argparse.Namespace) -> int:
    """Lines as they come, for on a card each is news; the report is complete after each, too."""
    import importlib.util

    if arguments.plot is not None:
        raise ParameterError("--gpu has no picture; leave --plot out, or use --json")
    if importlib.util.find_spec("torch") is None:
        raise MissingExtraError("bench --gpu", "torch", "gpu")
    from streamsep.bench.gpu import run_gpu_bench
    from streamsep.bench.gpu_parts import PARTS, GpuPlan
    from streamsep.commands.console import make_console
    from streamsep.commands.outputs import check_writable
    from streamsep.commands.report import write_report

    unknown = [name for name in arguments.gpu if name not in PARTS]
    if unknown:
        raise ParameterError(f"--gpu {unknown[0]} is unknown; choose of: {', '.join(PARTS)}")
    is_printed = arguments.json == "-"
    if arguments.json is not None and not is_printed:
        check_writable(arguments.json, "report")
    lines = make_console(arguments.quiet, to_stderr=is_printed)
    if arguments.quick:
        plan = GpuPlan(
            arguments.device, N_HOPS_QUICK, QUICK_HIDDEN_SIZE, most_streams=N_STREAMS_QUICK
        )
    else:
        plan = GpuPlan(arguments.device)
    if arguments.hops is not None:
        plan = dataclasses.replace(plan, n_hops=arguments.hops)
    report = run_gpu_bench(
        arguments.gpu or PARTS,
        plan,
        None if is_printed else arguments.json,
        lambda line: lines.print(line, markup=False, highlight=False, soft_wrap=True),
    )
    if is_printed:
        write_report(arguments.json, report.as_json())
    return 0 if report.is_equal else 1


def _run_offline(arguments: argparse.Namespace) -> int:
    """What the offline package measures; it is found by its entry point, as commands are."""
    from importlib.metadata import entry_points

    from rich.progress import Progress

    from streamsep.commands.console import make_console
    from streamsep.commands.outputs import check_writable
    from streamsep.commands.report import write_report

    if arguments.plot is not None:
        raise ParameterError("--offline has no picture; leave --plot out, or use --json")
    if arguments.json not in (None, "-"):
        check_writable(arguments.json, "report")
    bars = make_console(arguments.quiet, to_stderr=True)
    tables = make_console(arguments.quiet, to_stderr=arguments.json == "-")
    values: dict[str, object] = {}
    with Progress(console=bars, disable=not bars.is_terminal, transient=True) as progress:
        for entry in entry_points(group="streamsep.benches"):
            values |= entry.load()(tables, progress, arguments.quick)
    if arguments.json is not None:
        write_report(arguments.json, values)
    return 0


def _run_streams(arguments: argparse.Namespace) -> int:
    """Streams of the default preset that this machine holds."""
    from rich.progress import Progress

    from streamsep.bench.streams import count_streams, streams_as_json, streams_table
    from streamsep.commands.console import make_console
    from streamsep.commands.outputs import check_writable
    from streamsep.commands.report import write_report
    from streamsep.presets import find_preset

    if arguments.plot is not None:
        raise ParameterError("--streams has no picture; leave --plot out, or use --json")
    if arguments.json not in (None, "-"):
        check_writable(arguments.json, "report")
    preset, precision, quick = find_preset(), "float32", arguments.quick
    n_rounds = arguments.hops or (N_ROUNDS_STREAMS_QUICK if quick else N_ROUNDS_STREAMS)
    bars = make_console(arguments.quiet, to_stderr=True)
    if not quick:
        bars.print("some ten minutes, on a machine that does nothing else; --quick takes one")
    with Progress(console=bars, disable=not bars.is_terminal, transient=True) as progress:
        task = progress.add_task("streams", total=None)
        results = count_streams(
            preset.load(),
            precision,
            n_rounds,
            1 if quick else 3,
            MOST_STREAMS_QUICK if quick else MOST_STREAMS,
            lambda what: progress.update(task, description=what),
        )
    tables = make_console(arguments.quiet, to_stderr=arguments.json == "-")
    tables.print(streams_table(results, preset.name, precision))
    if arguments.json is not None:
        write_report(arguments.json, streams_as_json(results, preset.name, precision))
    return 0


def _networks(workload: Workload, progress: Progress, quick: bool) -> list[NetworkResult]:
    from streamsep.bench.networks import compare_networks

    rounds = N_ROUNDS_QUICK if quick else N_ROUNDS
    task = progress.add_task("networks", total=rounds)
    return compare_networks(
        workload,
        rounds,
        N_REPEATS_QUICK if quick else N_REPEATS,
        lambda: progress.advance(task),
    )


def _hops(workload: Workload, progress: Progress, n_hops: int) -> list[HopResult]:
    """`classic`, the largest preset without and with the Wiener filter, and the full-size networks."""
    from streamsep.bench.hops import time_hops
    from streamsep.engine import PRECISIONS

    presets = _preset_models()
    jobs = [(name, model, "float32", False) for name, model in presets]
    jobs += [(f"{name}, Wiener filter", model, "float32", True) for name, model in presets[-1:]]
    name = f"{len(workload.weights)} Open-Unmix, {workload.settings.hidden_size}"
    jobs += [(name, workload.model, precision, False) for precision in PRECISIONS]
    results = []
    for name, model, precision, has_wiener in jobs:
        task = progress.add_task(f"hops of {name}, {precision}", total=n_hops)
        advance = functools.partial(progress.advance, task)
        results.append(time_hops(name, model, precision, n_hops, advance, has_wiener))
        progress.update(task, completed=n_hops)
    return results


def _preset_models() -> list[tuple[str, Model]]:
    """The preset without weights, and the one that runs when none is named."""
    from streamsep.presets import DEFAULT_PRESETS, find_preset

    return [(name, find_preset(name).load()) for name in (DEFAULT_PRESETS[-1], DEFAULT_PRESETS[0])]


command = Command(
    name="bench",
    help="measure the engines beside their peers and the memory's speed",
    example="streamsep bench --quick --json bench.json",
    add_arguments=_add_arguments,
    run=_run,
)
