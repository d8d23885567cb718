import io

import pytest
from rich.console import Console

from streamsep_bridge.screen import lines as lines_module
from streamsep_bridge.screen.lines import EVERY_S, Lines


@pytest.fixture
def clock(monkeypatch):
    now = [100.0]
    monkeypatch.setattr(lines_module.time, "monotonic", lambda: now[0])
    return now


@pytest.fixture
def lines(clock):
    return Lines(Console(file=io.StringIO(), width=40, markup=False), "Scarlett")


def printed(lines):
    return lines._console.file.getvalue().splitlines()


def test_a_line_when_something_changes(lines, facts):
    lines.tell({"event": "waiting", "reason": "no input device is there"})
    lines.tell({"event": "playing", **facts()})
    lines.tell({"event": "changed", **facts(profile="tight", latency_samples=256)})
    lines.tell({"event": "lost", "reason": "the device or its server went away"})
    rack = {"event": "rack", "chain": "vocals", "state": "restarted", "reason": "hung for 1 s"}
    lines.tell(rack)
    lines.tell({"event": "stopped"})
    assert printed(lines) == [
        "waiting for Scarlett: no input device is there",
        "playing classic at stage, Scarlett to system (JACK), 44100 Hz, blocks of 256; "
        "latency 17.4 ms + 5.8 ms buffers = 23.2 ms; the model runs in the callback, 0.25 ms a hop",
        "changed to classic at tight, Scarlett to system (JACK), 44100 Hz, blocks of 256; "
        "latency 5.8 ms + 5.8 ms buffers = 11.6 ms; the model runs in the callback, 0.25 ms a hop",
        "the device or its server went away; the sound returns with it",
        "rack of vocals restarted: it hung for 1 s",
    ]


def test_a_line_now_and_then(lines, clock, status):
    for _ in range(250):
        lines.show(status(xruns=1, load_p99=0.1, load_max=0.2), clock[0] - 100.0)
        clock[0] += 0.1
    assert len(printed(lines)) == int(25.0 / EVERY_S)
    assert printed(lines)[0] == (
        "0:10 min played, mix -20.0 dB, load p99 10 %, max 20 % of a block, "
        "1 xrun, 0 late hops, 0 restarts"
    )


def test_nothing_is_repeated_while_nothing_plays(lines, clock, status):
    for _ in range(250):
        lines.show(status("waiting", "no device"), 0.0)
        clock[0] += 0.1
    assert printed(lines) == []


def test_a_start_says_once_that_it_may_last(lines, status):
    for _ in range(3):
        lines.show(status("starting"), 0.0)
    assert len(printed(lines)) == 1
    assert "starting" in printed(lines)[0]


def test_the_end_is_one_line(lines, status):
    lines.end(status("stopped", xruns=2, late_hops=1), 61.5)
    assert printed(lines) == ["played 1:01 min, 2 xruns, 1 late hop, 0 restarts"]
