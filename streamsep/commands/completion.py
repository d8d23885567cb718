"""`streamsep completion SHELL`: the script that lets a shell complete our command lines."""

from __future__ import annotations

import argparse
import sys
from typing import Any

from streamsep.commands import Command

_FILES = ("FILE", "IN", "OUT", "SONG", "PNG", "REPORT")
"""Metavars of arguments that are completed by file names."""

_FOLDERS = ("DIR",)
"""Metavars of arguments that are completed by folder names."""


def _add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("shell", choices=("bash", "zsh", "tcsh"), help="the shell to complete in")


def _run(arguments: argparse.Namespace) -> int:
    import shtab

    from streamsep.commands.parser import build_parser, find_commands

    parser = build_parser(find_commands())
    _mark_files(parser, shtab.FILE, shtab.DIRECTORY)
    sys.stdout.write(shtab.complete(parser, shell=arguments.shell) + "\n")
    return 0


def _mark_files(
    parser: argparse.ArgumentParser, file: dict[str, Any], folder: dict[str, Any]
) -> None:
    for action in parser._actions:  # argparse has no public way to list them
        if isinstance(action, argparse._SubParsersAction):
            for sub in action.choices.values():
                _mark_files(sub, file, folder)
        elif action.metavar in _FILES:
            action.complete = file  # type: ignore[attr-defined]
        elif action.metavar in _FOLDERS:
            action.complete = folder  # type: ignore[attr-defined]


command = Command(
    name="completion",
    help="print a script for shell completion",
    example="streamsep completion bash > ~/.local/share/bash-completion/completions/streamsep",
    add_arguments=_add_arguments,
    run=_run,
)
