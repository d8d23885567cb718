"""Ardour's messages to meanings and back; what cannot be meant is refused."""

import math

import pytest

from streamsep_bridge.daw.ardour_link import ArdourLink
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
from streamsep_bridge.osc.packet import Message


@pytest.fixture
def link():
    link = ArdourLink(48000)
    for strip, name in ((1, "Mixture"), (2, "Vocals")):
        assert link.read(Message("/strip/name", (strip, name))) is None
    return link


@pytest.mark.parametrize(
    ("message", "heard"),
    [
        (Message("/strip/gain", (2, -6.0)), Heard(GAIN, -6.0, "Vocals")),
        (Message("/strip/gain", (2, -200.0)), Heard(GAIN, -math.inf, "Vocals")),
        (Message("/strip/mute", (2, 1.0)), Heard(MUTE, 1.0, "Vocals")),
        (Message("/strip/solo", (1, 0.0)), Heard(SOLO, 0.0, "Mixture")),
        (Message("/strip/recenable", (2, 1.0)), Heard(ARM, 1.0, "Vocals")),
        (Message("/position/samples", ("96000",)), Heard(POSITION, 2.0)),
        (Message("/transport_play", (1.0,)), Heard(ROLLING, 1.0)),
        (Message("/strip/gain", (7, -6.0)), None),
        (Message("/heartbeat", (1.0,)), None),
    ],
)
def test_it_is_understood(link, message, heard):
    assert link.read(message) == heard


@pytest.mark.parametrize(
    "message",
    [
        Message("/strip/gain", (2, math.nan)),
        Message("/strip/gain", (2, 500.0)),
        Message("/strip/gain", (2,)),
        Message("/strip/gain", ()),
        Message("/strip/gain", ("2", None)),
        Message("/strip/mute", (2, math.inf)),
        Message("/strip/mute", (10**9, 1.0)),
        Message("/strip/name", (2, 3.0)),
        Message("/position/samples", ("far",)),
        Message("/position/samples", ("nan",)),
    ],
)
def test_what_cannot_be_meant_is_refused(link, message):
    with pytest.raises(RefusedError):
        link.read(message)


def test_it_is_told(link):
    assert link.move("Vocals", GAIN, -6.0) == [("/strip/gain", (2, -6.0))]
    assert link.move("Vocals", GAIN, -math.inf) == [("/strip/gain", (2, -193.0))]
    assert link.move("Vocals", MUTE, 1.0) == [("/strip/mute", (2, 1.0))]
    assert link.move("Drums", GAIN, 0.0) == []
    assert link.transport(POSITION, 2.0) == [("/locate", (96000, 0))]
    assert link.transport(ROLLING, 0.0) == [("/transport_stop", ())]


def test_the_switch_of_recording_is_turned_only_where_it_is_known(link):
    assert link.transport(RECORDING, 1.0) == []
    link.read(Message("/rec_enable_toggle", (0.0,)))
    assert link.transport(RECORDING, 1.0) == [("/rec_enable_toggle", (1.0,))]
    assert link.transport(RECORDING, 0.0) == []


def test_a_track_that_is_moved_is_found_again(link):
    link.read(Message("/strip/name", (2, "Guitar")))
    link.read(Message("/strip/name", (3, "Vocals")))
    assert link.move("Vocals", SOLO, 1.0) == [("/strip/solo", (3, 1.0))]
    link.read(Message("/strip/name", (1, "Vocals")))
    link.read(Message("/strip/name", (3, "Drums")))
    assert link.move("Vocals", SOLO, 1.0) == [("/strip/solo", (1, 1.0))]
