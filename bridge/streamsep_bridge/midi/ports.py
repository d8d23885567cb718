"""MIDI inputs by name, and what is missing where there are none.

All that touches the system's MIDI runs in a process of its own (`streamsep_bridge.midi.reader`): the
libraries write to the terminal when a server is away, and a JACK client whose server was killed takes its
whole process with it when it is closed.
"""

from __future__ import annotations

import importlib.util
import json
import re
import subprocess
import sys
from dataclasses import dataclass

from streamsep.errors import MissingExtraError, StreamsepError

PACKAGES = {"mido": "mido", "rtmidi": "python-rtmidi"}
"""Modules, and the packages that have them."""

LIST_S = 20.0
"""A MIDI system that has not answered after so long does not."""

_NOT_HARDWARE = ("midi through", "rtmidi", "virtual", "loopmidi", "iac ")

_NUMBERS = {"ALSA": r" \d+:\d+$", "Windows MultiMedia": r" \d+$"}
"""What APIs add to a name; it changes from one plugging in to the next."""


class MidiError(StreamsepError, OSError):
    """A MIDI port is missing or does not open, or what was learned for it cannot be read."""


@dataclass(frozen=True)
class MidiPort:
    """One MIDI input.

    Attributes:
        name: As the system has it, without numbers that change.
        api: ALSA, Jack, CoreMIDI, Windows MultiMedia.
    """

    name: str
    api: str

    @property
    def is_hardware(self) -> bool:
        """Whether nothing in its name says that it is software."""
        return not any(word in self.name.lower() for word in _NOT_HARDWARE)


def stable_name(name: str, api: str) -> str:
    """A port's name without the number that its API adds."""
    return re.sub(_NUMBERS[api], "", name) if api in _NUMBERS else name


def check_packages() -> None:
    """Whether MIDI is possible here.

    Raises:
        MissingExtraError: A package is not installed.
    """
    for module, package in PACKAGES.items():
        if importlib.util.find_spec(module) is None:
            raise MissingExtraError("MIDI", package, "midi")


def list_ports() -> list[MidiPort]:
    """Every MIDI input that is there now.

    Raises:
        MissingExtraError: A package is not installed.
        MidiError: The MIDI system does not answer.
    """
    check_packages()
    try:
        listed = subprocess.run(
            [sys.executable, "-m", "streamsep_bridge.midi.reader"],
            capture_output=True,
            text=True,
            timeout=LIST_S,
            check=True,
        ).stdout
        return [MidiPort(**port) for port in json.loads(listed)]
    except (subprocess.SubprocessError, ValueError):
        raise MidiError("the MIDI system does not answer; restart it, or the computer") from None


def find_port(wanted: str | None = None) -> MidiPort:
    """The input that a name or a part of it means.

    Args:
        wanted: The name or a part of it or of "API: name", in any case; None is the first hardware input.

    Raises:
        MissingExtraError: A package is not installed.
        MidiError: There is none, or several.
    """
    return choose_port(list_ports(), wanted)


def choose_port(ports: list[MidiPort], wanted: str | None) -> MidiPort:
    """The same among those given.

    Raises:
        MidiError: There is none, or several.
    """
    if not ports:
        raise MidiError("no MIDI input is there; connect a controller and look again")
    if wanted is None:
        return next((port for port in ports if port.is_hardware), ports[0])
    text = wanted.strip().lower()
    named = [port for port in ports if text == port.name.lower()]
    found = named or [port for port in ports if text in f"{port.api}: {port.name}".lower()]
    if len(found) == 1:
        return found[0]
    names = ", ".join(f"{port.name} ({port.api})" for port in (found or ports))
    what = (
        f"{len(found)} MIDI inputs match '{wanted}'"
        if found
        else f"no MIDI input matches '{wanted}'"
    )
    raise MidiError(f"{what}; there are: {names}")
