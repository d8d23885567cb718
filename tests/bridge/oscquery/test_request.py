"""A plain question passes; whatever else comes is refused with a status."""

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streamsep_bridge.oscquery.request import MAX_HEADERS, HttpError, Request, read_request

OURS = {"localhost", "127.0.0.1", "::1", "streamsep-box.local"}


def read(line="GET / HTTP/1.1", *headers, host="localhost:9010"):
    lines = [line, *([f"Host: {host}"] if host is not None else []), *headers]
    return read_request("\r\n".join(lines).encode("latin-1"), OURS)


def test_questions():
    assert read() == Request("/", None, True)
    assert read("HEAD /a/b?VALUE HTTP/1.0") == Request("/a/b", "VALUE", False)
    assert read("GET /%C3%A4?HOST_INFO HTTP/1.1", "accept: */*") == Request("/ä", "HOST_INFO", True)


@pytest.mark.parametrize(
    "host",
    [
        "localhost",
        "LOCALHOST.:1",
        "127.0.0.1",
        "[::1]:9010",
        "[0:0:0:0:0:0:0:1]",
        "streamsep-box.local",
    ],
)
def test_our_hosts(host):
    assert read(host=host).path == "/"


@pytest.mark.parametrize(
    "host",
    ["evil.example", "127.0.0.1.evil.example", "localhost.evil.example:9010", "10.0.0.1", "[::2]"],
)
def test_a_name_that_was_bent_to_us_is_refused(host):
    with pytest.raises(HttpError, match="another host") as refused:
        read(host=host)
    assert refused.value.status == 403


@pytest.mark.parametrize(
    ("status", "arguments"),
    [
        (405, ("POST / HTTP/1.1",)),
        (405, ("DELETE /streamsep HTTP/1.1",)),
        (400, ("GET http://localhost/ HTTP/1.1",)),
        (400, ("GET / HTTP/2",)),
        (400, ("GET /a b HTTP/1.1",)),
        (400, ("GET /%ff HTTP/1.1",)),
        (400, ("get / HTTP/1.1",)),
        (400, ("",)),
        (400, ("GET / HTTP/1.1", " folded")),
        (400, ("GET / HTTP/1.1", "no colon")),
        (400, ("GET / HTTP/1.1", "na me: x")),
        (400, ("GET / HTTP/1.1", "x: a\0b")),
        (400, ("GET / HTTP/1.1", "Host: localhost")),
        (400, ("GET / HTTP/1.1", "Content-Length: 5")),
        (400, ("GET / HTTP/1.1", "Transfer-Encoding: chunked")),
        (400, ("GET / HTTP/1.1", *["x: y"] * MAX_HEADERS)),
    ],
)
def test_what_is_refused(status, arguments):
    with pytest.raises(HttpError) as refused:
        read(*arguments)
    assert refused.value.status == status


def test_a_question_without_a_host_is_refused():
    with pytest.raises(HttpError, match="one header Host"):
        read(host=None)


@given(st.binary(max_size=300))
def test_noise_is_refused_and_nothing_worse(noise):
    with pytest.raises(HttpError):
        read_request(noise, OURS)


@given(st.text(max_size=40), st.text(max_size=40))
def test_odd_paths_and_headers_are_read_or_refused(path, value):
    head = f"GET /{path} HTTP/1.1\r\nHost: localhost\r\nX: {value}".encode()
    with contextlib.suppress(HttpError):
        assert read_request(head, OURS).path.startswith("/")
