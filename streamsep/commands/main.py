"""`streamsep`: finds the subcommands, parses, and turns errors into one line and an exit code.

Exit codes: 0 done, 2 bad input (one line says what and how to mend it), 130 stopped by Ctrl-C, 141
the reader of a pipe went away.
"""

from __future__ import annotations

import argparse
import contextlib
import difflib
import os
import sys
from collections.abc import Mapping, Sequence
from importlib.metadata import EntryPoint, entry_points
from typing import NoReturn

import streamsep
from streamsep.commands import Command
from streamsep.commands.completion import command as completion
from streamsep.commands.interrupt import terminate_as_interrupt
from streamsep.errors import MissingExtraError, StreamsepError

GROUP = "streamsep.commands"
"""Entry-point group in which packages name their subcommands."""

EXIT_INTERRUPTED, EXIT_BROKEN_PIPE = 130, 141
"""As a shell reports SIGINT and SIGPIPE."""

_EPILOG = """\
`streamsep COMMAND --help` shows the options of a command and an example.
exit codes: 0 done, 2 bad input, 130 stopped by Ctrl-C
"""


class _Parser(argparse.ArgumentParser):
    """Reports a wrong command line in one line."""

    def error(self, message: str) -> NoReturn:
        self.exit(2, f"{self.prog}: {message}; see '{self.prog} --help'\n")


def main(argv: Sequence[str] | None = None) -> int:
    """Run a command line.

    Args:
        argv: Arguments after the program's name; None takes those of the process.

    Returns:
        The exit code.
    """
    argv = sys.argv[1:] if argv is None else list(argv)
    commands = find_commands()
    parser = build_parser(commands)
    if not argv:
        parser.print_help()
        return 0
    if not argv[0].startswith("-") and argv[0] not in commands:
        sys.stderr.write(f"streamsep: {_unknown(argv[0], commands)}\n")
        return 2
    arguments = parser.parse_args(argv)
    try:
        with terminate_as_interrupt():
            return commands[arguments.command].run(arguments)
    except StreamsepError as error:
        sys.stderr.write(f"streamsep: {error}\n")
        return error.exit_code
    except KeyboardInterrupt:
        sys.stderr.write("streamsep: stopped; what was written so far is playable\n")
        return EXIT_INTERRUPTED
    except BrokenPipeError:
        # Python flushes standard output once more at its end and would complain.
        with contextlib.suppress(OSError, ValueError):
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return EXIT_BROKEN_PIPE


def find_commands() -> dict[str, Command]:
    """Every installed subcommand by name; one that lacks a package says so when it is run."""
    found = {completion.name: completion}
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
        "onnx": "bench",
        "onnxruntime": "bench",
    }
    return extras.get(package, "all")


def _unknown(name: str, commands: Mapping[str, Command]) -> str:
    close = difflib.get_close_matches(name, commands, n=1)
    hint = f"did you mean '{close[0]}'? " if close else ""
    return f"unknown command '{name}'; {hint}there are: {', '.join(commands)}"
