"""Controllers ask over real sockets; who is slow, foreign or rude holds up nobody."""

import contextlib
import json
import socket
import time

import pytest
from pythonosc.udp_client import SimpleUDPClient

from streamsep_bridge.osc.server import OscError, OscServer
from streamsep_bridge.oscquery import visitor as visitor_module
from streamsep_bridge.oscquery.announce import own_addresses
from streamsep_bridge.oscquery.server import MAX_VISITORS, OscQueryServer

GAIN = "/streamsep/stem/vocals/gain_db"


def test_the_tree_and_its_branches(ask):
    tree = ask("/")
    assert tree["CONTENTS"]["streamsep"]["CONTENTS"]["bypass"]["TYPE"] == "T"
    assert ask("/streamsep/stem") == tree["CONTENTS"]["streamsep"]["CONTENTS"]["stem"]
    assert ask("/streamsep/stem/") == ask("/streamsep/stem")


def test_single_attributes(ask):
    assert ask(f"{GAIN}?RANGE") == {"RANGE": [{"MIN": -120.0, "MAX": 24.0}]}
    assert ask(f"{GAIN}?ACCESS") == {"ACCESS": 3}
    assert list(ask("/streamsep/mix?CONTENTS")["CONTENTS"]) == ["gain", "gain_db", "dry_wet"]


def test_a_controller_finds_the_osc_port_and_sees_what_it_did(ask, session):
    info = ask("/?HOST_INFO")
    assert info["NAME"] == "streamsep"
    assert info["OSC_TRANSPORT"] == "UDP"
    assert info["EXTENSIONS"]["RANGE"]
    with contextlib.closing(SimpleUDPClient("127.0.0.1", info["OSC_PORT"])) as osc:
        osc.send_message(GAIN, -12.5)
    end = time.monotonic() + 5.0
    while ask(f"{GAIN}?VALUE") != {"VALUE": [-12.5]} and time.monotonic() < end:
        time.sleep(0.01)
    assert session.stems["vocals"].gain_db == pytest.approx(-12.5)


@pytest.mark.parametrize(
    ("status", "target"),
    [
        (404, "/streamsep/stem/kazoo"),
        (404, "/etc/passwd"),
        (404, "/../../etc/passwd"),
        (404, "/streamsep/ste"),
        (404, "/nothing?VALUE"),
        (204, "/streamsep/panic?VALUE"),
        (204, "/streamsep/stem?RANGE"),
        (204, f"{GAIN}?CONTENTS"),
        (204, f"{GAIN}?CLIPMODE"),
        (204, "/streamsep/source/playing?VALUE"),
        (400, f"{GAIN}?COLOUR"),
        (400, f"{GAIN}?"),
        (400, f"{GAIN}?VALUE&RANGE"),
    ],
)
def test_statuses(request_of, status, target):
    assert request_of(target)[0] == status


def test_a_head_has_no_body(request_of):
    assert request_of("/", "HEAD") == (200, b"")
    assert request_of("/nothing", "HEAD") == (404, b"")


def test_a_foreign_page_gets_nothing(request_of):
    status, body = request_of("/", Host="evil.example")
    assert status == 403
    assert b"streamsep" not in body


def test_nothing_is_set_over_http(request_of, session):
    assert request_of(GAIN, "PUT")[0] == 405
    assert session.stems["vocals"].gain == 1.0


def test_a_question_too_long_is_refused(query):
    with socket.create_connection(("127.0.0.1", query.port), timeout=5.0) as connection:
        connection.sendall(b"GET / HTTP/1.1\r\nHost: localhost\r\nX: " + b"x" * 20000)
        assert connection.recv(100).startswith(b"HTTP/1.1 431 ")


def test_a_question_in_pieces_is_answered(query):
    with socket.create_connection(("127.0.0.1", query.port), timeout=5.0) as connection:
        for piece in (b"GET /?HOST_INFO HT", b"TP/1.1\r\nHost: loc", b"alhost\r\n", b"\r\n"):
            connection.sendall(piece)
            time.sleep(0.02)
        reply = b""
        while part := connection.recv(4096):
            reply += part
    assert json.loads(reply.partition(b"\r\n\r\n")[2])["NAME"] == "streamsep"


def test_who_says_no_more_still_gets_the_reply(query):
    with socket.create_connection(("127.0.0.1", query.port), timeout=5.0) as connection:
        connection.sendall(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
        connection.shutdown(socket.SHUT_WR)
        reply = b""
        while part := connection.recv(65536):
            reply += part
    assert json.loads(reply.partition(b"\r\n\r\n")[2])["FULL_PATH"] == "/"


def test_slow_visitors_hold_up_nobody(query, ask):
    """Slow loris: many connections that say a little and then no more."""
    with contextlib.ExitStack() as stack:
        for _ in range(3 * MAX_VISITORS):
            slow = stack.enter_context(socket.create_connection(("127.0.0.1", query.port)))
            slow.sendall(b"GET / HT")
        assert ask("/?HOST_INFO")["NAME"] == "streamsep"
        assert len(query._visitors) <= MAX_VISITORS


def test_a_slow_visitor_is_seen_off_however_busy(query, monkeypatch):
    monkeypatch.setattr(visitor_module, "VISIT_S", 0.3)
    with (
        socket.create_connection(("127.0.0.1", query.port), timeout=5.0) as slow,
        contextlib.suppress(OSError),
    ):
        for _ in range(200):  # a byte now and then keeps it no longer
            slow.sendall(b"G")
            time.sleep(0.05)
            if not query._visitors:
                break
    assert not query._visitors


def test_visitors_that_go_leave_nothing_behind(query):
    for _ in range(20):
        with socket.create_connection(("127.0.0.1", query.port)) as connection:
            connection.sendall(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
    end = time.monotonic() + 5.0
    while query._visitors and time.monotonic() < end:
        time.sleep(0.01)
    assert not query._visitors


def test_who_may_not_speak_may_not_ask(session):
    here = own_addresses("0.0.0.0")[0]
    if here.startswith("127."):
        pytest.skip("this machine has no network address")
    with (
        OscServer(session, port=0, listen="0.0.0.0", allow=["203.0.113.9"]) as osc,
        OscQueryServer(osc, port=0, announce=False) as query,
        socket.create_connection((here, query.port), timeout=5.0) as foreign,
    ):
        with contextlib.suppress(OSError):
            foreign.sendall(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
            assert foreign.recv(100) == b""
        assert not query._visitors


def test_a_port_in_use_is_one_line(osc, query):
    with pytest.raises(OscError, match="--oscquery"), OscQueryServer(osc, port=query.port):
        pass
