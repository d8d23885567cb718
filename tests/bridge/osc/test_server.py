"""Controllers over real sockets drive a session, ask it, and stay in step with each other."""

import socket
import struct
import time

import numpy as np
import pytest

from streamsep.errors import ParameterError
from streamsep_bridge.osc.encode import encode
from streamsep_bridge.osc.server import OscError, OscServer
from streamsep_bridge.osc.stream_clock import tag_of_time
from streamsep_bridge.osc.tcp import frame

VOCALS = "/streamsep/stem/vocals"


def timed(messages, at_s):
    packet = b"#bundle\0" + struct.pack(">Q", tag_of_time(at_s))
    return packet + b"".join(struct.pack(">i", len(one)) + one for one in messages)


@pytest.mark.parametrize(
    ("path", "value", "name", "expected"),
    [
        ("gain", 0.5, "gain", 0.5),
        ("gain_db", -6.0, "gain_db", -6.0),
        ("gain_db", -200.0, "gain", 0.0),
        ("gain_db", float("-inf"), "gain", 0.0),
        ("gain_db", -6, "gain_db", -6.0),
        ("mute", True, "mute", True),
        ("mute", 1, "mute", True),
        ("mute", 1.0, "mute", True),
        ("solo", 1, "solo", True),
        ("pan", -0.5, "pan", -0.5),
        ("width", 2.0, "width", 2.0),
    ],
)
def test_a_fader_is_moved(session, controller, until, path, value, name, expected):
    controller.send(f"{VOCALS}/{path}", value)
    until(lambda: getattr(session.stems["vocals"], name) == pytest.approx(expected))


def test_the_mix_bypass_and_panic(session, controller, until):
    controller.send("/streamsep/mix/gain_db", -12.0)
    controller.send("/streamsep/mix/dry_wet", 0.25)
    controller.send(f"{VOCALS}/gain", 2.0)
    until(lambda: session.stems["vocals"].gain == 2.0)
    assert session.mix.gain == pytest.approx(10.0 ** (-12.0 / 20.0))
    assert session.mix.dryness == 0.75
    controller.send("/streamsep/panic")
    until(lambda: session.bypass)
    assert session.mix.gain == session.stems["vocals"].gain == 1.0
    controller.send("/streamsep/bypass", 0)
    until(lambda: not session.bypass)


@pytest.mark.parametrize("value", [1, True, 1.0])
def test_a_button_gives_an_order_when_it_is_pressed(session, controller, until, value):
    controller.send("/streamsep/panic", 0)  # as it is let go
    assert "takes at most 0" in controller.hear_value("/streamsep/error")[1]
    assert not session.bypass
    controller.send("/streamsep/panic", value)
    until(lambda: session.bypass)


def test_solo_is_additive_and_solo_only_is_not(session, controller, until):
    for stem in ("vocals", "drums"):
        controller.send(f"/streamsep/stem/{stem}/solo", 1)
    until(lambda: session.stems["vocals"].solo and session.stems["drums"].solo)
    controller.send("/streamsep/stem/bass/solo_only", 1)
    until(lambda: session.stems["bass"].solo)
    assert not session.stems["vocals"].solo
    assert not session.stems["drums"].solo
    assert controller.ask("/streamsep/stem/bass/solo_only") == (1,)


def test_a_pattern_moves_many(session, controller, until):
    controller.send("/streamsep/stem/*/mute", 1)
    until(lambda: all(fader.mute for fader in session.stems.values()))
    controller.send("/streamsep/stem/{vocals,bass}/mute", 0)
    until(lambda: not session.stems["bass"].mute)
    assert [session.stems[name].mute for name in session.stems] == [False, True, False, True]


def test_an_address_without_arguments_is_answered(session, controller):
    session.stems["drums"].gain_db = -3.0
    assert controller.ask("/streamsep/stem/drums/gain_db") == (pytest.approx(-3.0),)
    assert controller.ask("/streamsep/profile") == ("stage",)
    assert controller.ask("/streamsep/status/state") == ("stopped",)
    assert controller.ask("/streamsep/bypass") == (0,)
    controller.send("/streamsep/stem/*/mute")
    came = controller.hear(lambda all_: len(all_) == 4)
    assert sorted(address for address, _ in came) == sorted(
        f"/streamsep/stem/{name}/mute" for name in session.stems
    )


def test_profile_and_preset_by_name(session, controller, until):
    controller.send("/streamsep/profile", "tight")
    until(lambda: session.model.find().profile == "tight")
    controller.send("/streamsep/stem_set", "2stems")
    until(lambda: session.stems.names == ("vocals", "accompaniment"))
    controller.send("/streamsep/stem/accompaniment/gain", 0.0)
    until(lambda: session.stems["accompaniment"].gain == 0.0)


