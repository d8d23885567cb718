"""The command line: one `Command` per file, found through the entry-point group `streamsep.commands`.

The three packages contribute subcommands in the same way, so that nothing imports upward. To add one:
write a module with an object `command = Command(...)` and name it in `pyproject.toml`.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class Command:
    """A subcommand of `streamsep`.

    Attributes:
        name: What users type.
        help: One line for the overview.
        example: A command line that works, shown under `--help`.
        add_arguments: Adds the options to a parser; imports nothing heavy.
        run: Does the work and returns the exit code; heavy imports belong inside.
        when_stopped: What Ctrl-C leaves, in words.
    """

    name: str
    help: str
    example: str
    add_arguments: Callable[[argparse.ArgumentParser], None]
    run: Callable[[argparse.Namespace], int]
    when_stopped: str = "stopped"
