"""Plug-ins of a session's racks over OSC: parameters by name and range, bypass, chains by name."""

import pytest

from streamsep_bridge import LiveSession

pytest.importorskip("pedalboard")

ROOT = "/streamsep/stem/vocals/fx"


@pytest.fixture
def session():
    chain = [{"effect": "Reverb", "room_size": 0.5}, {"effect": "LadderFilter", "mode": "LPF24"}]
    return LiveSession("classic", fx={"vocals": chain, "mix": [{"effect": "Limiter"}]})


def test_a_parameter_is_set_and_asked_for(session, controller, until):
    controller.send(f"{ROOT}/reverb/room_size", 0.9)
    until(lambda: session.fx["vocals"].get("reverb", "room_size") == pytest.approx(0.9))
    assert controller.ask(f"{ROOT}/reverb/room_size") == (pytest.approx(0.9),)
    controller.send("/streamsep/mix/fx/limiter/threshold_db", -6.0)
    until(lambda: session.fx["mix"].get("limiter", "threshold_db") == -6.0)


def test_a_choice_the_bypass_and_a_chain_by_name(session, server, controller, until):
    controller.send(f"{ROOT}/ladder_filter/mode", "HPF12")
    until(lambda: session.fx["vocals"].get("ladder_filter", "mode") == "HPF12")
    controller.send(f"{ROOT}/bypass", 1)
    until(lambda: session.fx["vocals"].bypass)
    assert controller.ask(f"{ROOT}/bypass") == (1,)
    controller.send(f"{ROOT}/load", "hall")
    until(lambda: f"{ROOT}/ladder_filter/mode" not in server.console.controls)
    assert any(address.startswith(f"{ROOT}/hall/") for address in server.console.controls)


@pytest.mark.parametrize(
    ("path", "value", "reason"),
    [
        ("reverb/room_size", 1.5, "outside 0 to 1"),
        ("reverb/room_size", float("nan"), "outside"),
        ("reverb/loudness", 1.0, "no such address"),
        ("ladder_filter/mode", "LPF99", "is one of"),
        ("load", "/etc/passwd", "is a name"),
        ("load", "../radio", "is a name"),
        ("load", "nothing", "there are: glue"),
    ],
)
def test_what_is_out_of_range_or_a_path_is_refused(session, controller, path, value, reason):
    before = session.fx["vocals"].chain
    controller.send(f"{ROOT}/{path}", value)
    assert reason in controller.hear_value("/streamsep/error")[1]
    assert session.fx["vocals"].chain == before


def test_a_parameter_that_has_gone_tells_nothing(session, server, controller):
    stale = dict(server.console.controls)
    session.fx["vocals"].load([{"effect": "Gain"}])
    address = f"{ROOT}/reverb/room_size"
    assert server._dispatch._feedback.look_at(address, stale[address]) is None
