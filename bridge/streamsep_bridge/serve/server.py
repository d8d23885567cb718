"""`StreamServer`: many clients separate on one machine, each over a WebSocket of its own.

    from streamsep_bridge import ServeSettings, StreamServer

    with StreamServer("4stems-stage", settings=ServeSettings(max_streams=8)) as server:
        print(server.url)
        server.wait()

Two threads work: an event loop moves bytes, a runner separates. `docs/serve.md` has the protocol.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import threading
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from streamsep.presets import Preset, find_preset
from streamsep.spec import NATIVE_RATES
from streamsep_bridge.serve.opening import ServeError, check_certificate, check_packages, open_door
from streamsep_bridge.serve.settings import ServeSettings
from streamsep_bridge.serve.tokens import Tokens

if TYPE_CHECKING:
    from streamsep_bridge.serve.hub import Hub


class StreamServer:
    """See the module's docstring. Use it with `with`; leaving it drains.

    Args:
        preset: As for `Separator.from_preset`.
        settings: Where it listens, and what it allows.
        profile: As for `Separator.from_preset`.
        stem_set: As for `Separator.from_preset`.
        engine: As for `StreamBatch`.
        precision: As for `StreamBatch`.
        wiener: As for `StreamBatch`; None is what the preset says.
        threads: That separate.
        tell: Called with a line for the user when something is refused for the first time.

    Raises:
        MissingExtraError: uvicorn, starlette, websockets or prometheus-client is not installed.
        ParameterError: The tokens are no good.
        ServeError: (on entry) See there.

    Attributes:
        preset: As selected.
        settings: As given.

    Latency: of a stream, and the network's. Thread: two of its own. Allocates: yes, bounded.
    """

    def __init__(
        self,
        preset: str | Preset | None = None,
        *,
        settings: ServeSettings | None = None,
        profile: str | None = None,
        stem_set: str | None = None,
        engine: str = "compiled",
        precision: str = "float32",
        wiener: bool | None = None,
        threads: int = 1,
        tell: Callable[[str], None] = lambda line: None,
    ) -> None:
        check_packages()
        self.settings = settings or ServeSettings()
        self.preset = (
            preset if isinstance(preset, Preset) else find_preset(preset, profile, stem_set)
        )
        self._engine = {"engine": engine, "precision": precision, "threads": threads}
        self._wiener, self._tell = wiener, tell
        self._tokens = Tokens(self.settings.tokens)
        self._ended = threading.Event()
        self._failure: BaseException | None = None

    def __enter__(self) -> StreamServer:
        from streamsep.batch.stream_batch import StreamBatch

        with contextlib.ExitStack() as stack:
            self._door = stack.enter_context(open_door(self.settings))
            check_certificate(self.settings)
            model = self.preset.load()
            self._batches = {
                rate: StreamBatch(
                    model,
                    capacity=self.settings.max_streams,
                    sample_rate=rate,
                    wiener=self.preset.has_wiener if self._wiener is None else self._wiener,
                    **self._engine,
                )
                for rate in NATIVE_RATES
                if rate in model.sample_rates
            }
            self._port = int(self._door.getsockname()[1])
            started = threading.Event()
            self._thread = threading.Thread(
                target=self._run, args=(started,), daemon=True, name="streamsep-serve"
            )
            self._thread.start()
            started.wait()
            if self._failure is not None:
                raise ServeError(f"the server did not start: {self._failure}; look at its settings")
            stack.pop_all()
        return self

    def __exit__(self, *problem: object) -> None:
        self.drain()
        self._thread.join()
        self._door.close()
        for batch in self._batches.values():
            batch.close()

    @property
    def port(self) -> int:
        """The port that is listened on."""
        return self._port

    @property
    def url(self) -> str:
        """Of the page."""
        host = self.settings.listen
        shown = f"[{host}]" if ":" in host else host
        return f"{self.settings.scheme}://{shown}:{self._port}/"

    def drain(self) -> None:
        """Begin to end: nobody comes in, streams end within the limit. Thread: any."""
        self._order(lambda: self._drained.set())

    def stop(self) -> None:
        """End at once, whoever is still there. Thread: any."""
        self._order(lambda: self._stopped.set())

    def wait(self, seconds: float | None = None) -> bool:
        """Until it has ended, or so long; whether it has ended.

        Raises:
            ServeError: The engine failed on the way.
        """
        is_over = self._ended.wait(seconds)
        if self._failure is not None:
            raise ServeError(
                f"the engine failed: {self._failure!r}; start again"
            ) from self._failure
        return is_over

    def _order(self, do: Callable[[], None]) -> None:
        with contextlib.suppress(RuntimeError):  # it is over already
            self._loop.call_soon_threadsafe(do)

    def _run(self, started: threading.Event) -> None:
        try:
            asyncio.run(self._serve(started))
        except BaseException as error:  # what ends a thread must be heard by whoever waits
            self._failure = self._failure or error
        finally:
            self._ended.set()
            started.set()

    async def _serve(self, started: threading.Event) -> None:
        import uvicorn

        from streamsep_bridge.serve.app import make_app
        from streamsep_bridge.serve.door import make_protocol
        from streamsep_bridge.serve.hub import Hub

        self._loop = asyncio.get_running_loop()
        self._drained, self._stopped = asyncio.Event(), asyncio.Event()
        hub = Hub(self._batches, self.settings, self._tokens, self._tell)
        settings = self.settings
        config = uvicorn.Config(
            make_app(hub),
            http=make_protocol(hub.door),
            ws="websockets-sansio",
            ws_max_size=settings.max_message_bytes,
            ws_per_message_deflate=False,
            ws_ping_interval=None,  # a client that is held back could not answer in time
            ssl_certfile=settings.tls_cert,
            ssl_keyfile=settings.tls_key,
            lifespan="off",
            log_config=None,
            log_level=logging.CRITICAL,  # the gate tells what fails
            access_log=False,
            proxy_headers=False,
            server_header=False,
            timeout_graceful_shutdown=2,
        )
        server = uvicorn.Server(config)
        hub.runner.start()
        watching = asyncio.create_task(hub.watch())
        serving = asyncio.create_task(server.serve([self._door]))
        try:
            while not server.started and not serving.done():
                await asyncio.sleep(0.005)
            started.set()
            await self._until_over(hub, serving)
        finally:
            server.should_exit = True
            await serving
            watching.cancel()
            hub.runner.stop()
            self._failure = hub.failure

    async def _until_over(self, hub: Hub, serving: asyncio.Task[None]) -> None:
        async def end() -> None:
            failed = asyncio.ensure_future(hub.failed.wait())
            drained = asyncio.ensure_future(self._drained.wait())
            await asyncio.wait({failed, drained}, return_when=asyncio.FIRST_COMPLETED)
            for one in (failed, drained):
                one.cancel()
            await hub.drain()

        waiting: set[asyncio.Future[Any]] = {
            asyncio.ensure_future(end()),
            asyncio.ensure_future(self._stopped.wait()),
            serving,
        }
        _, left = await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
        for one in left - {serving}:
            one.cancel()
