"""What faders are sent: what has moved, and what is on its way and wanted sooner."""

import threading

import pytest

from streamsep.engine.live.desk import Desk
from streamsep.engine.live.memory import N_EVENTS
from streamsep.errors import EngineError
from streamsep_bridge.live.faders import Faders
from streamsep_bridge.live.positions import Positions


@pytest.fixture
def faders():
    return Faders(("vocals", "drums"), 2, threading.RLock())


def test_only_what_moves_is_sent(faders):
    desk, positions = Desk(2), Positions()
    positions.add(0, faders.names)
    positions.send(desk, faders, 882, 0)
    assert desk.n_waiting == 2
    positions.send(desk, faders, 882, 0)
    assert desk.n_waiting == 2
    faders["vocals"].gain = 0.5
    positions.send(desk, faders, 882, 0)
    assert desk.n_waiting == 3


def test_the_same_place_sooner_is_sent_again(faders):
    desk, positions = Desk(2), Positions()
    positions.add(0, faders.names)
    positions.send(desk, faders, 600 * 44100, 0)  # a fade of ten minutes
    positions.send(desk, faders, 882, 0)
    assert desk.n_waiting == 4
    assert desk.event_ramps[2] == 882


def test_what_could_not_be_sent_is_sent_later(faders):
    desk, positions = Desk(2), Positions()
    positions.add(0, faders.names)
    for _ in range(N_EVENTS):
        desk.set_master(1.0, 1)
    with pytest.raises(EngineError, match="wait for the audio"):
        positions.send(desk, faders, 882, 0)
    desk.counts[5] = N_EVENTS  # the audio has carried them out
    positions.send(desk, faders, 882, 0)
    assert desk.n_waiting == 2