@pytest.mark.parametrize(
    ("address", "values", "reason"),
    [
        (f"{VOCALS}/gain", (17.0,), "outside 0 to 16"),
        (f"{VOCALS}/gain", (float("nan"),), "outside"),
        (f"{VOCALS}/gain", (float("inf"),), "outside"),
        (f"{VOCALS}/gain_db", (25.0,), "outside"),
        (f"{VOCALS}/gain", ("loud",), "is a number"),
        (f"{VOCALS}/mute", (0.5,), "0 or 1"),
        (f"{VOCALS}/mute", (1, 2, 3), "at most 1"),
        ("/streamsep/stem/kazoo/gain", (1.0,), "no such address"),
        ("/streamsep/level/vocals", (1.0,), "told, not set"),
        ("/streamsep/preset", ("../../etc/passwd",), "is a name"),
        ("/streamsep/preset", ("nothing",), "unknown"),
        ("/streamsep/profile", ("fast",), "unknown"),
        ("/streamsep/record", (1,), "--takes"),
        ("/streamsep/scene/recall", ("chorus",), "--scenes"),
        ("/streamsep/source/playing", (1,), "--source"),
        ("/streamsep/subscribe", ("/other",), "below /streamsep"),
        ("/streamsep/subscribe", ("/streamsep", 1e30), "is outside"),
    ],
)
def test_what_cannot_be_is_refused_and_answered(
    session, server, controller, address, values, reason
):
    before = session.stems["vocals"].gain
    controller.send(address, *values)
    shown, why = controller.hear_value("/streamsep/error")
    assert shown == address
    assert reason in why
    assert session.stems["vocals"].gain == before
    assert server.refusals.total == 1


def test_two_controllers_stay_in_step(session, server, controller, make_controller):
    other = make_controller(server)
    for one in (controller, other):
        one.send("/streamsep/subscribe", "/streamsep/stem", 100.0)
        one.hear(lambda all_: len(all_) >= 28)  # all there is, at first
    controller.send(f"{VOCALS}/gain_db", -9.0)
    assert other.hear_value(f"{VOCALS}/gain_db") == (pytest.approx(-9.0),)
    # Who moved it hears of its other face, not of itself.
    came = controller.hear(lambda all_: False, 0.2)
    assert {address for address, _ in came} == {f"{VOCALS}/gain"}
    session.stems["bass"].mute = True  # from elsewhere: both hear
    for one in (controller, other):
        assert one.hear_value("/streamsep/stem/bass/mute") == (1,)


def test_who_sends_what_is_refused_is_told_what_holds(session, controller):
    controller.send("/streamsep/subscribe", VOCALS, 100.0)
    controller.hear(lambda all_: len(all_) >= 7)
    controller.send(f"{VOCALS}/gain", 99.0)
    assert controller.hear_value(f"{VOCALS}/gain") == (1.0,)


def test_subscriptions_go_to_another_port_expire_and_end(server, controller, make_controller):
    ear = make_controller(server)
    controller.send("/streamsep/subscribe", "/streamsep/status/state", 50.0, 1.0, float(ear.port))
    assert ear.hear_value("/streamsep/status/state") == ("stopped",)
    assert len(list(server._subscribers)) == 1
    time.sleep(1.1)
    assert not list(server._subscribers)
    controller.send("/streamsep/subscribe", "/streamsep/mix", 50.0)
    controller.hear(lambda all_: len(all_) >= 3)
    controller.send("/streamsep/unsubscribe")
    controller.send("/streamsep/mix/gain", 0.5)
    assert controller.ask("/streamsep/mix/gain") == (0.5,)
    assert not list(server._subscribers)


def test_there_are_at_most_eight_subscribers(server, make_controller):
    many = [make_controller(server) for _ in range(9)]
    for one in many[:8]:
        one.send("/streamsep/subscribe", "/streamsep/bypass")
        one.hear_value("/streamsep/bypass")
    many[8].send("/streamsep/subscribe", "/streamsep/bypass")
    assert "8 subscribers" in many[8].hear_value("/streamsep/error")[1]


def test_feedback_from_the_start(make_server, make_controller, session):
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as ear:
        ear.bind(("127.0.0.1", 0))
        ear.settimeout(5.0)
        make_server(feedback=[ear.getsockname()])
        assert ear.recv(65536).startswith(b"#bundle")


def test_a_bundle_waits_for_its_time(session, controller, until):
    due_s = time.time() + 0.4
    controller.send_raw(timed([encode(f"{VOCALS}/gain", (0.25, 0.02))], due_s))
    controller.send(f"{VOCALS}/pan", 0.5)  # what comes after it does not wait
    until(lambda: session.stems["vocals"].pan == 0.5)
    assert session.stems["vocals"].gain == 1.0
    until(lambda: session.stems["vocals"].gain == 0.25)
    assert time.time() > due_s - 0.1


