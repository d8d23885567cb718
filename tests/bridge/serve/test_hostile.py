"""Whatever one client does, the others get all their stems, unchanged."""

import asyncio
import contextlib
import json
import os
import socket
import struct
import time

import numpy as np
import pytest
import websockets

from serve_client import Stream, separate, stream_url
from streamsep_bridge import ServeSettings, StreamServer


def beside(server, song, expected, hostile):
    """Run something hostile while two others stream; what came of it, after the others were looked at."""

    async def run():
        others = [separate(server.url, song, block=n, speed=2.0) for n in (512, 1000)]
        *heard, result = await asyncio.gather(*others, hostile())
        return heard, result

    heard, result = asyncio.run(run())
    for one in heard:
        assert one.code == 1000
        np.testing.assert_allclose(one.stems, expected, atol=1e-5)
    return result


async def say(server, *messages, **connect):
    """Send some messages and hear what is answered: events, close code."""
    events = []
    async with websockets.connect(stream_url(server.url), **connect) as ws:
        try:
            for message in messages:
                await ws.send(message)
            async for message in ws:
                events.append(json.loads(message))
        except websockets.ConnectionClosed:
            pass
        return events, ws.close_code


HELLO = json.dumps({"format": "f32", "sample_rate": 44100, "channels": 2})

GARBAGE = {
    "binary first": (b"\0" * 64,),
    "no JSON": ("{",),
    "deep JSON": ("[" * 8000,),
    "no object": ("[1, 2]",),
    "another rate": (json.dumps({"sample_rate": 22050}),),
    "a rate that is true": (json.dumps({"channels": True}),),
    "an unknown key": (json.dumps({"volume": 11}),),
    "half a frame": (HELLO, b"\0" * 1001),
    "an unknown order": (HELLO, json.dumps({"type": "shutdown"})),
    "a level that is none": (HELLO, json.dumps({"type": "gains", "gains_db": {"vocals": "loud"}})),
    "a level out of JSON": (HELLO, '{"type": "gains", "gains_db": {"vocals": NaN}}'),
    "an unknown stem": (HELLO, json.dumps({"type": "mute", "stems": ["kazoo"]})),
    "a list as a stem": (HELLO, json.dumps({"type": "mute", "stems": [["vocals"]]})),
    "a long text": (HELLO, "x" * 9000),
}


def test_garbage_is_told_and_ended(server, song, expected):
    async def hostile():
        return [await say(server, *messages) for messages in GARBAGE.values()]

    for name, (events, code) in zip(GARBAGE, beside(server, song, expected, hostile), strict=True):
        assert code == 1003, name
        assert events[-1]["type"] == "error", name
        assert events[-1]["message"], name
        assert events[-1]["remedy"], name


def test_garbage_does_not_reach_the_terminal(song):
    lines = []
    with StreamServer("classic", settings=ServeSettings(port=0), tell=lines.append) as server:
        order = {
            "type": "gains",
            "gains_db": {"vocals": "\x1b[2Jloud\nrefused (nobody): all is well"},
        }
        asyncio.run(say(server, HELLO, json.dumps(order)))
    (line,) = lines
    assert line.isprintable()


def test_bytes_that_are_no_protocol_at_all(server, song, expected):
    async def hostile():
        for _ in range(8):
            reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
            writer.write(os.urandom(20000))
            with contextlib.suppress(ConnectionResetError):
                await asyncio.wait_for(reader.read(), 5.0)
            writer.close()
        # The handshake is good, the frames are not.
        ws = await websockets.connect(stream_url(server.url))
        ws.transport.write(b"\xff" * 5000)
        await ws.wait_closed()
        return ws.close_code

    assert beside(server, song, expected, hostile) in (1002, 1006)


def test_a_message_that_is_too_long_is_refused_when_it_is_announced(server, song, expected):
    # Only the head of its frame is sent: where bytes lie unread when a socket is closed, the system resets
    # the connection, and the reset may overtake the reason.
    async def hostile():
        async with websockets.connect(stream_url(server.url)) as ws:
            await ws.send(HELLO)
            await ws.recv()
            ws.transport.write(struct.pack("!BBQI", 0x82, 0xFF, 1 << 18, 0))
            await ws.wait_closed()
            return ws.close_code

    assert beside(server, song, expected, hostile) == 1009


def test_a_message_that_is_too_long_ends_its_sender(server, song, expected):
    async def hostile():
        return await say(server, HELLO, b"\0" * (1 << 18))

    _, code = beside(server, song, expected, hostile)
    assert code == 1009


