"""`Hub`: all clients of a server, who comes in, and how they end."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Callable, Mapping
from typing import Any

from starlette.responses import PlainTextResponse
from starlette.websockets import WebSocket, WebSocketDisconnect

from streamsep.batch.stream_batch import StreamBatch
from streamsep.errors import BatchFullError, BlockSizeError
from streamsep_bridge.osc.refusals import Refusals
from streamsep_bridge.serve.client import Client
from streamsep_bridge.serve.door import Door
from streamsep_bridge.serve.hello import Hello, read_hello
from streamsep_bridge.serve.metrics import Metrics
from streamsep_bridge.serve.refused import Refused
from streamsep_bridge.serve.runner import Runner
from streamsep_bridge.serve.settings import ServeSettings
from streamsep_bridge.serve.tokens import Tokens

WATCH_S = 0.5
"""How often clients are looked after."""

SPARE_CONNECTIONS = 64
"""Connections beside those of streams."""

_FAREWELL_S = 1.0
_DRAINING = Refused("draining", "this server is about to end", "come back, or try another")


class Hub:
    """See the module's docstring.

    Args:
        batches: One for each sample rate in Hz, for two channels.
        settings: As the user wants them.
        tell: Called with a line for the user.

    Attributes:
        settings: As given.
        tokens: Who may come.
        is_draining: Whether nobody comes in any more.
        failure: What ended the runner too early.
        failed: Set when there is a failure.
        runner: Runs the hops.
        metrics: What is counted.
        door: Before all connections.

    Thread: the event loop's, but for `look_soon`. Allocates: yes, bounded.
    """

    def __init__(
        self,
        batches: Mapping[int, StreamBatch],
        settings: ServeSettings,
        tokens: Tokens,
        tell: Callable[[str], None],
    ) -> None:
        self._batches, self.settings, self.tokens, self._tell = batches, settings, tokens, tell
        self._clients: set[Client] = set()
        self._refusals = Refusals()
        self.is_draining = False
        self.failure: Exception | None = None
        self._is_look_due = False
        self.failed = asyncio.Event()
        self._loop = asyncio.get_running_loop()
        self.runner = Runner(tuple(batches.values()), self._look_soon, self._fail_soon)
        self.metrics = Metrics(
            settings.max_streams, lambda: self.runner.n_hops, lambda: self.runner.busy_s
        )
        self.door = Door(
            settings.max_per_address,
            settings.max_streams + SPARE_CONNECTIONS,
            lambda reason: self.count_refusal(reason, "at the door"),
        )

    def hop_s(self, sample_rate: int) -> float:
        """Seconds of a hop."""
        return self._batches[sample_rate].spec.hop_s

    def count_blocks(self, took_s: list[float], n_late: int) -> None:
        """Blocks of a client are ready."""
        for one in took_s:
            self.metrics.latency_s.observe(one)
        self.metrics.blocks.inc(len(took_s))
        self.metrics.late.inc(n_late)

    def count_refusal(self, reason: str, detail: str) -> None:
        """Somebody is not served; the first of a kind is worth a line."""
        self.metrics.refused.labels(reason).inc()
        # What clients send may be in there: it must not steer a terminal, or make lines of its own.
        detail = "".join(c if c.isprintable() else "?" for c in detail)
        if self._refusals.add(reason, detail):
            self._tell(f"refused ({reason}): {detail}")

    @property
    def n_clients(self) -> int:
        """Clients with a place."""
        return len(self._clients)

    async def welcome(self, socket: WebSocket) -> None:
        """Serve a WebSocket, from its first message to its end."""
        if self.is_draining:
            self.count_refusal("draining", str(_DRAINING))
            await socket.send_denial_response(PlainTextResponse(f"{_DRAINING}\n", 503))
            return
        await socket.accept()
        code, reason = 1000, ""
        try:
            await self._serve(socket)
            if self.is_draining:
                code, reason = _DRAINING.code, _DRAINING.message
        except Refused as problem:
            self.count_refusal(problem.reason, str(problem))
            code, reason = problem.code, f"{problem.reason}: {problem.message}"
            with contextlib.suppress(WebSocketDisconnect, RuntimeError, asyncio.TimeoutError):
                await asyncio.wait_for(socket.send_json(problem.event()), _FAREWELL_S)
        except WebSocketDisconnect:
            return
        await self._close(socket, code, reason)

    async def _close(self, socket: WebSocket, code: int, reason: str) -> None:
        try:
            text = reason.encode()[:120].decode(errors="ignore")
            await asyncio.wait_for(socket.close(code, text), _FAREWELL_S)
        except (WebSocketDisconnect, RuntimeError):  # it was quicker
            return
        except asyncio.TimeoutError:
            self.door.abort(socket.client)

    async def _serve(self, socket: WebSocket) -> None:
        hello = await self._hear_hello(socket)
        name = self.tokens.check(hello.token)
        if self.is_draining:
            raise _DRAINING
        batch = self._batches[hello.sample_rate]
        try:
            if len(self._clients) >= self.settings.max_streams:
                raise BatchFullError(f"all {self.settings.max_streams} places are taken")
            stream = batch.join(block_size=hello.block)
        except BatchFullError as error:
            raise Refused("busy", str(error), "come back later") from None
        except BlockSizeError as error:
            raise Refused("hello", str(error), "leave block out") from None
        client = Client(self, socket, hello, name, stream)
        self._clients.add(client)
        self.metrics.streams.set(len(self._clients))
        self.metrics.served.inc()
        try:
            await client.tell(self._ready(hello, batch, stream.latency_samples))
            await client.serve()
        finally:
            self._clients.discard(client)
            self.metrics.streams.set(len(self._clients))
            stream.leave()

    def _ready(self, hello: Hello, batch: StreamBatch, latency_samples: int) -> dict[str, Any]:
        return {
            "type": "ready",
            "stems": list(batch.stems) if hello.want == "stems" else ["mix"],
            "faders": list(batch.stems),
            "format": hello.format,
            "sample_rate": hello.sample_rate,
            "channels": hello.channels,
            "latency_samples": latency_samples,
            "block": hello.block,
            "hop": batch.hop,
            "max_message_bytes": self.settings.max_message_bytes,
            "max_speed": self.settings.max_speed,
        }

    async def _hear_hello(self, socket: WebSocket) -> Hello:
        try:
            message = await asyncio.wait_for(socket.receive(), self.settings.hello_s)
        except asyncio.TimeoutError:
            raise Refused(
                "hello", f"no first message for {self.settings.hello_s:g} s", "send it at once"
            ) from None
        if message["type"] == "websocket.disconnect":
            raise WebSocketDisconnect(message.get("code", 1005))
        if (text := message.get("text")) is None:
            raise Refused("hello", "the first message is binary", "begin with one in JSON")
        return read_hello(text)

    def _look_soon(self) -> None:
        if not self._is_look_due:  # one that is under way sees this round too
            self._is_look_due = True
            self._loop.call_soon_threadsafe(self._look)

    def _look(self) -> None:
        self._is_look_due = False
        for client in self._clients:
            client.look()

    def _fail_soon(self, error: Exception) -> None:
        self._loop.call_soon_threadsafe(self._fail, error)

    def _fail(self, error: Exception) -> None:
        self.failure, self.is_draining = error, True
        for client in self._clients:
            client.fail(Refused("failed", "the engine has failed", "come back later"))
        self.failed.set()

    async def watch(self) -> None:
        """Look after all clients until the server ends."""
        before_s = time.monotonic()
        while True:
            await asyncio.sleep(WATCH_S)
            now_s = time.monotonic()
            self.metrics.update(now_s - before_s)
            before_s = now_s
            for client in tuple(self._clients):
                client.watch(now_s)

    async def drain(self) -> None:
        """Let nobody in any more; streams may end by themselves, later what they have sent is finished."""
        if self.is_draining:
            return
        self.is_draining = True
        limit_s = self.settings.drain_s
        event = {"type": "draining", "finish_s": limit_s}
        told = [asyncio.ensure_future(client.tell(event)) for client in self._clients]
        await self._emptied(limit_s)
        for client in tuple(self._clients):
            client.finish()
        await self._emptied(self.settings.stall_s)
        for one in told:
            one.cancel()
        await asyncio.gather(*told, return_exceptions=True)

    async def _emptied(self, limit_s: float) -> None:
        until_s = time.monotonic() + limit_s
        while self._clients and self.failure is None and time.monotonic() < until_s:
            await asyncio.sleep(0.02)
