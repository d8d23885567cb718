"""`streamsep devices`: what sound can come from and go to."""

from __future__ import annotations

import argparse
import sys
from typing import TYPE_CHECKING

from streamsep.commands import Command

if TYPE_CHECKING:
    from rich.table import Table

    from streamsep_bridge.audio.devices import Device

NO_DEVICE = "no sound device is there; connect one, or start JACK or PipeWire, then look again"


def _add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--midi", action="store_true", help="list MIDI inputs instead")
    parser.add_argument("--json", action="store_true", help="print JSON instead of a table")


def _run(arguments: argparse.Namespace) -> int:
    if arguments.midi:
        from streamsep_bridge.commands.midi import print_ports

        print_ports(arguments.json)
        return 0
    import json
    from dataclasses import asdict

    from streamsep_bridge.audio.devices import list_devices

    devices = list_devices()
    if arguments.json:
        rows = [asdict(device) | {"is_loopback": device.is_loopback} for device in devices]
        sys.stdout.write(json.dumps(rows, indent=2) + "\n")
        return 0
    if not devices:
        sys.stdout.write(NO_DEVICE + "\n")
        return 0
    from streamsep.commands.console import make_console

    console = make_console(is_quiet=False, to_stderr=False)
    console.print(make_table(devices))
    console.print(
        "--in and --out take the number or a part of the name; numbers change as devices come and go"
    )
    return 0


def make_table(devices: list[Device]) -> Table:
    """The devices as people read them, one a line."""
    from rich.table import Table

    table = Table()
    for heading in ("", "device", "system", "in", "out", "rate", "marks"):
        is_number = heading in ("", "in", "out", "rate")
        table.add_column(heading, justify="right" if is_number else "left")
    for device in devices:
        table.add_row(
            str(device.index),
            device.name,
            device.api,
            str(device.n_inputs or "-"),
            str(device.n_outputs or "-"),
            f"{device.sample_rate} Hz",
            ", ".join(marks(device)),
        )
    return table


def marks(device: Device) -> list[str]:
    """What is special about a device."""
    return [
        text
        for is_so, text in (
            (device.is_default_input, "default in"),
            (device.is_default_output, "default out"),
            (device.is_loopback, "loopback"),
        )
        if is_so
    ]


command = Command(
    name="devices",
    help="list the sound devices that `streamsep live` can use",
    example="streamsep devices",
    add_arguments=_add_arguments,
    run=_run,
)
