"""Options that several commands share."""

from __future__ import annotations

import argparse
from dataclasses import dataclass


@dataclass(frozen=True)
class SeparationOptions:
    """Which model separates, and how.

    Attributes:
        preset: Name or path; None takes the best that has the profile and stem set.
        stem_set: "2stems", "4stems", "5stems"; None is the preset's default.
        profile: "studio", "stage", "tight", "instant"; None is the preset's default.
        engine: "compiled" or "torch".
        precision: "float32" or "int8".
        block_size: Samples per block.
        wiener: Whether the recursive Wiener filter follows the masks; None is what the preset says.
    """

    preset: str | None
    stem_set: str | None
    profile: str | None
    engine: str
    precision: str
    block_size: int
    wiener: bool | None


def add_separation_options(parser: argparse.ArgumentParser) -> None:
    """Add the options that `separation_options` reads."""
    # Names are checked by those who know them, so that their messages can list what exists.
    group = parser.add_argument_group("separation")
    group.add_argument(
        "--preset",
        metavar="NAME",
        help="preset's name or JSON file (the best that has the profile and stems)",
    )
    group.add_argument("--stems", metavar="SET", help="2stems, 4stems or 5stems")
    group.add_argument("--profile", metavar="NAME", help="studio, stage, tight or instant")
    group.add_argument(
        "--engine", default="compiled", metavar="NAME", help="compiled or torch (%(default)s)"
    )
    group.add_argument(
        "--precision", default="float32", metavar="NAME", help="float32 or int8 (%(default)s)"
    )
    group.add_argument(
        "--block",
        type=positive_int,
        default=1024,
        metavar="N",
        help="samples per block; the stems do not depend on it, the latency does (%(default)s)",
    )
    group.add_argument(
        "--wiener",
        action=argparse.BooleanOptionalAction,
        help="filter stems by their places in the stereo image, too (as the preset says)",
    )
    parser.add_argument("--quiet", action="store_true", help="print errors only")


def separation_options(arguments: argparse.Namespace) -> SeparationOptions:
    """What was chosen by the options of `add_separation_options`."""
    return SeparationOptions(
        preset=arguments.preset,
        stem_set=arguments.stems,
        profile=arguments.profile,
        engine=arguments.engine,
        precision=arguments.precision,
        block_size=arguments.block,
        wiener=arguments.wiener,
    )


def positive_int(text: str) -> int:
    """A whole number above 0, for argparse."""
    value = int(text) if text.isdecimal() else 0
    if value < 1:
        raise argparse.ArgumentTypeError(f"'{text}' is not a whole number above 0")
    return value


def positive_seconds(text: str) -> float:
    """A time above 0, for argparse."""
    return _seconds(text, lowest=1e-6)


def seconds(text: str) -> float:
    """A time of 0 or more, for argparse."""
    return _seconds(text, lowest=0.0)


def _seconds(text: str, lowest: float) -> float:
    try:
        value = float(text)
    except ValueError:
        value = -1.0
    if not lowest <= value < 1e9:  # also false for NaN
        raise argparse.ArgumentTypeError(f"'{text}' is not a time in seconds")
    return value
