"""The options of `streamsep separate`, and what they mean as settings."""

from __future__ import annotations

import argparse
import json
from typing import TYPE_CHECKING, Any

from streamsep.commands.options import positive_int, positive_seconds, seconds
from streamsep.errors import ParameterError

if TYPE_CHECKING:
    from streamsep_offline.files.options import OutputOptions
    from streamsep_offline.separation.settings import SeparationSettings

_FORMATS = ("wav", "flac", "ogg", "mp3", "m4a", "opus", "stem.mp4")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Options of the command; imports nothing heavy."""
    parser.add_argument("files", nargs="+", metavar="FILE", help="songs, and folders of songs")
    stems = parser.add_argument_group("stems")
    stems.add_argument(
        "--targets", nargs="+", metavar="NAME", help="only these targets of the model (all)"
    )
    stems.add_argument(
        "--aggregate",
        nargs="+",
        metavar="STEM=A+B",
        help="stems that are sums of targets: accompaniment=drums+bass+other, or JSON as umx has it",
    )
    stems.add_argument("--residual", metavar="NAME", help="one more stem, with all that is left")
    stems.add_argument(
        "--two-stems", metavar="NAME", help="this target, and all the rest as no_NAME"
    )
    model = parser.add_argument_group("separation")
    model.add_argument("--model", metavar="NAME", help="name, file or folder (best bundled)")
    model.add_argument("--device", help="cpu, cuda or mps (cuda where there is one)")
    model.add_argument(
        "--niter", type=_count, default=1, metavar="N", help="Wiener iterations (%(default)s)"
    )
    model.add_argument("--softmask", action="store_true", help="start the filter from soft masks")
    model.add_argument(
        "--wiener-context",
        choices=("block", "song"),
        default="block",
        help="what the filter learns from; song hears the song twice (%(default)s)",
    )
    model.add_argument(
        "--wiener-filter",
        choices=("streamsep", "norbert"),
        default="streamsep",
        help="ours, or the Python package norbert (%(default)s)",
    )
    model.add_argument(
        "--shifts", type=_count, default=0, metavar="N", help="mean of N shifted runs (one, as is)"
    )
    part = parser.add_argument_group("input")
    part.add_argument("--start", type=seconds, default=0.0, metavar="S", help="skip so much")
    part.add_argument("--duration", type=positive_seconds, metavar="S", help="take so much")
    _add_output_arguments(parser)
    many = parser.add_argument_group("many songs")
    many.add_argument("--jobs", type=positive_int, default=1, metavar="N", help="processes (1)")
    many.add_argument("--scheduler", metavar="ADDRESS", help="of a Dask cluster that does the work")
    parser.add_argument("--quiet", action="store_true", help="print errors only")


def _add_output_arguments(parser: argparse.ArgumentParser) -> None:
    output = parser.add_argument_group("output (existing files are kept, what is done is skipped)")
    output.add_argument(
        "-o", "--output", default="separated", metavar="DIR", help="folder (%(default)s)"
    )
    output.add_argument("--overwrite", action="store_true", help="replace existing files")
    output.add_argument(
        "--name-template",
        metavar="TEXT",
        help="of {track} {stem} {ext} {folder} {model} {trackext} ({track}/{stem}.{ext})",
    )
    output.add_argument("--format", choices=_FORMATS, default="wav", help="(%(default)s)")
    output.add_argument(
        "--bits", type=int, choices=(16, 24, 32), help="32 is float (the input's, or the format's)"
    )
    output.add_argument(
        "--bitrate", type=_kbps, metavar="KBPS", help="of a stem in a lossy format, 192 or 192k"
    )
    output.add_argument(
        "--clip",
        choices=("none", "rescale", "clamp"),
        help="beyond full scale: turn all stems down together, or clip (rescale; none for float)",
    )
    output.add_argument("--json", metavar="REPORT", help="what became of every song; - prints it")


def separation_settings(arguments: argparse.Namespace) -> SeparationSettings:
    """What separates.

    Raises:
        ParameterError: A value is out of range, or `--aggregate` is not understood.
    """
    from streamsep_offline.separation.settings import SeparationSettings

    targets = None
    if arguments.targets is not None:
        targets = tuple(n for word in arguments.targets for n in word.split(",") if n)
    return SeparationSettings(
        model=arguments.model,
        targets=targets,
        aggregate=None if arguments.aggregate is None else parse_aggregate(arguments.aggregate),
        residual=arguments.residual,
        two_stems=arguments.two_stems,
        niter=arguments.niter,
        softmask=arguments.softmask,
        wiener_context=arguments.wiener_context,
        wiener_filter=arguments.wiener_filter,
        shifts=arguments.shifts,
        device=arguments.device,
    )


def output_options(arguments: argparse.Namespace) -> OutputOptions:
    """How the stems are written.

    Raises:
        ParameterError: Two options do not go together, or the template is not usable.
    """
    from streamsep_offline.files.options import OutputOptions

    return OutputOptions(
        format=arguments.format,
        bits=arguments.bits,
        kbps=arguments.bitrate,
        clip=arguments.clip,
        name_template=arguments.name_template,
        is_overwriting=arguments.overwrite,
    )


def parse_aggregate(words: list[str]) -> dict[str, tuple[str, ...]]:
    """Stems and the targets that each is the sum of.

    Args:
        words: Each STEM=A+B, or together the JSON object {"STEM": ["A", "B"]}.

    Raises:
        ParameterError: They are neither.
    """
    text = " ".join(words).strip()
    pairs: list[tuple[str, Any]]
    if text.startswith("{"):
        try:
            pairs = list(json.loads(text).items())
        except ValueError:
            raise _not_understood(text) from None
    else:
        pairs = [(name, sum_.split("+")) for name, _, sum_ in (w.partition("=") for w in words)]
    found: dict[str, tuple[str, ...]] = {}
    for name, targets in pairs:
        names = (targets,) if isinstance(targets, str) else targets
        is_list = isinstance(names, (list, tuple)) and all(isinstance(n, str) and n for n in names)
        if not name or not is_list or not names:
            raise _not_understood(text)
        if name in found:
            raise ParameterError(f"--aggregate names '{name}' twice; sum its targets with +")
        found[name] = tuple(names)
    return found


def _not_understood(text: str) -> ParameterError:
    return ParameterError(
        f"--aggregate {text} is not understood; write vocals=vocals accompaniment=drums+bass+other, "
        'or JSON: {"vocals": ["vocals"], "accompaniment": ["drums", "bass", "other"]}'
    )


def _count(text: str) -> int:
    if not text.isdecimal():
        raise argparse.ArgumentTypeError(f"'{text}' is not a whole number of 0 or more")
    return int(text)


def _kbps(text: str) -> int:
    number = text.lower().removesuffix("k")
    if not number.isdecimal() or not 6 <= int(number) <= 1024:
        raise argparse.ArgumentTypeError(f"'{text}' is not a bitrate of 6 to 1024 kbit/s")
    return int(number)
