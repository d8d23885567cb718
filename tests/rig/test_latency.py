"""The round trip through a real JACK server and a client that returns what it gets."""

import json
import subprocess
import sys
import time

import pytest

from rig.programs import Program
from streamsep_bridge import measure_loop
from streamsep_bridge.audio.portaudio import DeviceError

LATENCY = [
    sys.executable,
    "-c",
    "import sys; from streamsep.commands.main import main; sys.exit(main())",
    "latency",
]

PERIOD = 1024
"""Long, so that a busy machine has fewer xruns: each costs a repetition."""


def test_a_longer_way_is_longer_by_exactly_so_many_samples(jack_server):
    jack_server(44100, PERIOD)
    measured = {}
    for delay in (0, 1234):
        with Program("jack_loop.py", "loop", delay):
            loop = measure_loop("loop", "loop", runs=2)
        assert loop.delays[0] == loop.delays[1]
        assert loop.remedies == ()
        assert (loop.is_inverted, loop.is_clipped, loop.sample_rate) == (False, False, 44100)
        measured[delay] = loop.median_samples
    # A ring of clients is open somewhere: what crosses there arrives in the next cycle.
    assert measured == {0: PERIOD, 1234: PERIOD + 1234}


def test_the_command_adds_what_the_algorithm_takes(jack_server):
    jack_server(48000, PERIOD)
    with Program("jack_loop.py", "loop", 100):
        options = ["--in", "loop", "--out", "loop", "--runs", "2", "--json"]
        done = subprocess.run([*LATENCY, *options], capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")
    found = json.loads(done.stdout)
    loop = PERIOD + 100
    assert found["runs_samples"] == [loop, loop]
    assert (found["block_size"], found["sample_rate"], found["remedies"]) == (PERIOD, 48000, [])
    totals = {row["profile"]: row["total_samples"] for row in found["profiles"]}
    assert totals == {
        "studio": loop + 4096 - 1024,
        "stage": loop + 1024 - 512,
        "tight": loop + 512 - 256,
        "instant": loop + 256 - 128,
    }


def test_a_loop_that_is_too_loud_says_so(jack_server):
    jack_server(44100, PERIOD)
    with Program("jack_loop.py", "loop", 0):
        options = ["--in", "loop", "--out", "loop", "--runs", "1", "--level", "0"]
        done = subprocess.run([*LATENCY, *options], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert done.stdout.count("clipped on input 1: lower --level") == 1


def test_without_a_loop_it_is_one_line_with_the_remedy(jack_server):
    jack_server(44100, PERIOD)
    done = subprocess.run(LATENCY, capture_output=True, text=True)
    assert done.returncode == 2
    assert done.stdout == ""
    assert done.stderr.count("\n") == 1
    assert "no click came back on input 1 of system: connect output 1 of system" in done.stderr


def test_a_server_that_dies_meanwhile_is_one_line(jack_server):
    server = jack_server(44100, PERIOD)
    with Program("jack_loop.py", "loop", 0):
        options = ["--in", "loop", "--out", "loop", "--runs", "20"]
        process = subprocess.Popen(
            [*LATENCY, *options], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )
        time.sleep(4.0)
        server.kill()
        out, told = process.communicate(timeout=60.0)
    assert (process.returncode, out) == (2, "")
    assert told.count("\n") == 1
    assert "no input device" in told or "restart its server" in told


def test_a_channel_that_is_not_there_is_one_line_with_what_there_is(jack_server):
    jack_server(44100, PERIOD)
    with pytest.raises(DeviceError, match="input device 'system' has 2 channels, 3 are needed"):
        measure_loop("system", "system", channel=3)