def test_whoever_floods_is_held_back_and_served(server, song, expected):
    async def hostile():
        tiny = Stream(server.url)
        async with tiny:
            for start in range(
                0, 12000, 2
            ):  # thousands of tiny messages, and a second flood beside them
                await tiny.send(song[:, start : start + 2])
                await asyncio.sleep(0)  # the others live in this thread, too
            await tiny.order({"type": "end"})
            return await asyncio.gather(tiny.read(), separate(server.url, song, block=8192))

    tiny, big = beside(server, song, expected, hostile)
    np.testing.assert_allclose(tiny.stems[..., :12000], expected[..., :12000], atol=1e-5)
    np.testing.assert_allclose(big.stems, expected, atol=1e-5)


def test_orders_do_not_pass_faster_than_allowed(server):
    async def run():
        slow = json.dumps({"sample_rate": 44100})
        start_s = time.monotonic()
        async with websockets.connect(stream_url(server.url)) as ws:
            await ws.send(slow)
            await ws.recv()

            async def send():
                for n in range(6000):
                    await ws.send(json.dumps({"type": "ping", "id": n}))

            sending = asyncio.ensure_future(send())
            for n in range(6000):
                assert json.loads(await ws.recv())["id"] == n
            await sending
        return time.monotonic() - start_s

    # An order counts as 10 ms of sound: 60 s of it, at 50 times real time, less the second for a start.
    assert asyncio.run(run()) > 0.15


def test_whoever_says_nothing_or_takes_nothing_is_ended(server, song, expected):
    async def takes_nothing():
        door = socket.socket()
        door.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        door.connect(("127.0.0.1", server.port))
        door.setblocking(False)
        async with Stream(server.url, {"sock": door, "max_queue": 1}) as stream:
            with contextlib.suppress(websockets.ConnectionClosed):
                while True:
                    await stream.send(song[:, :8192])

    async def hostile():
        return await asyncio.gather(
            say(server), say(server, HELLO), asyncio.wait_for(takes_nothing(), 60.0)
        )

    (first, _), (second, code), _ = beside(server, song, expected, hostile)
    assert first[-1]["reason"] == "hello"
    assert (second[-1]["reason"], code) == ("idle", 1008)


def test_whoever_vanishes_leaves_the_place(server, song, expected):
    async def hostile():
        for n in range(10):
            async with Stream(server.url) as stream:
                assert stream.heard.ready["type"] == "ready", n
                await stream.send(song[:, :4000])
                end = stream.socket.transport.get_extra_info("socket")
                end.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                stream.socket.transport.write(b"\x82\xfe\x40")  # a message that never comes
                stream.socket.transport.abort()

    beside(server, song, expected, hostile)


def test_other_hosts_and_pages_are_refused(server, song, expected):
    async def refused(**connect):
        with pytest.raises(websockets.InvalidStatus) as problem:
            await websockets.connect(stream_url(server.url), **connect)
        return problem.value.response.status_code

    async def hostile():
        foreign = [{"origin": "http://evil.example"}, {"origin": "null"}]
        assert [await refused(**one) for one in foreign] == [403, 403]
        for path in ("/", "/stream", "/metrics"):
            reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
            writer.write(f"GET {path} HTTP/1.1\r\nHost: evil.example\r\n\r\n".encode())
            assert b" 403 " in await reader.readline()
            writer.close()
        events, _ = await say(server, "{", origin=server.url.rstrip("/"))
        return events

    assert beside(server, song, expected, hostile)[-1]["reason"] == "hello"


def test_places_and_connections_are_limited(server, song, expected):
    async def hostile():
        async with contextlib.AsyncExitStack() as stack:
            streams = [Stream(server.url) for _ in range(9)]
            for one in streams:
                await stack.enter_async_context(one)
            lines = []
            for _ in range(12):
                reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
                stack.callback(writer.close)
                with contextlib.suppress(asyncio.TimeoutError):
                    lines.append(await asyncio.wait_for(reader.readline(), 0.1))
            return [one.heard.ready for one in streams], lines

    answers, lines = beside(server, song, expected, hostile)
    assert 6 <= [answer["type"] for answer in answers].count("ready") <= 8  # others may stream
    assert {answer["reason"] for answer in answers if answer["type"] == "error"} == {"busy"}
    assert b"429" in lines[-1]
