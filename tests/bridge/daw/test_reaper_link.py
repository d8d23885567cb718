"""REAPER's adapter against the messages of its Default.ReaperOSC; not run in REAPER."""

import math
import re

import pytest

from streamsep_bridge.daw.dialect import (
    ARM,
    GAIN,
    MUTE,
    POSITION,
    RECORDING,
    ROLLING,
    SOLO,
    Heard,
    RefusedError,
)
from streamsep_bridge.daw.reaper_link import ReaperLink
from streamsep_bridge.osc.packet import Message

# The documented patterns: "@" is the track's number, the letter the kind of argument.
PATTERNS = {
    TRACK: re.compile("/" + TRACK.replace("@", r"\d+"))
    for TRACK in (
        "track/@/name",
        "track/@/volume/db",
        "track/@/mute",
        "track/@/solo",
        "track/@/recarm",
        "time",
        "play",
        "stop",
        "record",
        "action",
    )
}


@pytest.fixture
def link():
    return ReaperLink(("Vocals", "Drums"))


@pytest.mark.parametrize(
    ("message", "heard"),
    [
        (Message("/track/2/volume/db", (-6.0,)), Heard(GAIN, -6.0, "Vocals")),
        (Message("/track/2/volume/db", (-150.0,)), Heard(GAIN, -math.inf, "Vocals")),
        (Message("/track/2/volume/db", (-math.inf,)), Heard(GAIN, -math.inf, "Vocals")),
        (Message("/track/3/mute", (1.0,)), Heard(MUTE, 1.0, "Drums")),
        (Message("/track/3/solo", (0.0,)), Heard(SOLO, 0.0, "Drums")),
        (Message("/track/2/recarm", (1.0,)), Heard(ARM, 1.0, "Vocals")),
        (Message("/time", (12.5,)), Heard(POSITION, 12.5)),
        (Message("/play", (1.0,)), Heard(ROLLING, 1.0)),
        (Message("/record", (1.0,)), Heard(RECORDING, 1.0)),
        (Message("/track/9/mute", (1.0,)), None),
        (Message("/track/2/volume/str", ("-6.00dB",)), None),
        (Message("/beat/str", ("1.1.00",)), None),
    ],
)
def test_it_is_understood(link, message, heard):
    assert link.read(message) == heard


@pytest.mark.parametrize(
    "message",
    [
        Message("/track/2/volume/db", (math.nan,)),
        Message("/track/2/volume/db", (99.0,)),
        Message("/track/2/mute", ()),
        Message("/track/2/name", (5,)),
        Message("/time", (-1.0,)),
        Message("/time", (math.inf,)),
    ],
)
def test_what_cannot_be_meant_is_refused(link, message):
    with pytest.raises(RefusedError):
        link.read(message)


def test_it_says_only_what_is_documented(link):
    sent = [
        *link.greet(9001),
        *link.move("Vocals", GAIN, -math.inf),
        *link.move("Drums", MUTE, 1.0),
        *link.move("Drums", SOLO, 1.0),
        *link.move("Drums", ARM, 1.0),
        *link.transport(POSITION, 2.0),
        *link.transport(ROLLING, 1.0),
        *link.transport(ROLLING, 0.0),
        *link.transport(RECORDING, 1.0),
    ]
    assert [address for address, _ in sent] == [
        "/action",
        "/track/2/volume/db",
        "/track/3/mute",
        "/track/3/solo",
        "/track/3/recarm",
        "/time",
        "/play",
        "/stop",
        "/record",
    ]
    for address, arguments in sent:
        assert any(pattern.fullmatch(address) for pattern in PATTERNS.values())
        assert len(arguments) == 1
        assert math.isfinite(arguments[0])
    assert link.move("Bass", GAIN, 0.0) == []


def test_tracks_go_by_the_names_that_are_told(link):
    link.read(Message("/track/2/name", ("Guitar",)))
    link.read(Message("/track/5/name", ("Vocals",)))
    assert link.move("Vocals", GAIN, -6.0) == [("/track/5/volume/db", (-6.0,))]
    link.read(Message("/record", (1.0,)))
    assert link.transport(RECORDING, 1.0) == []
