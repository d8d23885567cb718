"""Options that several commands share."""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from streamsep.errors import ParameterError

if TYPE_CHECKING:
    from streamsep.mixer import StemControl, StemMixer


@dataclass(frozen=True)
class SeparationOptions:
    """Which model separates, and how.

    Attributes:
        preset: Name or path; None takes the best that has the profile and stem set.
        stem_set: "2stems", "4stems", "5stems"; None is the preset's default.
        profile: "studio", "stage", "tight", "instant"; None is the preset's default.
        engine: "compiled", "torch" or "graph".
        precision: "float32" or "int8", "bfloat16" or "float16" for "graph".
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


def add_model_options(group: argparse._ArgumentGroup) -> None:
    """Add what chooses a model: preset, stems, profile, engine, precision."""
    # Names are checked by those who know them, so that their messages can list what exists.
    group.add_argument(
        "--preset",
        metavar="NAME",
        help="preset's name or JSON file (the best that has the profile and stems)",
    )
    group.add_argument("--stems", metavar="SET", help="2stems, 4stems or 5stems")
    group.add_argument("--profile", metavar="NAME", help="studio, stage, tight or instant")
    group.add_argument(
        "--engine",
        default="compiled",
        metavar="NAME",
        help="compiled, torch, or graph on a GPU (%(default)s)",
    )
    group.add_argument(
        "--precision",
        default="float32",
        metavar="NAME",
        help="float32 or int8; bfloat16 or float16 on a GPU (%(default)s)",
    )


def add_separation_options(parser: argparse.ArgumentParser) -> None:
    """Add the options that `separation_options` reads."""
    group = parser.add_argument_group("separation")
    add_model_options(group)
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


def add_fader_options(group: argparse._ArgumentGroup) -> None:
    """Add the options that `set_faders` reads."""
    for name, text in (("mute", "silence a stem"), ("solo", "only this stem and other solos")):
        group.add_argument(f"--{name}", action="append", default=[], metavar="STEM", help=text)
    group.add_argument(
        "--gain", action="append", default=[], metavar="STEM=DB", help="level of a stem, vocals=-6"
    )


def set_faders(
    faders: StemMixer | Mapping[str, StemControl], arguments: argparse.Namespace
) -> None:
    """Move faders where the options --mute, --solo and --gain say.

    Raises:
        PresetError: There is no such stem.
        ParameterError: A gain is no level, or out of range.
    """
    for names, switch in ((arguments.mute, "mute"), (arguments.solo, "solo")):
        for name in ",".join(names).split(",") if names else ():
            setattr(faders[name], switch, True)
    for setting in arguments.gain:
        name, _, level = setting.partition("=")
        try:
            level_db = float(level)
        except ValueError:
            raise ParameterError(
                f"--gain {setting} is not STEM=DB; write for example vocals=-6"
            ) from None
        faders[name].gain_db = level_db


def add_fx_option(group: argparse._ArgumentGroup) -> None:
    """Add the option that `fx_choices` reads."""
    group.add_argument(
        "--fx",
        action="append",
        default=[],
        metavar="STEM=CHAIN",
        help="plug-ins for a stem, or for the sum (mix=): a JSON file, or hall, radio, punch, glue",
    )


def fx_choices(arguments: argparse.Namespace) -> dict[str, str]:
    """Chains by the stem's name, or "mix".

    Raises:
        ParameterError: One is not STEM=CHAIN, or a stem has two.
    """
    chains: dict[str, str] = {}
    for setting in arguments.fx:
        name, _, chain = setting.partition("=")
        if not name or not chain:
            raise ParameterError(
                f"--fx {setting} is not STEM=CHAIN; write for example vocals=chain.json"
            )
        if name in chains:
            raise ParameterError(f"--fx {setting}: {name} has {chains[name]} already")
        chains[name] = chain
    return chains


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
