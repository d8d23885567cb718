"""`streamsep data`: render multitracks to train on, check and count those that are there."""

from __future__ import annotations

import argparse

from streamsep.commands import Command
from streamsep_offline.commands import data_check, data_make, data_stats


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Options of `streamsep data`; imports nothing heavy."""
    actions = parser.add_subparsers(dest="action", required=True, metavar="ACTION")
    told = "what is in a folder of songs, and what is wrong with it; exit code 1 if anything is"
    data_check.add_arguments(actions.add_parser("check", help=told, description=told))
    told = "hours, levels and activity by stem, formats"
    data_stats.add_arguments(actions.add_parser("stats", help=told, description=told))
    told = "render songs with separate stems"
    data_make.add_arguments(actions.add_parser("make", help=told, description=told))


def run(args: argparse.Namespace) -> int:
    """Do what the action says; raises as the action's module says."""
    actions = {"make": data_make.run, "check": data_check.run, "stats": data_stats.run}
    return actions[args.action](args)


command = Command(
    name="data",
    help="make multitracks to train on; check and count songs with stems",
    example="streamsep data check my-songs",
    add_arguments=add_arguments,
    run=run,
)
