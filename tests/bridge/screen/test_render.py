import io

import pytest
from rich.console import Console

from streamsep_bridge.midi.mapping import Target
from streamsep_bridge.screen.render import render
from streamsep_bridge.screen.view import View


def draw(session, status, view=None, width=100, is_ascii=False, **other):
    file = io.TextIOWrapper(io.BytesIO(), encoding="ascii" if is_ascii else "utf-8")
    console = Console(file=file, width=width, force_terminal=False)
    with console.capture() as capture:
        console.print(render(status, session.stems, view or View("Scarlett"), **other))
    return capture.get()


def line(text, word):
    return next(row for row in text.splitlines() if word in row)


def test_what_plays_through_what(session, status):
    text = draw(session, status(), played_s=754.0)
    assert "playing" in text
    assert "classic at stage" in text
    assert "Scarlett to system (JACK), 44100 Hz, blocks of 256" in text
    assert "12:34 min" in text


def test_latency_is_summed_and_never_invented(session, status):
    known = line(draw(session, status()), "latency")
    assert known.split(maxsplit=1)[1] == "17.4 ms + 5.8 ms buffers = 23.2 ms"
    split = line(draw(session, status(latency_ms=27.4, intake_ms=10.0)), "latency")
    assert "17.4 ms + 10.0 ms between two clocks + 5.8 ms buffers = 33.2 ms" in split
    unknown = line(draw(session, status(buffer_ms=None)), "latency")
    assert unknown.split(maxsplit=1)[1] == "17.4 ms + buffers unknown"


def test_load_place_and_faults(session, status):
    text = draw(
        session, status(load_p99=0.12, load_max=0.5, xruns=3, late_hops=1, restarts=2, overloads=4)
    )
    assert "p99 12 %, max 50 % of a block" in text
    assert "3 xruns, 1 late hop, 2 restarts, 4 overloads" in text
    assert "in the callback" in text
    racks = {"vocals": "on", "mix": "bypassed"}
    text = draw(session, status(racks=racks, late_racks=2))
    assert "vocals, mix bypassed" in text
    assert "0 late hops, 2 late racks, 0 restarts" in text
    worker = draw(session, status(facts={"is_inline": False, "hop_ms": None}))
    assert line(worker, "model runs").split(maxsplit=2)[2] == "in a worker"
    other = draw(session, status(facts={"wanted_engine": "graph", "hop_ms": None}))
    assert "by engine compiled, for graph cannot run here, in the callback" in line(
        other, "model runs"
    )


@pytest.mark.parametrize("state", ["starting", "waiting"])
def test_what_it_waits_for_and_why(session, status, state):
    text = draw(session, status(state, "no input device is there"))
    assert "waiting for Scarlett: no input device is there" in text
    assert "vocals" in text  # the faders can be set before it plays
    assert "latency" not in text


def test_every_stem_has_a_strip_with_fader_and_switches(session, status):
    session.stems["drums"].gain_db = -6.0
    session.stems["drums"].mute = True
    session.stems["bass"].solo = True
    text = draw(session, status(), View(selected=1))
    assert line(text, "drums").startswith("> ")
    assert "-6 dB M" in line(text, "drums")
    assert line(text, "bass").rstrip().endswith("0 dB   S")
    assert line(text, "vocals").rstrip().endswith("0 dB")


def test_stems_that_a_solo_silences_are_dim(session, status):
    session.stems["bass"].solo = True
    console = Console(width=100, force_terminal=True, color_system="standard", file=io.StringIO())
    console.print(render(status(), session.stems, View()))
    rows = console.file.getvalue().splitlines()
    assert "\x1b[1mbass" in line("\n".join(rows), "bass")
    assert "\x1b[2mother" in line("\n".join(rows), "other")


def test_meters_move_with_the_levels(session, status):
    quiet, loud = (draw(session, status(level_db=level_db)) for level_db in (-50.0, -10.0))
    for name in ("input", "vocals", "mix"):
        assert line(quiet, name).count("█") < line(loud, name).count("█")


def test_bypass_cannot_be_overlooked(session, status):
    assert "BYPASS" in draw(session, status(), is_bypassed=True)
    assert "BYPASS" not in draw(session, status())


def test_messages_and_help_are_below(session, status):
    view = View()
    view.messages.append("20:14:01 [bold]the device went away")
    rows = draw(session, status(), view).splitlines()
    assert rows[-3].rstrip() == "20:14:01 [bold]the device went away"
    assert rows[-2].startswith("up/down stem")


@pytest.mark.parametrize("width", [60, 80, 200])
def test_no_line_is_wider_than_the_terminal(session, status, width):
    text = draw(session, status(), width=width)
    assert max(map(len, text.splitlines())) <= width


def test_a_terminal_of_ascii_gets_ascii(session, status):
    assert draw(session, status(), is_ascii=True).isascii()


def test_a_file_says_where_it_is(session, status):
    source = {
        "path": "song.wav",
        "position_s": 61.0,
        "duration_s": 210.0,
        "is_paused": True,
        "is_looped": False,
        "is_over": False,
    }
    text = draw(session, status(source=source))
    assert "1:01 min of 3:30 min, paused" in text
    assert "space pause" in text
    assert "space pause" not in draw(session, status())


class FakeMidi:
    """Learns what the test says."""

    learning = None


def test_what_is_learned_and_the_keys_for_it_are_shown_where_there_is_a_controller(session, status):
    assert "learn" not in draw(session, status())
    view = View(midi=FakeMidi())
    assert "l learn a control" in draw(session, status(), view)
    assert "LEARN" not in draw(session, status(), view)
    view.midi.learning = Target("mute", "drums")
    assert "LEARN mute of drums" in draw(session, status(), view)
