"""`streamsep oracle`: the best that masks can do at a window pair, scored like any model."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from streamsep.commands import Command
from streamsep.errors import ParameterError
from streamsep_offline.commands.evaluate_options import add_report_options, add_song_options

if TYPE_CHECKING:
    from streamsep.spec import Profile

_KINDS = ("irm", "ibm", "psm", "mwf", "mixture")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Options of the command; imports nothing heavy."""
    oracle = parser.add_argument_group("oracle")
    oracle.add_argument(
        "--kind",
        nargs="+",
        choices=_KINDS,
        default=["irm"],
        help="ideal ratio mask, ideal binary mask, phase-sensitive mask, multichannel Wiener filter, or "
        "the mixture over the number of stems; several are put beside each other (irm)",
    )
    oracle.add_argument(
        "--exponent", type=float, default=1.0, metavar="P", help="irm, ibm: 1 or 2 (%(default)s)"
    )
    oracle.add_argument(
        "--theta",
        type=float,
        default=0.5,
        metavar="T",
        help="ibm: share that takes all (%(default)s)",
    )
    windows = oracle.add_mutually_exclusive_group()
    windows.add_argument(
        "--profile", metavar="NAME", help="window pair: studio, stage, tight or instant (stage)"
    )
    windows.add_argument(
        "--windows",
        nargs="+",
        metavar="N/S/HOP",
        help="window pairs of one's own: analysis/synthesis/hop in samples, as 4096/1024/512",
    )
    windows.add_argument("--ladder", action="store_true", help="every profile: what latency costs")
    add_song_options(parser)
    add_report_options(parser)


def run(arguments: argparse.Namespace) -> int:
    """Score every oracle at every window pair.

    Returns:
        0 done, 1 some songs failed, 130 stopped by Ctrl-C.

    Raises:
        StreamsepError: Nothing could be begun, or no song could be scored.
    """
    from streamsep_offline.commands.evaluate_output import evaluate
    from streamsep_offline.evaluation.oracle import OracleMethod

    profiles = _profiles(arguments)
    methods = [
        OracleMethod(kind, profile, arguments.exponent, arguments.theta)
        for kind in dict.fromkeys(arguments.kind)
        for profile in (profiles[:1] if kind == "mixture" else profiles)
    ]
    return evaluate(methods, arguments)


def _profiles(arguments: argparse.Namespace) -> list[Profile]:
    from streamsep.spec import PROFILES, find_profile

    if arguments.ladder:
        return list(PROFILES.values())
    if arguments.windows:
        return [parse_windows(text) for text in arguments.windows]
    return [find_profile(arguments.profile or "stage")]


def parse_windows(text: str) -> Profile:
    """A window pair from "4096/1024/512"; without a hop, half of the synthesis window.

    Raises:
        ParameterError: It is no such text, or no window pair.
    """
    from streamsep.spec import Profile

    parts = text.split("/")
    if len(parts) not in (2, 3) or not all(part.isdecimal() for part in parts):
        raise ParameterError(
            f"--windows {text} is not understood; write analysis/synthesis/hop, as 4096/1024/512"
        )
    n_fft, length, *rest = (int(part) for part in parts)
    hop = rest[0] if rest else length // 2
    return Profile(f"{n_fft}/{length}/{hop}", n_fft, length, hop)


command = Command(
    name="oracle",
    help="score ideal masks: the best that a window pair allows",
    example="streamsep oracle --data my-songs --kind irm mwf --ladder",
    add_arguments=add_arguments,
    run=run,
)
