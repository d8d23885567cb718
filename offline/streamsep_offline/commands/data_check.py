"""`streamsep data check`: what is in a folder of songs, and what is wrong with it."""

from __future__ import annotations

import argparse
from collections import Counter
from dataclasses import asdict
from typing import TYPE_CHECKING

from streamsep_offline.commands.data_options import add_data_options, data_settings, reading

if TYPE_CHECKING:
    from streamsep_offline.data.check import Finding


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Options of `streamsep data check`; imports nothing heavy."""
    add_data_options(parser)
    parser.add_argument(
        "--allow",
        default="",
        metavar="KIND,KIND",
        help="faults that are none here: clipped, silent, misaligned, duplicate, ...",
    )


def run(args: argparse.Namespace) -> int:
    """Print hours per stem and a line per fault; 1 if there is any fault.

    Raises:
        ParameterError: An option is out of range or unknown.
        AudioFileError: There are no songs.
    """
    from rich.console import Console

    from streamsep.commands.report import write_report
    from streamsep.errors import ParameterError
    from streamsep_offline.data.check import KINDS, check
    from streamsep_offline.data.inventory import take_inventory

    settings = data_settings(args)
    allowed = tuple(filter(None, args.allow.split(",")))
    for kind in allowed:
        if kind not in KINDS:
            raise ParameterError(f"--allow {kind} is unknown; use some of: {', '.join(KINDS)}")
    inventory = take_inventory(args.data, settings)
    with reading(Console(stderr=True), "checking") as advance:
        report = check(inventory, settings, allowed, args.jobs, advance)
    out = Console(highlight=False, markup=False, soft_wrap=True)
    splits = ", ".join(f"{split} {len(songs)}" for split, songs in inventory.splits.items())
    out.print(f"{args.data}: layout {inventory.layout.name}; songs: {splits}")
    for stem, (songs, hours) in report.stems.items():
        out.print(f"  {stem:14s} {hours:8.3f} hours in {songs} songs")
    _print_findings(out.print, report.findings)
    n_faults = sum(finding.is_fault for finding in report.findings)
    if args.json is not None:
        stems = {stem: {"songs": n, "hours": hours} for stem, (n, hours) in report.stems.items()}
        write_report(
            args.json,
            {
                "layout": inventory.layout.name,
                "songs": {split: len(songs) for split, songs in inventory.splits.items()},
                "stems": stems,
                "faults": n_faults,
                "findings": [asdict(finding) for finding in report.findings],
            },
        )
    out.print(f"faults: {n_faults}" if n_faults else "nothing is wrong")
    return 1 if n_faults else 0


def _print_findings(show, findings: list[Finding]) -> None:  # noqa: ANN001 - Console.print
    """Faults line by line; notes as one line per kind."""
    for finding in findings:
        if finding.is_fault:
            place = "" if finding.place in finding.told else f"{finding.place} "
            show(f"{finding.kind}: {place}{finding.told}")
    counts = Counter(finding.kind for finding in findings if not finding.is_fault)
    for kind, n in counts.items():
        first = next(f for f in findings if f.kind == kind and not f.is_fault)
        place = "" if first.place in first.told else f"{first.place} "
        more = f" (and {n - 1} more; --json lists them)" if n > 1 else ""
        show(f"note, {kind}: {place}{first.told}{more}")
