"""`Client`: one stream over one WebSocket. A reader takes what comes, a writer sends what is ready."""

from __future__ import annotations

import asyncio
import json
import time
from typing import TYPE_CHECKING, Any

import numpy as np
from starlette.websockets import WebSocket, WebSocketDisconnect, WebSocketState

from streamsep.errors import BlockSizeError
from streamsep_bridge.serve.hello import Hello
from streamsep_bridge.serve.lateness import Lateness
from streamsep_bridge.serve.orders import Levels, read_order
from streamsep_bridge.serve.pace import Pace
from streamsep_bridge.serve.refused import Refused
from streamsep_bridge.serve.samples import decode, encode

if TYPE_CHECKING:
    from streamsep.batch.batch_stream import BatchStream
    from streamsep_bridge.serve.hub import Hub

_MOST_FRAMES = 4096
"""Of a message with stems."""


class Client:
    """See the module's docstring.

    Args:
        hub: Whose client it is.
        socket: Accepted.
        hello: What it said.
        name: Of its token.
        stream: Its place in the batch.

    Attributes:
        name: As given.

    Thread: the event loop's. Allocates: yes, bounded.
    """

    def __init__(
        self, hub: Hub, socket: WebSocket, hello: Hello, name: str, stream: BatchStream
    ) -> None:
        self._hub, self._socket, self._hello, self.name = hub, socket, hello, name
        self._stream, self._levels = stream, Levels(stream.stems)
        self._pace = Pace(hello.sample_rate, hub.settings.max_speed)
        self._lateness = Lateness(hello.sample_rate, hub.hop_s(hello.sample_rate))
        self._n_in = self._n_out = 0
        self._n_total: int | None = None  # frames to be sent in all, known at the end
        self._progress, self._ready = asyncio.Event(), asyncio.Event()
        self._failed: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._reader: asyncio.Task[None] | None = None
        self._waits_since_s: float | None = None  # for a message
        self._sends_since_s: float | None = None
        self._is_last = self._is_over = False

    async def serve(self) -> None:
        """Until the client has ended, and has got all that it is to get.

        Raises:
            Refused: It did what it must not.
            WebSocketDisconnect: It is gone.
        """
        self._reader = asyncio.create_task(self._read())
        writer = asyncio.create_task(self._write())
        waiting: set[asyncio.Future[None]] = {self._reader, writer, self._failed}
        try:
            while not writer.done():
                done, waiting = await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
                for one in done:
                    one.result()
        finally:
            self._is_over = True
            for task in (self._reader, writer):
                task.cancel()
            await asyncio.gather(self._reader, writer, return_exceptions=True)
            self._failed.cancel()

    def look(self) -> None:
        """The runner has done a round."""
        if self._stream.n_ready:
            self._ready.set()

    def watch(self, now_s: float) -> None:
        """Fail a client that says nothing, takes nothing, or whose token is no good any more."""
        settings = self._hub.settings
        if self._waits_since_s is not None and now_s - self._waits_since_s > settings.idle_s:
            self.fail(
                Refused("idle", f"no message for {settings.idle_s:g} s", "send sound, or a ping")
            )
        if self._sends_since_s is not None and now_s - self._sends_since_s > settings.stall_s:
            self.fail(
                Refused(
                    "stalled", f"stems unread for {settings.stall_s:g} s", "read them as they come"
                )
            )
        if not self._hub.tokens.is_valid(self.name):
            self.fail(Refused("token", "the token is not valid any more", "ask for a new one"))

    def fail(self, problem: Refused) -> None:
        """End it with an error."""
        if not self._failed.done():
            self._failed.set_exception(problem)

    def finish(self) -> None:
        """Take no further message; what has come is finished."""
        self._is_last = True
        if self._waits_since_s is not None and self._reader is not None:
            self._reader.cancel()

    async def tell(self, event: dict[str, Any]) -> None:
        """Send an event."""
        await self._send(json.dumps(event, allow_nan=False))

    async def _read(self) -> None:
        try:
            while not self._is_last:
                self._waits_since_s = time.monotonic()
                message = await self._socket.receive()
                self._waits_since_s = None
                if message["type"] == "websocket.disconnect":
                    raise WebSocketDisconnect(message.get("code", 1005))
                if (sound := message.get("bytes")) is not None:
                    block = decode(sound, self._hello.format, self._hello.channels)
                    await self._feed(block)
                    wait_s = self._pace.wait_s(block.shape[1])
                else:
                    await self._obey(read_order(message["text"]))
                    wait_s = self._pace.order_wait_s()
                if wait_s:
                    await asyncio.sleep(wait_s)
        except asyncio.CancelledError:
            if self._is_over or not self._is_last:
                raise
        self._waits_since_s = None
        await self._feed_tail()

    async def _feed(self, block: np.ndarray) -> None:
        """Hand a block over; waits where there is no room for it."""
        if not block.shape[1]:
            return
        if self._hello.channels == 1:
            block = np.repeat(block, 2, axis=0)
        n, taken = block.shape[1], 0
        arrived_s = self._lateness.arrival_s(self._n_in, time.monotonic())
        try:
            while True:
                taken += self._stream.write(block[:, taken:], arrived_s)
                self._hub.runner.wake()
                if taken == n:
                    break
                await self._next_progress()
        except BlockSizeError:
            raise Refused(
                "sound",
                f"a message of {n} frames breaks the promise of {self._hello.block}",
                "send multiples of it, or promise nothing",
            ) from None
        self._n_in += n
        self._lateness.add(self._n_in, n, arrived_s)
        self._ready.set()  # it may complete nothing but what is ready already

    async def _feed_tail(self) -> None:
        """Silence behind the last sound, until all of that has come out."""
        latency, unit = self._stream.latency_samples, self._hello.block or 1
        n_sent = self._n_in
        if n_sent:
            await self._feed_silence(-(-latency // unit) * unit)
        self._n_total = n_sent + latency if n_sent else 0
        self._ready.set()

    async def _feed_silence(self, n: int) -> None:
        silence, taken = np.zeros((2, n), np.float32), 0
        while taken < n:
            taken += self._stream.write(silence[:, taken:])
            self._hub.runner.wake()
            if taken < n:
                await self._next_progress()

    async def _next_progress(self) -> None:
        self._progress.clear()
        await self._progress.wait()

    async def _obey(self, order: dict[str, Any]) -> None:
        match order["type"]:
            case "gains":
                self._levels.set_gains(order["gains_db"])
                self._stream.gains = self._levels.gains
            case "mute":
                self._levels.mute(order["stems"])
                self._stream.gains = self._levels.gains
            case "reset":
                while self._n_out < self._n_in:
                    await self._next_progress()
                self._stream.reset()
                self._n_in = self._n_out = 0
                self._lateness.begin()
                await self.tell({"type": "reset"})
            case "ping":
                if len(json.dumps(order["id"])) > 64:
                    raise Refused("order", "the id of a ping is long", "send 64 characters at most")
                await self.tell({"type": "pong", "id": order["id"], "position": self._n_in})
            case "end":
                self._is_last = True

    async def _write(self) -> None:
        while self._n_total is None or self._n_out < self._n_total:
            if not self._stream.n_ready:
                self._ready.clear()
                await self._ready.wait()
                continue
            now_s = time.monotonic()
            stems = self._take()
            n_out = self._n_out + stems.shape[-1]
            took_s, n_late = self._lateness.ready(n_out, now_s)
            self._hub.count_blocks(took_s, n_late)
            await self._send(encode(stems, self._n_out, self._hello.format))
            self._n_out = n_out
            self._progress.set()
            if (event := self._lateness.news(now_s)) is not None:
                await self.tell(event)
        await self.tell({"type": "ended", "position": self._n_out})

    def _take(self) -> np.ndarray:
        """What is ready, float32 [stems, channels, n]; with the mix for its one stem where that is wanted."""
        n = (
            _MOST_FRAMES
            if self._n_total is None
            else min(_MOST_FRAMES, self._n_total - self._n_out)
        )
        stems = self._stream.mix(n)[None] if self._hello.want == "mix" else self._stream.read(n)
        return stems[:, : self._hello.channels]

    async def _send(self, message: str | bytes) -> None:
        self._sends_since_s = time.monotonic()
        if self._socket.application_state is WebSocketState.DISCONNECTED:
            raise WebSocketDisconnect(1006)
        if isinstance(message, str):
            await self._socket.send_text(message)
        else:
            await self._socket.send_bytes(message)
        self._sends_since_s = None
