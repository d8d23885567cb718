import json

import pytest

from streamsep.commands.main import main
from streamsep_bridge.audio import devices as devices_module
from streamsep_bridge.audio.devices import Device
from streamsep_bridge.audio.portaudio import DeviceError
from streamsep_bridge.midi import ports as ports_module
from streamsep_bridge.midi.ports import MidiPort

CARD = Device(0, "Scarlett 2i2 [USB]", "ALSA", 2, 4, 48000, True, True)
MONITOR = Device(3, "Monitor of Scarlett", "JACK", 2, 0, 44100, False, False)


@pytest.fixture
def present(monkeypatch):
    """Devices that are there; changed by the test."""
    found = [CARD, MONITOR]
    monkeypatch.setattr(devices_module, "list_devices", lambda: found)
    return found


@pytest.mark.usefixtures("present")
def test_a_table_for_people(capsys):
    assert main(["devices"]) == 0
    card, monitor = [
        [cell.strip() for cell in row.strip("│").split("│")]
        for row in capsys.readouterr().out.splitlines()
        if row.startswith("│")
    ]
    marks = "default in, default out"
    assert card == ["0", "Scarlett 2i2 [USB]", "ALSA", "2", "4", "48000 Hz", marks]
    assert monitor == ["3", "Monitor of Scarlett", "JACK", "2", "-", "44100 Hz", "loopback"]


@pytest.mark.usefixtures("present")
def test_json_for_scripts(capsys):
    assert main(["devices", "--json"]) == 0
    card, monitor = json.loads(capsys.readouterr().out)
    assert (card["name"], card["is_default_output"], card["is_loopback"]) == (
        "Scarlett 2i2 [USB]",
        True,
        False,
    )
    assert monitor["is_loopback"] is True


def test_no_device_is_one_line_with_the_remedy(capsys, present):
    present.clear()
    assert main(["devices"]) == 0
    text = capsys.readouterr().out
    assert "start JACK or PipeWire" in text
    assert text.count("\n") == 1
    assert main(["devices", "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == []


def test_no_portaudio_is_one_line_with_the_remedy(capsys, monkeypatch):
    def fail():
        raise DeviceError("the PortAudio library is missing; apt install libportaudio2")

    monkeypatch.setattr(devices_module, "list_devices", fail)
    assert main(["devices"]) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err == (
        "streamsep: the PortAudio library is missing; apt install libportaudio2\n"
    )


def test_midi_inputs(capsys, monkeypatch):
    found = [MidiPort("nanoKONTROL2", "ALSA"), MidiPort("Midi Through Port-0", "ALSA")]
    monkeypatch.setattr(ports_module, "list_ports", lambda: found)
    assert main(["devices", "--midi"]) == 0
    rows = [
        [cell.strip() for cell in row.strip("│").split("│")]
        for row in capsys.readouterr().out.splitlines()
        if row.startswith("│")
    ]
    assert rows == [["nanoKONTROL2", "ALSA", ""], ["Midi Through Port-0", "ALSA", "software"]]
    assert main(["devices", "--midi", "--json"]) == 0
    assert [row["is_hardware"] for row in json.loads(capsys.readouterr().out)] == [True, False]


def test_no_midi_input_is_one_line_with_the_remedy(capsys, monkeypatch):
    monkeypatch.setattr(ports_module, "list_ports", list)
    assert main(["devices", "--midi"]) == 0
    assert capsys.readouterr().out == (
        "no MIDI input is there; connect a controller, then look again\n"
    )