def test_a_bundle_of_the_past_acts_now_and_one_of_far_ahead_never(
    session, server, controller, until
):
    controller.send_raw(timed([encode(f"{VOCALS}/gain", (0.5, 0.02))], -2208988000.0))
    until(lambda: session.stems["vocals"].gain == 0.5)
    controller.send_raw(timed([encode(f"{VOCALS}/gain", (0.75, 0.02))], time.time() + 1e6))
    assert "due in more than" in controller.hear_value("/streamsep/error")[1]
    assert session.stems["vocals"].gain == 0.5


def test_over_tcp_with_slip(session, server, until):
    with socket.create_connection(("127.0.0.1", server.port)) as connection:
        framed = frame(encode(f"{VOCALS}/gain_db", (-6.0,))) + frame(
            encode(f"{VOCALS}/pan", (0.5,))
        )
        for part in (framed[:11], framed[11:]):  # as a network may cut it
            connection.send(part)
            time.sleep(0.02)
        until(lambda: session.stems["vocals"].pan == 0.5)
        assert session.stems["vocals"].gain_db == pytest.approx(-6.0)
        connection.send(frame(encode("/streamsep/mix/gain", ())))
        connection.settimeout(5.0)
        assert encode("/streamsep/mix/gain", (1.0,)) in connection.recv(1000)
    until(lambda: not server._connections)


def test_a_thousand_messages_keep_their_order(session, controller, until):
    values = np.random.default_rng(0).uniform(0.0, 1.0, 1000)
    for i, value in enumerate(values):
        controller.send(f"{VOCALS}/gain", float(np.float32(value)))
        if i % 50 == 49:
            time.sleep(0.002)  # the kernel's buffer is not what is tested
    until(lambda: session.stems["vocals"].gain == np.float32(values[-1]))


def test_who_is_not_allowed_is_counted_and_not_obeyed(session):
    with pytest.raises(ParameterError, match="--osc-allow"):
        OscServer(session, listen="0.0.0.0")
    with pytest.raises(ParameterError, match="no sender"):
        OscServer(session, listen="0.0.0.0", allow=["everybody"])


def test_a_port_in_use_is_one_line(server, session):
    with pytest.raises(OscError, match="choose another"), OscServer(session, port=server.port):
        pass


def test_each_refusal_is_told_once(make_server, make_controller, until):
    lines = []
    server = make_server(tell=lines.append)
    controller = make_controller(server)
    for _ in range(50):
        controller.send_raw(b"junk")
        controller.send("/streamsep/nothing", 1.0)
    until(lambda: server.refusals.total == 100)
    assert len(lines) == 2
    assert server.refusals.counts == {"malformed": 50, "unknown": 50}


def test_a_pattern_asks_and_never_orders(session, server, controller):
    controller.send("/streamsep/*")
    came = controller.hear(lambda all_: len(all_) >= 5)
    assert ("/streamsep/bypass", (0,)) in came
    assert not session.bypass  # no panic
    assert not list(server._subscribers)


def test_a_web_page_cannot_speak(session, server, until):
    packet = frame(encode(f"{VOCALS}/gain", (0.5,)))
    with socket.create_connection(("127.0.0.1", server.port)) as browser:
        browser.sendall(b"POST / HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n" + packet)
        browser.settimeout(5.0)
        assert browser.recv(10) == b""
    assert session.stems["vocals"].gain == 1.0


def test_a_full_house_gives_the_place_of_the_longest_silent(server, until):
    many = [socket.create_connection(("127.0.0.1", server.port)) for _ in range(8)]
    until(lambda: len(server._connections) == 8)
    many[0].send(frame(encode("/streamsep/mix/gain", ())))
    many[0].recv(1000)
    late = socket.create_connection(("127.0.0.1", server.port))
    many[1].settimeout(5.0)
    assert many[1].recv(10) == b""
    for one in (*many, late):
        one.close()


def test_nobody_is_told_through_the_server_itself(session, server, controller):
    controller.send("/streamsep/subscribe", "/streamsep", 20.0, 60.0, float(server.port))
    assert "this server's own" in controller.hear_value("/streamsep/error")[1]
    with (
        pytest.raises(ParameterError, match="is this server itself"),
        OscServer(session, port=9000, feedback=[("localhost", 9000)]),
    ):
        pass
    with (
        pytest.raises(ParameterError, match="no such host"),
        OscServer(session, port=0, feedback=[("no.such.host.invalid", 9)]),
    ):
        pass


def test_orders_go_on_after_one_that_fails_strangely(session, make_server, make_controller, until):
    class Broken:
        names = ()

        def store(self, name):
            raise MemoryError("strange")

    controller = make_controller(make_server(scenes=Broken()))
    controller.send("/streamsep/scene/store", "x")
    assert "strange" in controller.hear_value("/streamsep/error")[1]
    controller.send("/streamsep/profile", "tight")
    until(lambda: session.model.find().profile == "tight")


def test_what_has_no_sample_waits_for_its_time(session, controller, until):
    due_s = time.time() + 0.3
    controller.send_raw(timed([encode("/streamsep/panic", ())], due_s))
    until(lambda: session.bypass)
    assert time.time() >= due_s
