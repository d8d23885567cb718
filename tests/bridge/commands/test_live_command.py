"""`streamsep live` up to the point where it needs a sound card; from there on: tests/rig."""

import argparse
import io
import os
import signal
import sys
import threading

import pytest

from streamsep.commands.main import main
from streamsep.errors import ParameterError, PresetError
from streamsep_bridge.commands import live as live_module
from streamsep_bridge.commands.live import command, set_faders
from streamsep_bridge.commands.playing import choose_face
from streamsep_bridge.live.faders import Faders
from streamsep_bridge.screen.events import Events
from streamsep_bridge.screen.face import Face
from streamsep_bridge.screen.lines import Lines
from streamsep_bridge.screen.terminal import Screen


class FakeSession:
    """Only the faders of a `LiveSession`."""

    def __init__(self):
        self.stems = Faders(("vocals", "drums", "bass", "other"), 2, threading.RLock())


def parse(*options):
    parser = argparse.ArgumentParser()
    command.add_arguments(parser)
    return parser.parse_args(options)


def faders(*options):
    session = FakeSession()
    set_faders(session.stems, parse(*options))
    return session.stems


def test_options_move_faders():
    stems = faders("--mute", "vocals,bass", "--solo", "other", "--gain", "drums=-6")
    assert [stem.mute for stem in stems.values()] == [True, False, True, False]
    assert [stem.solo for stem in stems.values()] == [False, False, False, True]
    assert stems["drums"].gain_db == pytest.approx(-6.0)


def test_wrong_faders_are_refused_with_the_remedy():
    with pytest.raises(PresetError, match="this preset has: vocals, drums"):
        faders("--mute", "tuba")
    with pytest.raises(ParameterError, match="write for example vocals=-6"):
        faders("--gain", "vocals")


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--preset", "nothing"], "preset 'nothing' is unknown"),
        (["--profile", "slow"], "slow"),
        (["--mute", "tuba"], "stem 'tuba' is unknown"),
        (["--gain", "drums=99"], "outside"),
        (["--source", "nothing.wav"], "nothing.wav does not exist"),
        (["--source", "nothing.wav", "--in", "mic"], "takes the place of an input"),
        (["--loop"], "a loop needs a file"),
        (["--start", "5"], "--start 5 needs a file"),
        (["--fx", "vocals"], "--fx vocals is not STEM=CHAIN"),
        (["--fx", "tuba=hall"], "'tuba' is unknown"),
        (["--fx", "vocals=hal"], "did you mean 'hall'"),
        (["--fx", "vocals=hall", "--fx", "vocals=glue"], "vocals has hall already"),
        (["--fx", "mix=hall", "--outs", "stems"], "nobody hears the sum"),
    ],
)
def test_what_cannot_be_is_one_line_before_anything_starts(capsys, options, message):
    assert main(["live", *options]) == 2
    captured = capsys.readouterr()
    assert message in captured.err
    assert captured.err.count("\n") == 1
    assert captured.out == ""


@pytest.mark.parametrize("options", [["--rate", "0"], ["--block", "x"], ["--outs", "all"]])
def test_what_is_no_option_is_one_line(capsys, options):
    with pytest.raises(SystemExit) as left:
        main(["live", *options])
    assert left.value.code == 2
    assert capsys.readouterr().err.count("\n") == 1


def test_the_face_fits_what_it_is_shown_on(monkeypatch):
    session = FakeSession()
    assert isinstance(choose_face(session, parse("--json", "--quiet"), ()), Events)
    assert type(choose_face(session, parse("--quiet"), ())) is Face
    assert isinstance(choose_face(session, parse(), ()), Lines)
    pty = pytest.importorskip("pty", reason="Windows has no pseudo-terminals")
    outer, inner = pty.openpty()
    with open(inner, "w") as terminal:
        monkeypatch.setattr(sys, "stdout", terminal)
        monkeypatch.setenv("TERM", "xterm")
        assert isinstance(choose_face(session, parse(), ()), Screen)
        monkeypatch.setenv("TERM", "dumb")
        assert isinstance(choose_face(session, parse(), ()), Lines)
        monkeypatch.setattr(sys, "stdout", io.StringIO())
    os.close(outer)


@pytest.mark.skipif(os.name == "nt", reason="Windows has no SIGTERM to catch")
@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_signals_end_it_with_their_own_code(monkeypatch, number, code):
    monkeypatch.setattr(live_module, "_play", lambda arguments: signal.raise_signal(number))
    before = signal.getsignal(number)
    assert main(["live"]) == code
    assert signal.getsignal(number) is before
