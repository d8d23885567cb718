"""`streamsep`: runs a command line and turns errors into one line and an exit code.

Exit codes: 0 done, 2 bad input (one line says what and how to mend it), 130 stopped by Ctrl-C, 141
the reader of a pipe went away.
"""

from __future__ import annotations

import contextlib
import difflib
import os
import sys
import warnings
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from streamsep.commands import Command
from streamsep.commands.interrupt import terminate_as_interrupt
from streamsep.commands.parser import build_parser, find_commands
from streamsep.errors import EngineWarning, StreamsepError

EXIT_INTERRUPTED, EXIT_BROKEN_PIPE = 130, 141
"""As a shell reports SIGINT and SIGPIPE."""


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
        with terminate_as_interrupt(), engine_warnings_in_one_line():
            return commands[arguments.command].run(arguments)
    except StreamsepError as error:
        sys.stderr.write(f"streamsep: {error}\n")
        return error.exit_code
    except KeyboardInterrupt:
        sys.stderr.write(f"streamsep: {commands[arguments.command].when_stopped}\n")
        return EXIT_INTERRUPTED
    except BrokenPipeError:
        # Python flushes standard output once more at its end and would complain.
        with contextlib.suppress(OSError, ValueError):
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return EXIT_BROKEN_PIPE


@contextlib.contextmanager
def engine_warnings_in_one_line() -> Iterator[None]:
    """An `EngineWarning` is for the user: said as errors are, without the place in the program."""
    with warnings.catch_warnings():
        warnings.simplefilter("always", EngineWarning)
        show = warnings.showwarning

        def say(message: Warning | str, category: type[Warning], *place: Any, **more: Any) -> None:
            if issubclass(category, EngineWarning):
                sys.stderr.write(f"streamsep: {message}\n")
            else:
                show(message, category, *place, **more)

        warnings.showwarning = say  # type: ignore[assignment]
        yield


def _unknown(name: str, commands: Mapping[str, Command]) -> str:
    close = difflib.get_close_matches(name, commands, n=1)
    hint = f"did you mean '{close[0]}'? " if close else ""
    return f"unknown command '{name}'; {hint}there are: {', '.join(commands)}"
