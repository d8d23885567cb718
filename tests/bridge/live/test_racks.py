"""Racks of a session before it plays: what is said of them, and what is refused."""

import importlib.util
import sys

import pytest

from streamsep.errors import MissingExtraError, ParameterError, PresetError
from streamsep_bridge import Board, LiveSession
from streamsep_bridge.live.racks import to_chain
from streamsep_bridge.rack.chain import find_chain
from streamsep_bridge.rack.parameters import ChainError

pedalboard = pytest.importorskip("pedalboard")


def session(**fx):
    return LiveSession("classic", fx=fx)


def test_without_racks_there_are_none():
    live = LiveSession("classic")
    assert dict(live.fx) == {}
    assert live.fx.choice() is None
    assert live.status().racks == {}
    with pytest.raises(ParameterError, match=r"begin it with fx=\{'drums': \[\]\}"):
        live.fx["drums"]


@pytest.mark.parametrize(
    "source",
    ["hall", find_chain("hall"), find_chain("hall").to_data()],
    ids=["name", "chain", "list"],
)
def test_chains_come_in_many_ways(source):
    assert to_chain(source).entries == find_chain("hall").entries


def test_pedalboards_become_chains():
    effects = [pedalboard.Reverb(room_size=0.25), pedalboard.Gain(-3.0)]
    for source in (effects, pedalboard.Pedalboard(effects)):
        assert [entry.slot for entry in to_chain(source).entries] == ["reverb", "gain"]
    assert to_chain([]).entries == ()


def test_values_are_kept_for_the_next_process():
    live = session(vocals=[{"effect": "Reverb", "name": "hall"}], mix="glue")
    rack = live.fx["vocals"]
    rack.set("hall", "room_size", 0.75)
    rack.bypass = True
    order = live.fx.choice()
    assert order.chains["vocals"] == [{"effect": "Reverb", "name": "hall", "room_size": 0.75}]
    assert order.bypassed == ["vocals"]
    assert rack.get("hall", "room_size") == 0.75
    assert rack.get("hall", "damping") is None
    rack.load([{"effect": "Delay"}])
    assert set(rack.parameters) == {"delay"}
    assert live.status().racks == {"vocals": "bypassed", "mix": "on"}


def test_what_does_not_fit_is_refused():
    with pytest.raises(PresetError, match=r"'tuba' is unknown; there is: vocals.*mix"):
        session(tuba="hall")
    with pytest.raises(ChainError, match="PitchShift is silent"):
        session(vocals=[{"effect": "PitchShift"}])
    with pytest.raises(ParameterError, match="nobody hears the sum"):
        LiveSession("classic", stem_outputs=True, fx={"mix": "glue"})
    rack = session(vocals="hall").fx["vocals"]
    with pytest.raises(ChainError, match="room_size=2 is outside 0 to 1"):
        rack.set("hall", "room_size", 2)
    with pytest.raises(ChainError, match=r"slot 'all'.*did you mean 'hall'"):
        rack.set("all", "room_size", 1)


def test_without_pedalboard_the_remedy_is_told(monkeypatch):
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    with pytest.raises(MissingExtraError, match=r"'pedalboard'.*streamsep\[fx\]"):
        session(vocals="hall")
    monkeypatch.setitem(sys.modules, "pedalboard", None)
    with pytest.raises(MissingExtraError, match=r"streamsep\[fx\]"):
        Board(find_chain("hall"))


def test_what_happens_to_racks_is_remembered():
    live = session(vocals="hall", mix="glue")
    live.fx.hear({"event": "rack", "chain": "vocals", "state": "left out", "reason": "crashed"})
    live.fx.hear({"event": "rack", "chain": "all", "state": "restarted", "reason": "hung"})
    assert live.status().racks == {"vocals": "left out", "mix": "on"}
    assert live.fx["vocals"].reason == "crashed"
    assert live.fx.choice().bypassed == []
