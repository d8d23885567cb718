"""A controller's messages through a real JACK server move a session that runs."""

import json
import os
import subprocess
import sys
import time

import pytest

from rig.programs import Program
from rig.test_live_command import OWN_TERMINAL, read_until
from streamsep_bridge import LiveSession, MidiControl
from streamsep_bridge.midi.mapping import Target, load_mapping
from streamsep_bridge.midi.ports import MidiError, MidiPort, find_port, list_ports
from streamsep_bridge.midi.touches import Control

WAIT_S = 30.0
"""On a busy machine."""

FADER, BUTTON = 0xB0, 0x90


@pytest.fixture(autouse=True)
def own_folder(monkeypatch, tmp_path):
    """What is learned here is not kept among the user's."""
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))


def wait_until(is_so):
    end = time.monotonic() + WAIT_S
    while not is_so():
        assert time.monotonic() < end
        time.sleep(0.01)


def send(pad, *message):
    pad.tell(json.dumps(message))


def test_a_controller_learns_moves_goes_away_and_comes_back(jack_server):
    jack_server(44100, 256)
    with (
        LiveSession("classic", mode="inline") as live,
        Program("midi_pad.py", "pad") as pad,
        MidiControl(live, "knobs") as midi,
    ):
        told = []
        midi.listen(lambda event: told.append(event["what"]))
        assert midi.port == MidiPort("pad:knobs", "Jack")
        vocals = live.stems["vocals"]
        wait_until(lambda: midi.is_connected)
        midi.learn(Target("gain", "vocals"))
        for value in (90, 95, 100, 60):
            send(pad, FADER, 7, value)
        wait_until(lambda: vocals.gain_db == pytest.approx(-12.0))
        midi.learn(Target("mute", "vocals"))
        send(pad, BUTTON, 36, 100)
        wait_until(lambda: Target("mute", "vocals") in midi.mapping.targets.values())
        midi.learn(None)
        send(pad, BUTTON, 36, 100)
        wait_until(lambda: vocals.mute)
        send(pad, FADER, 7, 0)
        wait_until(lambda: vocals.gain == 0.0)
        wait_until(lambda: live.status().callbacks > 0)
        pad.__exit__()
        wait_until(lambda: not midi.is_connected)
        with Program("midi_pad.py", "pad") as again:
            wait_until(lambda: midi.is_connected)
            send(again, BUTTON, 36, 100)
            wait_until(lambda: not vocals.mute)
    assert told.count("away") == 1
    assert set(load_mapping("pad:knobs").targets.values()) == {
        Target("gain", "vocals"),
        Target("mute", "vocals"),
    }


def test_a_server_that_is_killed_takes_its_midi_along_and_brings_it_back(jack_server):
    server = jack_server(44100, 256)
    with (
        LiveSession("classic", mode="inline") as live,
        Program("midi_pad.py", "pad"),
        MidiControl(live) as midi,
    ):
        midi.mapping.learn(Control("cc", 1, 7), Target("gain", "drums"))
        wait_until(lambda: midi.is_connected)
        server.kill()
        wait_until(lambda: not midi.is_connected)
        server.start()
        with Program("midi_pad.py", "pad") as again:
            wait_until(lambda: live.status().state == "playing" and midi.is_connected)

            def is_moved():
                # The way to the fader may be renewed once more when the sound is back.
                for value in (100, 60):
                    send(again, FADER, 7, value)
                return live.stems["drums"].gain_db == pytest.approx(-12.0)

            wait_until(is_moved)


def test_inputs_are_listed_and_others_are_one_line(jack_server):
    jack_server(44100, 256)
    with Program("midi_pad.py", "pad"), Program("midi_pad.py", "keys"):
        assert {port.name for port in list_ports()} == {"pad:knobs", "keys:knobs"}
        with pytest.raises(
            MidiError, match=r"no MIDI input matches 'drum'; there are: .*pad:knobs"
        ):
            find_port("drum")
        with pytest.raises(MidiError, match="2 MIDI inputs match 'knobs'"):
            find_port("knobs")
        assert find_port("KEYS") == MidiPort("keys:knobs", "Jack")


def test_the_command_is_moved_and_a_wrong_name_is_one_line(jack_server):
    jack_server(44100, 256)
    code = "import sys; from streamsep.commands.main import main; sys.exit(main())"
    streamsep = [sys.executable, "-c", code]
    with Program("midi_pad.py", "pad"):
        options = ["--preset", "classic", "--seconds", "3", "--json", "--midi"]
        done = subprocess.run([*streamsep, "live", *options], capture_output=True, text=True)
        assert (done.returncode, done.stderr) == (0, "")
        events = [json.loads(line) for line in done.stdout.splitlines()]
        told = [(event["what"], event["text"]) for event in events if event["event"] == "midi"]
        assert told == [("connected", "MIDI from pad:knobs")]
        wrong = [*streamsep, "live", "--preset", "classic", "--midi", "nano"]
        done = subprocess.run(wrong, capture_output=True, text=True)
        assert done.returncode == 2
        assert done.stderr.count("\n") == 1
        assert "no MIDI input matches 'nano'; there are: pad:knobs (Jack)" in done.stderr
        listing = [*streamsep, "devices", "--midi"]
        done = subprocess.run(listing, capture_output=True, text=True)
        assert "pad:knobs" in done.stdout
        assert done.stderr == ""


def test_the_key_l_learns_in_a_terminal(jack_server):
    pty = pytest.importorskip("pty", reason="Windows has no pseudo-terminals")
    jack_server(44100, 1024)
    outer, inner = pty.openpty()
    with Program("midi_pad.py", "pad") as pad:
        process = subprocess.Popen(
            [sys.executable, "-c", OWN_TERMINAL, "live", "--preset", "classic", "--midi"],
            stdin=inner,
            stdout=inner,
            stderr=inner,
            env={**os.environ, "TERM": "xterm", "COLUMNS": "160", "LINES": "40"},
            start_new_session=True,
        )
        try:
            read_until(outer, "MIDI from pad:knobs")
            os.write(outer, b"l")
            read_until(outer, "LEARN the fader of vocals")
            for value in (90, 95, 100, 60):
                send(pad, FADER, 7, value)
            read_until(outer, "CC 7 on channel 1 moves the fader of vocals")
            read_until(outer, "-12 dB")
            os.write(outer, b"l")
            read_until(outer, "LEARN mute of vocals")
            os.write(outer, b"lL")
            read_until(outer, "CC 7 on channel 1 no longer moves the fader of vocals")
            os.write(outer, b"q")
            read_until(outer, "played")
            assert process.wait(10.0) == 0
        finally:
            process.kill()
            process.wait()
            os.close(inner)
            os.close(outer)
