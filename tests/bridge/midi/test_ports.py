"""Choosing among ports; those that are really there: tests/rig/test_midi.py."""

import importlib.util

import pytest

from streamsep.errors import MissingExtraError
from streamsep_bridge.midi.ports import (
    MidiError,
    MidiPort,
    check_packages,
    choose_port,
    stable_name,
)

THROUGH = MidiPort("Midi Through:Midi Through Port-0", "ALSA")
NANO = MidiPort("nanoKONTROL2:nanoKONTROL2 _ CTRL", "ALSA")
KEYS = MidiPort("Keystation:Keystation MIDI 1", "ALSA")


def test_the_first_hardware_is_taken_where_none_is_named():
    assert choose_port([THROUGH, NANO, KEYS], None) == NANO
    assert choose_port([THROUGH], None) == THROUGH


def test_a_part_of_the_name_is_enough():
    assert choose_port([THROUGH, NANO, KEYS], "KONTROL") == NANO
    assert choose_port([THROUGH, NANO, KEYS], "alsa: key") == KEYS
    assert choose_port([MidiPort("A", "ALSA"), MidiPort("AB", "ALSA")], "a").name == "A"


@pytest.mark.parametrize(
    ("ports", "wanted", "message"),
    [
        ([], None, "no MIDI input is there; connect a controller"),
        ([NANO, KEYS], "pad", "no MIDI input matches 'pad'; there are: nano.*, Keystation.*ALSA"),
        ([NANO, KEYS], "n", "2 MIDI inputs match 'n'"),
    ],
)
def test_what_is_not_there_is_one_line_with_what_there_is(ports, wanted, message):
    with pytest.raises(MidiError, match=message):
        choose_port(ports, wanted)


def test_numbers_that_change_do_not_belong_to_the_name():
    assert stable_name("nanoKONTROL2:nanoKONTROL2 _ CTRL 28:0", "ALSA") == NANO.name
    assert stable_name("nanoKONTROL2 1", "Windows MultiMedia") == "nanoKONTROL2"
    assert stable_name("pad 2", "Jack") == "pad 2"


def test_a_missing_package_is_named_with_its_extra(monkeypatch):
    found = importlib.util.find_spec
    monkeypatch.setattr(
        importlib.util, "find_spec", lambda name: None if name == "rtmidi" else found(name)
    )
    with pytest.raises(MissingExtraError, match=r"'python-rtmidi'.*streamsep\[midi\]"):
        check_packages()
