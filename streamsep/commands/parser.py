"""The whole command line as one parser: subcommands of every package, found by entry points."""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from importlib.metadata import EntryPoint, entry_points
from typing import NoReturn

import streamsep
from streamsep.commands import Command
from streamsep.errors import MissingExtraError, StreamsepError

GROUP = "streamsep.commands"
"""Entry-point group in which packages name their subcommands."""

_EPILOG = """\
`streamsep COMMAND --help` shows the options of a command and an example.
exit codes: 0 done, 1 some files failed, 2 bad input, 130 stopped by Ctrl-C
"""


class _Parser(argparse.ArgumentParser):
    """Reports a wrong command line in one line."""

    def error(self, message: str) -> NoReturn:
        self.exit(2, f"{self.prog}: {message}; see '{self.prog} --help'\n")


def find_commands() -> dict[str, Command]:
    """Every installed subcommand by name; one that lacks a package says so when it is run."""
    found: dict[str, Command] = {}
    for entry in entry_points(group=GROUP):
        try:
            found[entry.name] = entry.load()
        except ImportError as error:
            found[entry.name] = _unavailable(entry, error)
    return dict(sorted(found.items()))


def build_parser(commands: Mapping[str, Command]) -> argparse.ArgumentParser:
    """The parser of the whole command line."""
    parser = _Parser(
        prog="streamsep",
        description=f"streamsep {streamsep.__version__}: sound goes in, stems come out, "
        "while the music plays.",
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--version", action="version", version=f"streamsep {streamsep.__version__}")
    adder = parser.add_subparsers(dest="command", metavar="COMMAND", required=True)
    for command in commands.values():
        sub = adder.add_parser(
            command.name,
            help=command.help,
            description=command.help[0].upper() + command.help[1:] + ".",
            epilog=f"example:\n  {command.example}",
            formatter_class=argparse.RawDescriptionHelpFormatter,
        )
        command.add_arguments(sub)
    return parser


def _unavailable(entry: EntryPoint, error: ImportError) -> Command:
    """Stands in for a command whose package cannot be imported."""

    def add_arguments(parser: argparse.ArgumentParser) -> None:
        parser.add_argument("rest", nargs=argparse.REMAINDER, help=argparse.SUPPRESS)

    def run(arguments: argparse.Namespace) -> int:
        if isinstance(error, StreamsepError):
            raise error
        extra = "all" if error.name is None else _extra_of(error.name)
        raise MissingExtraError(f"'streamsep {entry.name}'", error.name or str(error), extra)

    example = f"streamsep {entry.name} --help"
    return Command(entry.name, f"not available here: {error}", example, add_arguments, run)


def _extra_of(module: str) -> str:
    """The extra of ours that installs a module."""
    package = module.partition(".")[0]
    extras = {
        "torch": "offline",
        "matplotlib": "plot",
        "sounddevice": "live",
        "pythonosc": "bridge",
        "pedalboard": "bridge",
        "scipy": "maker",
        "pyworld": "maker",
        "av": "formats",
        "distributed": "cluster",
        "onnx": "bench",
        "onnxruntime": "bench",
        "uvicorn": "serve",
        "starlette": "serve",
        "websockets": "serve",
        "prometheus_client": "serve",
    }
    return extras.get(package, "all")
