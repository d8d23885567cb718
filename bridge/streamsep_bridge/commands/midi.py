"""What commands offer of MIDI: the option --midi of `live`, the list of `devices --midi`."""

from __future__ import annotations

import argparse
import contextlib
import json
import sys
from collections.abc import Iterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from streamsep_bridge.live.session import LiveSession
    from streamsep_bridge.midi.control import MidiControl
    from streamsep_bridge.screen.face import Face

FIRST = ""
"""What the option is without a name."""

NO_PORT = "no MIDI input is there; connect a controller, then look again"


def add_midi_option(parser: argparse.ArgumentParser) -> None:
    """Add the option that `midi_control` reads."""
    parser.add_argument(
        "--midi",
        nargs="?",
        const=FIRST,
        metavar="PORT",
        help="move faders from a MIDI controller: a part of its name (the first hardware input); "
        "the key l learns (`streamsep devices --midi` lists them)",
    )


def midi_control(session: LiveSession, name: str | None) -> MidiControl | None:
    """The controller that the option names, not yet open; None without the option.

    Raises:
        MissingExtraError: A package is not installed.
    """
    if name is None:
        return None
    from streamsep_bridge.midi.control import MidiControl
    from streamsep_bridge.midi.ports import check_packages

    check_packages()
    return MidiControl(session, name or None)


@contextlib.contextmanager
def moved_by(midi: MidiControl | None, face: Face) -> Iterator[None]:
    """The controller at work, and what it has to say told by the face.

    Raises:
        MidiError: There is no such input, or what was learned for it cannot be read.
    """
    if midi is None:
        yield
        return
    midi.listen(face.tell)
    with midi:
        yield


def print_ports(is_json: bool) -> None:
    """List the MIDI inputs.

    Raises:
        MissingExtraError: A package is not installed.
        MidiError: The MIDI system does not answer.
    """
    from dataclasses import asdict

    from streamsep_bridge.midi.ports import list_ports

    ports = list_ports()
    if is_json:
        rows = [asdict(port) | {"is_hardware": port.is_hardware} for port in ports]
        sys.stdout.write(json.dumps(rows, indent=2) + "\n")
        return
    if not ports:
        sys.stdout.write(NO_PORT + "\n")
        return
    from rich.table import Table

    from streamsep.commands.console import make_console

    table = Table()
    for heading in ("MIDI input", "system", "marks"):
        table.add_column(heading)
    for port in ports:
        table.add_row(port.name, port.api, "" if port.is_hardware else "software")
    console = make_console(is_quiet=False, to_stderr=False)
    console.print(table)
    console.print("--midi takes a part of the name")
