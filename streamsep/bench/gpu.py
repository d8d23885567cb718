"""`streamsep bench --gpu`: hops on a card from end to end, many streams at once, peers and the floor.

    python -m streamsep.bench.gpu peers streams --json gpu.json

does the same without the command line's packages: it needs numpy and torch alone (without safetensors the
shipped model is replaced by one of its size). Rows are shown and written as they come, so a run that
is ended is not lost.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Iterable

from streamsep.bench import gpu_jobs as jobs
from streamsep.bench.gpu_parts import BUILDERS, MOST_STREAMS, N_HOPS, PARTS, GpuPlan, Part
from streamsep.bench.gpu_report import HEADINGS, GpuReport
from streamsep.bench.workload import FULL_HIDDEN_SIZE
from streamsep.engine.graph.engine import open_lanes
from streamsep.errors import StreamsepError

EXIT_DIFFERS = 1
"""Exit code of a program whose stems are not those of the reference."""


def run_gpu_bench(
    parts: Iterable[str], plan: GpuPlan, path: str | None, say: Callable[[str], None]
) -> GpuReport:
    """Measure.

    Args:
        parts: Some of `PARTS`.
        plan: How much, and where.
        path: JSON file, written after each row; None has none.
        say: Gets every line.

    Raises:
        EngineError: There is no such device; the message says what to install.
    """
    open_lanes(plan.device)
    bandwidth = jobs.read_bandwidth(plan.device)
    report = GpuReport(path, plan.device, bandwidth)
    card = report.card
    say(f"{card['name']}, reads {card['bandwidth_gb_s']} GB/s; torch {card['torch']}")
    say(HEADINGS)
    for name in parts:
        for row in BUILDERS[name](Part(name, plan, bandwidth)):
            report.add(row)
            say(row.as_line())
        if name == "streams":
            in_time = [row.n_streams for row in report.rows if row.part == name and row.is_in_time]
            say(f"streams with p99 below half of the hop: {max(in_time, default=0)}")
    return report


def main(argv: list[str] | None = None) -> int:
    """The program; see the module's docstring."""
    parser = argparse.ArgumentParser(prog="python -m streamsep.bench.gpu")
    parser.add_argument("parts", nargs="*", metavar="PART", help=f"of {', '.join(PARTS)}; all")
    parser.add_argument("--json", metavar="FILE")
    parser.add_argument("--hops", type=int, default=N_HOPS)
    parser.add_argument("--hidden", type=int, default=FULL_HIDDEN_SIZE)
    parser.add_argument("--streams", type=int, default=MOST_STREAMS)
    parser.add_argument("--device", default="cuda", help="cpu tries it out")
    arguments = parser.parse_args(argv)
    unknown = set(arguments.parts) - set(PARTS)
    if unknown:
        parser.error(f"unknown: {', '.join(unknown)}; there are {', '.join(PARTS)}")
    plan = GpuPlan(arguments.device, arguments.hops, arguments.hidden, arguments.streams)

    def say(line: str) -> None:
        sys.stdout.write(line + "\n")
        sys.stdout.flush()

    try:
        report = run_gpu_bench(arguments.parts or PARTS, plan, arguments.json, say)
    except StreamsepError as error:
        sys.stderr.write(f"{error}\n")
        return error.exit_code
    return 0 if report.is_equal else EXIT_DIFFERS


if __name__ == "__main__":
    sys.exit(main())
