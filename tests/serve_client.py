"""A client of `streamsep serve` as others would write it: sends sound, collects stems and events."""

import asyncio
import contextlib
import json
import struct
import time
from dataclasses import dataclass, field

import numpy as np
import websockets

KINDS = {"f32": "<f4", "s16": "<i2"}


def stream_url(url):
    """The WebSocket of a server with this page."""
    return url.replace("http", "ws", 1) + "stream"


@dataclass
class Heard:
    """What a client got: events in order, stems [stems, channels, n], the close code."""

    ready: dict = field(default_factory=dict)
    stems: np.ndarray | None = None
    events: list = field(default_factory=list)
    code: int = 0
    late: int = 0
    delays_s: list = field(default_factory=list)

    def of(self, kind):
        """Events of a kind."""
        return [event for event in self.events if event["type"] == kind]


class Stream:
    """One connection, after its hello; an async context manager.

    Args:
        url: Of the page.
        connect: Further arguments of `websockets.connect`.
        hello: Keys of the first message.
    """

    def __init__(self, url, connect=None, **hello):
        self.url, self.connect = stream_url(url), {"max_size": None, "compression": None}
        self.connect |= connect or {}
        self.hello = {"format": "f32", "sample_rate": 44100, "channels": 2, "want": "stems"} | hello
        self.heard, self.arrivals, self._parts = Heard(), [], []
        self.n = 0

    async def __aenter__(self):
        self.socket = await websockets.connect(self.url, **self.connect)
        await self.order(self.hello)
        try:
            self.heard.ready = json.loads(await self.socket.recv())
        except websockets.ConnectionClosed:
            pass
        else:
            if self.heard.ready["type"] != "ready":
                self.heard.events.append(self.heard.ready)
        return self

    async def __aexit__(self, *details):
        await self.socket.close()

    async def send(self, block):
        """A block, float32 [channels, n]."""
        frames = np.ascontiguousarray(block.T)
        if self.hello["format"] == "s16":
            frames = np.rint(frames * 32768.0)
        await self.socket.send(frames.astype(KINDS[self.hello["format"]]).tobytes())

    async def order(self, order):
        """A message in JSON."""
        await self.socket.send(json.dumps(order))

    async def read(self, until=lambda event: False):
        """Take what comes until an event, or the end; everything is in `heard`."""
        with contextlib.suppress(websockets.ConnectionClosed):
            while True:
                message = await self.socket.recv()
                if isinstance(message, str):
                    event = json.loads(message)
                    self.heard.events.append(event)
                    if event["type"] == "reset":
                        self.n = 0
                    if until(event):
                        break
                else:
                    self._take(message)
        self.heard.code = self.socket.close_code
        self.heard.stems = self._stems()
        return self.heard

    def _take(self, message):
        (position,) = struct.unpack_from("<Q", message)
        assert position == self.n, "stems come without a gap"
        frames = np.frombuffer(message, KINDS[self.hello["format"]], offset=8)
        frames = frames.reshape(-1, len(self.heard.ready["stems"]), self.hello["channels"])
        self.n += len(frames)
        self.arrivals.append((self.n, time.monotonic()))
        self._parts.append(frames)

    def _stems(self):
        if not self._parts:
            return None
        frames = np.concatenate(self._parts)
        scale = 1.0 / 32768.0 if self.hello["format"] == "s16" else 1.0
        return np.moveaxis(frames, 0, -1).astype(np.float32) * np.float32(scale)


async def separate(url, sound, block=1024, speed=None, is_ending=True, **hello):
    """Send a sound and collect its stems.

    Args:
        url: Of the page.
        sound: float32 [channels, n].
        block: Frames per message.
        speed: Times real time; None is as fast as the server takes it.
        is_ending: Whether the end is said; otherwise the server has to come to it.
        hello: Keys of the first message.
    """
    sent = []
    async with Stream(url, channels=sound.shape[0], **hello) as stream:
        if stream.heard.ready.get("type") != "ready":
            return await stream.read()

        async def send():
            start_s = time.monotonic()
            block_s = block / (stream.hello["sample_rate"] * speed) if speed else 0.0
            with contextlib.suppress(websockets.ConnectionClosed):
                for k, start in enumerate(range(0, sound.shape[1], block)):
                    await asyncio.sleep(max(0.0, start_s + k * block_s - time.monotonic()))
                    await stream.send(sound[:, start : start + block])
                    sent.append((min(start + block, sound.shape[1]), time.monotonic()))
                if is_ending:
                    await stream.order({"type": "end"})

        sending = asyncio.ensure_future(send())
        heard = await stream.read()
        await sending
    heard.delays_s = delays_s(sent, stream.arrivals)
    return heard


def delays_s(sent, arrivals):
    """Seconds from sending each block to having all its stems.

    Args:
        sent: (frames so far, when) of every block.
        arrivals: The same of every message with stems.
    """
    found, k = [], 0
    for position, at_s in sent:
        while k < len(arrivals) and arrivals[k][0] < position:
            k += 1
        if k == len(arrivals):
            break
        found.append(arrivals[k][1] - at_s)
    return found
