"""`streamsep serve`: one machine separates for many, over WebSocket; with a page for browsers."""

from __future__ import annotations

import argparse
import contextlib
import gc
import json
import signal
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING, Any

from streamsep.commands import Command
from streamsep.commands.options import add_model_options, positive_int, positive_seconds

if TYPE_CHECKING:
    from streamsep_bridge.serve.server import StreamServer

DEFAULT_PORT = 8765

_WAIT_S = 0.25
"""A signal is noticed after so long at most, wherever it arrives."""


def _add_arguments(parser: argparse.ArgumentParser) -> None:
    where = parser.add_argument_group("where (`docs/serve.md` has the protocol)")
    where.add_argument(
        "--listen",
        default="127.0.0.1",
        metavar="ADDRESS",
        help="listen there; for others than this machine, --tokens is needed (%(default)s)",
    )
    where.add_argument(
        "--port",
        type=_port,
        default=DEFAULT_PORT,
        metavar="PORT",
        help="0 takes a free one (%(default)s)",
    )
    where.add_argument("--tls-cert", type=Path, metavar="FILE", help="certificate chain, PEM")
    where.add_argument("--tls-key", type=Path, metavar="FILE", help="its key, PEM")
    who = parser.add_argument_group("who")
    who.add_argument(
        "--tokens",
        type=Path,
        metavar="FILE",
        help="lines of NAME TOKEN [END]; read when it changes",
    )
    who.add_argument(
        "--host",
        action="append",
        default=[],
        metavar="NAME",
        help="a name of this machine, by which it is called; may be repeated",
    )
    who.add_argument(
        "--origin",
        action="append",
        default=[],
        metavar="URL",
        help="a web page that may use it, https://example.org; may be repeated",
    )
    limits = parser.add_argument_group("limits")
    limits.add_argument(
        "--streams",
        type=positive_int,
        default=16,
        metavar="N",
        help="clients at once (%(default)s)",
    )
    limits.add_argument(
        "--per-address",
        type=positive_int,
        default=16,
        metavar="N",
        help="connections from one address (%(default)s)",
    )
    limits.add_argument(
        "--speed",
        type=positive_seconds,
        default=4.0,
        metavar="X",
        help="times real time at which a client may send (%(default)s)",
    )
    limits.add_argument(
        "--idle",
        type=positive_seconds,
        default=30.0,
        metavar="S",
        help="end a stream that sends nothing for so long (%(default)s)",
    )
    limits.add_argument(
        "--drain",
        type=positive_seconds,
        default=10.0,
        metavar="S",
        help="on SIGTERM and Ctrl-C, streams may last so long (%(default)s)",
    )
    model = parser.add_argument_group("separation")
    add_model_options(model)
    model.add_argument(
        "--threads",
        type=positive_int,
        default=1,
        metavar="N",
        help="that separate (%(default)s)",
    )
    show = parser.add_argument_group("what is shown")
    show.add_argument("--json", action="store_true", help="events as JSON, one object a line")
    show.add_argument("--quiet", action="store_true", help="print errors only")


def _run(arguments: argparse.Namespace) -> int:
    from streamsep_bridge.serve.server import StreamServer
    from streamsep_bridge.serve.settings import ServeSettings

    def tell(event: dict[str, Any]) -> None:
        if arguments.json:
            sys.stdout.write(json.dumps(event) + "\n")
        elif not arguments.quiet:
            sys.stdout.write(str(event["text"]) + "\n")
        sys.stdout.flush()

    server = StreamServer(
        arguments.preset,
        settings=ServeSettings(
            listen=arguments.listen,
            port=arguments.port,
            hosts=tuple(arguments.host),
            origins=tuple(arguments.origin),
            tokens=arguments.tokens,
            tls_cert=arguments.tls_cert,
            tls_key=arguments.tls_key,
            max_streams=arguments.streams,
            max_per_address=arguments.per_address,
            max_speed=arguments.speed,
            idle_s=arguments.idle,
            drain_s=arguments.drain,
        ),
        profile=arguments.profile,
        stem_set=arguments.stems,
        engine=arguments.engine,
        precision=arguments.precision,
        threads=arguments.threads,
        tell=lambda text: tell({"event": "refused", "text": text}),
    )
    if not arguments.json:
        tell(
            {"text": "preparing; the first time on a machine the engine is compiled, for a minute"}
        )
    with _quicker_switches(), _signals() as came, server, _settled_memory():
        tell({"event": "serving", "url": server.url, "text": _greeting(server)})
        while not server.wait(_WAIT_S):
            if came:
                _end(server, came, tell)
        tell({"event": "ended", "text": "all streams have ended"})
    return 0


def _greeting(server: StreamServer) -> str:
    settings, preset = server.settings, server.preset
    text = (
        f"{preset.name}, {preset.stem_set} at {preset.profile}, for {settings.max_streams} at once: "
        f"{server.url}"
    )
    if settings.tokens is not None and settings.tls_cert is None:
        text += "\ntokens and sound are not encrypted; --tls-cert and --tls-key do that"
    return text


def _end(server: StreamServer, came: list[int], tell: Any) -> None:
    """Drain at the first signal, stop at the second."""
    n_signals = len(came)
    limit_s = server.settings.drain_s
    tell(
        {"event": "draining", "text": f"ending: streams have {limit_s:g} s; again to stop at once"}
    )
    server.drain()
    while not server.wait(_WAIT_S):
        if len(came) > n_signals:
            server.stop()


@contextlib.contextmanager
def _settled_memory() -> Iterator[None]:
    """What is there by now is never looked through for garbage again.

    A full collection goes through all that the compiler left, some 130,000 objects, and holds every stream
    up for a fifth of a second.
    """
    gc.collect()
    gc.freeze()
    try:
        yield
    finally:
        gc.unfreeze()


@contextlib.contextmanager
def _signals() -> Iterator[list[int]]:
    """Signals that ask for an end, as they come."""
    came: list[int] = []
    if threading.current_thread() is not threading.main_thread():
        yield came
        return

    def note(number: int, frame: FrameType | None) -> None:
        came.append(number)

    before = {number: signal.signal(number, note) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield came
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


@contextlib.contextmanager
def _quicker_switches() -> Iterator[None]:
    """Let the thread that separates have the interpreter sooner than after 5 ms."""
    before_s = sys.getswitchinterval()
    sys.setswitchinterval(5e-4)
    try:
        yield
    finally:
        sys.setswitchinterval(before_s)


def _port(text: str) -> int:
    number = int(text) if text.isdecimal() else -1
    if not 0 <= number <= 65535:
        raise argparse.ArgumentTypeError(f"'{text}' is no port, 0 to 65535")
    return number


command = Command(
    name="serve",
    help="separate for many at once, over WebSocket, with a page for browsers",
    example="streamsep serve --streams 8",
    add_arguments=_add_arguments,
    run=_run,
)
