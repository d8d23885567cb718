"""`streamsep live` as its user has it: a process, signals, keys, a real JACK server."""

import json
import os
import signal
import subprocess
import sys
import threading
import time

import pytest

LIVE = [
    sys.executable,
    "-c",
    "import sys; from streamsep.commands.main import main; sys.exit(main())",
    "live",
]

START_S = 180.0
"""A first start translates machine code, on a busy machine for minutes."""


class Live:
    """A running `streamsep live --json`."""

    def __init__(self, *options):
        self._process = subprocess.Popen(
            [*LIVE, *options, "--json"], stdout=subprocess.PIPE, text=True
        )

    def wait_for(self, is_it):
        """The next event that is it; nobody waits for ever."""
        deadline = threading.Timer(START_S, self._process.kill)
        deadline.start()
        try:
            for line in self._process.stdout:
                event = json.loads(line)
                if is_it(event):
                    return event
        finally:
            deadline.cancel()
        raise AssertionError("it ended before")

    def end_by(self, number):
        """Send a signal; gives the exit code, the seconds to the line that it has ended, and that line.

        The audio is gone by then. What follows is Python's own way out, which a busy machine draws out.
        """
        began = time.monotonic()
        self._process.send_signal(number)
        ended = self.wait_for(lambda event: event["event"] == "ended")
        seconds = time.monotonic() - began
        return self._process.wait(5.0), seconds, ended

    def close(self):
        self._process.kill()
        self._process.communicate()


@pytest.fixture
def live():
    """Starts one; it is ended in any case."""
    started = []

    def start(*options):
        started.append(Live(*options))
        return started[-1]

    yield start
    for process in started:
        process.close()


def run(*options):
    return subprocess.run([*LIVE, *options], capture_output=True, text=True, timeout=START_S)


def is_status(state):
    return lambda event: event["event"] == "status" and event["state"] == state


def test_it_plays_for_so_long_and_says_how_it_was(jack_server):
    jack_server(44100, 256)
    done = run("--preset", "classic", "--seconds", "2", "--json", "--mute", "vocals")
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    events = [json.loads(line) for line in done.stdout.splitlines()]
    playing = next(event for event in events if event["event"] == "playing")
    assert (playing["sample_rate"], playing["block_size"]) == (44100, 256)
    assert playing["stems"] == ["vocals", "drums", "bass", "other"]
    playing_now = [event for event in events if is_status("playing")(event)]
    assert len(playing_now) >= 2
    assert playing_now[-1]["callbacks"] > playing_now[0]["callbacks"] > 0
    assert events[-1]["event"] == "ended"
    assert 1.0 < events[-1]["played_s"] < 30.0
    assert events[-1]["restarts"] == 0


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_signals_end_it_within_a_second_while_it_plays(jack_server, live, number, code):
    jack_server(44100, 256)
    process = live("--preset", "classic")
    process.wait_for(is_status("playing"))
    returned, seconds, ended = process.end_by(number)
    assert returned == code
    assert seconds < 1.0
    assert ended["callbacks"] > 0


@pytest.mark.parametrize("state", ["starting", "waiting"])
def test_signals_end_it_within_a_second_before_it_plays(jack_server, live, state):
    jack_server(44100, 256)
    process = live("--in", "nothing", "--wait")
    wanted = (lambda event: event["event"] == "waiting") if state == "waiting" else (lambda e: True)
    process.wait_for(wanted)
    returned, seconds, ended = process.end_by(signal.SIGINT)
    assert returned == 130
    assert seconds < 1.0
    assert ended["played_s"] == 0.0


def test_a_device_that_is_not_there_is_one_line_with_the_remedy(jack_server):
    jack_server(44100, 256)
    done = run("--in", "nothing")
    assert done.returncode == 2
    assert done.stderr.count("\n") == 1
    assert "no input device matches 'nothing'" in done.stderr
    assert "system" in done.stderr  # what there is instead


def test_without_a_server_it_is_one_line_with_the_remedy(jack_server):
    jack_server(44100, 256).stop()
    done = run("--in", "nothing")
    assert done.returncode == 2
    assert done.stderr.count("\n") == 1
    assert "start JACK" in done.stderr


def test_the_device_that_was_waited_for_comes(jack_server, live):
    server = jack_server(44100, 256)
    server.stop()
    process = live("--preset", "classic", "--wait")
    process.wait_for(lambda event: event["event"] == "waiting")
    server.start()
    process.wait_for(is_status("playing"))
    assert process.end_by(signal.SIGINT)[0] == 130


def test_devices_are_listed(jack_server):
    jack_server(48000, 512)
    command = [*LIVE[:-1], "devices", "--json"]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    system = next(d for d in json.loads(done.stdout) if d["name"] == "system")
    assert (system["n_inputs"], system["n_outputs"], system["sample_rate"]) == (2, 8, 48000)
    assert system["is_default_input"]
    assert system["is_default_output"]


OWN_TERMINAL = """
import fcntl, sys, termios
from streamsep.commands.main import main

fcntl.ioctl(0, termios.TIOCSCTTY, 0)
sys.exit(main())
"""
"""The program as the one that the terminal on its standard input belongs to."""


def test_the_screen_in_a_terminal(jack_server):
    import pty
    import termios

    jack_server(44100, 256)
    outer, inner = pty.openpty()
    before = termios.tcgetattr(inner)
    process = subprocess.Popen(
        [sys.executable, "-c", OWN_TERMINAL, "live", "--preset", "classic"],
        stdin=inner,
        stdout=inner,
        stderr=inner,
        env={**os.environ, "TERM": "xterm", "COLUMNS": "100", "LINES": "40"},
        start_new_session=True,
    )
    try:
        seen = read_until(outer, "in the callback")
        os.write(outer, b"m\x1b[B\x1b[D")  # mute, down, left
        seen += read_until(outer, "-1 dB")
        assert " M" in seen
        os.write(outer, b"q")
        seen += read_until(outer, "played")
        assert process.wait(10.0) == 0
    finally:
        process.kill()
        process.wait()
    assert "\x1b[?1049h" in seen
    assert "\x1b[?1049l" in seen
    assert termios.tcgetattr(inner) == before
    os.close(inner)
    os.close(outer)


def read_until(terminal, text):
    import select

    seen, end = "", time.monotonic() + START_S
    while text not in seen:
        assert time.monotonic() < end, seen
        if select.select([terminal], [], [], 0.5)[0]:
            seen += os.read(terminal, 65536).decode(errors="replace")
    return seen
