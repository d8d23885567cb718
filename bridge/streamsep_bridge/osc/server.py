"""`OscServer`: a live session over OSC, UDP and TCP on the same port.

    from streamsep_bridge import LiveSession, OscServer

    with LiveSession() as live, OscServer(live, port=9000):
        live.wait()

It runs in a thread of the session's process; the audio is another process, which nothing here can delay.
"""

from __future__ import annotations

import contextlib
import functools
import selectors
import socket
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from streamsep.errors import ParameterError, StreamsepError
from streamsep_bridge.osc.console import Console
from streamsep_bridge.osc.dispatch import Dispatch
from streamsep_bridge.osc.encode import load_builder
from streamsep_bridge.osc.feedback import Feedback
from streamsep_bridge.osc.packet import MAX_BYTES
from streamsep_bridge.osc.refusals import Refusals
from streamsep_bridge.osc.senders import check_listening, find_host, may_speak, read_senders
from streamsep_bridge.osc.subscribers import MAX_SUBSCRIBERS, Peer, Subscribers, Subscription
from streamsep_bridge.osc.table import ROOT
from streamsep_bridge.osc.tcp import ConnectionLost, TcpPeer
from streamsep_bridge.osc.udp import UdpPeer
from streamsep_bridge.osc.values import RefusedError

if TYPE_CHECKING:
    from streamsep_bridge.live.session import LiveSession
    from streamsep_bridge.scenes.scenes import Scenes

PORT = 9000
MAX_CONNECTIONS = 8

BUFFER_BYTES = 1 << 20
"""What the kernel keeps of packets until they are read."""

_AT_ONCE = 64
"""Packets that are read before anything else has its turn."""

_LONGEST_S = 0.25


class OscError(StreamsepError, OSError):
    """The port cannot be had."""


class OscServer:
    """See the module's docstring. Use it with `with`.

    Args:
        session: In any state.
        port: UDP and TCP; 0 takes a free one.
        listen: Address to listen on; this machine's own by default.
        allow: Senders beside this machine: addresses or networks.
        feedback: Who is told everything from the start on: (host, port).
        scenes: For /streamsep/scene.
        takes: Folder for /streamsep/record.
        tell: Called with a line for the user when something is refused for the first time.

    Raises:
        ParameterError: `listen` is open to others and nobody is allowed.
        MissingExtraError: (on entry) python-osc is not installed.
        OscError: (on entry) The port cannot be had.

    Attributes:
        refusals: Counts of what was not obeyed.
        n_heard: Packets of allowed senders.
        listen: Address that is listened on.
        networks: Who may speak beside this machine.

    Latency: about 1 ms from the network to the audio's next block. Thread: its own. Allocates: yes.
    """

    def __init__(
        self,
        session: LiveSession,
        *,
        port: int = PORT,
        listen: str = "127.0.0.1",
        allow: Sequence[str] = (),
        feedback: Sequence[tuple[str, int]] = (),
        scenes: Scenes | None = None,
        takes: str | Path | None = None,
        tell: Callable[[str], None] = lambda line: None,
    ) -> None:
        self.networks = read_senders(allow)
        check_listening(listen, self.networks)
        self.listen = listen
        self._session, self._wanted_port, self.tell = session, port, tell
        self._feedback_to = tuple(feedback)
        if len(self._feedback_to) > MAX_SUBSCRIBERS:
            raise ParameterError(f"feedback goes to {MAX_SUBSCRIBERS} at most")
        self.refusals, self.n_heard = Refusals(), 0
        self._make_console = functools.partial(
            Console, session, scenes, None if takes is None else Path(takes)
        )
        self.console = self._make_console()
        self._subscribers = Subscribers()
        self._ended = threading.Event()

    def __enter__(self) -> OscServer:
        load_builder()
        family = socket.AF_INET6 if ":" in self.listen else socket.AF_INET
        targets = [find_host(target, family, self._wanted_port) for target in self._feedback_to]
        self._open(family)
        feedback = Feedback(self._session, self.console, self.refusals)
        self._look = feedback.look
        self._dispatch = Dispatch(
            self._session,
            self.console,
            feedback,
            self._subscribers,
            self.refusals,
            self._find_peer,
            self.tell,
        )
        for host in targets:
            peer = self._peer(host)
            self._subscribers.add(Subscription(peer, peer, ROOT, 0.05, float("inf")))
        self._thread = threading.Thread(target=self._run, daemon=True, name="streamsep-osc")
        self._thread.start()
        return self

    def __exit__(self, *problem: object) -> None:
        self._ended.set()
        self._wake.send(b".")
        self._thread.join()
        self._dispatch.close()
        self._selector.close()
        for peer in self._connections:
            peer.close()
        for end in (self._udp, self._tcp, self._wake, self._woken):
            end.close()

    @property
    def port(self) -> int:
        """The port that is listened on."""
        return int(self._udp.getsockname()[1])

    def make_view(self) -> tuple[Console, Feedback]:
        """What another thread needs to look at the same session: a console and feedback of its own."""
        console = self._make_console()
        return console, Feedback(self._session, console, self.refusals)

    def _open(self, family: socket.AddressFamily) -> None:
        self._udp = socket.socket(family, socket.SOCK_DGRAM)
        self._udp.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, BUFFER_BYTES)
        self._tcp = socket.socket(family, socket.SOCK_STREAM)
        self._tcp.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            self._udp.bind((self.listen, self._wanted_port))
            self._tcp.bind((self.listen, self.port))
            self._tcp.listen(MAX_CONNECTIONS)
        except OSError as error:
            self._udp.close(), self._tcp.close()
            raise OscError(
                f"port {self._wanted_port} on {self.listen} cannot be had ({error.strerror}); "
                "choose another with --osc PORT"
            ) from error
        self._wake, self._woken = socket.socketpair()
        self._connections: list[TcpPeer] = []
        self._selector = selectors.DefaultSelector()
        for end in (self._udp, self._tcp, self._woken):
            end.setblocking(False)
            self._selector.register(end, selectors.EVENT_READ)

    def _run(self) -> None:
        while not self._ended.is_set():
            for key, _ in self._selector.select(self._pause_s()):
                with self._survived():
                    if key.fileobj is self._udp:
                        self._read_udp()
                    elif key.fileobj is self._tcp:
                        self._accept()
                    elif isinstance(key.data, TcpPeer) and key.data in self._connections:
                        self._read_tcp(key.data)
            with self._survived():
                self._dispatch.tick()
                self._subscribers.tell(time.monotonic(), self._look)
            for peer in tuple(self._connections):
                if peer.is_lost or peer.is_stuck:
                    self._drop(peer)

    @contextlib.contextmanager
    def _survived(self) -> Iterator[None]:
        """Whatever one packet does, the next is heard."""
        try:
            yield
        except Exception as error:
            if self.refusals.add("failed", repr(error)):
                self.tell(f"failed: {error!r}")

    def _pause_s(self) -> float:
        """Until the next thing is due."""
        pauses = [_LONGEST_S]
        if (next_s := self._subscribers.next_s()) is not None:
            pauses.append(next_s - time.monotonic())
        if (next_s := self._dispatch.next_s()) is not None:
            pauses.append(next_s - time.time())
        return max(0.0, min(pauses))

    def _read_udp(self) -> None:
        for _ in range(_AT_ONCE):
            try:
                packet, host = self._udp.recvfrom(MAX_BYTES + 1)
            except OSError:  # nothing more, or the port of an answer before was closed
                return
            if self._is_allowed(host[0]):
                self._dispatch.hear(packet, self._peer(host))

    def _accept(self) -> None:
        try:
            connection, host = self._tcp.accept()
        except OSError:
            return
        if not self._is_allowed(host[0]):
            connection.close()
        else:
            if len(self._connections) >= MAX_CONNECTIONS:
                self.refusals.add("busy", "connections")
                self._drop(min(self._connections, key=lambda peer: peer.heard_s))
            peer = TcpPeer(connection)
            self._connections.append(peer)
            self._selector.register(connection, selectors.EVENT_READ, peer)

    def _read_tcp(self, peer: TcpPeer) -> None:
        try:
            for packet in peer.receive():
                self.n_heard += 1
                if not self._dispatch.hear(packet, peer):
                    raise ConnectionLost
        except ConnectionLost:
            self._drop(peer)

    def _drop(self, peer: TcpPeer) -> None:
        self._selector.unregister(peer.connection)
        self._connections.remove(peer)
        self._subscribers.remove(peer)
        peer.close()

    def _is_allowed(self, host: str) -> bool:
        if may_speak(host, self.networks):
            self.n_heard += 1
            return True
        if self.refusals.add("sender", host):
            self.tell(f"refused (sender): {host} is not allowed to speak")
        return False

    def _peer(self, host: tuple[str, int]) -> UdpPeer:
        return UdpPeer(host, self._udp)

    def _find_peer(self, peer: Peer, port: int) -> Peer:
        """Another port of the same host; a connection is its own."""
        if isinstance(peer, UdpPeer):
            host = (peer.host[0], port, *peer.host[2:])
            if port == self.port and may_speak(str(host[0]), ()):
                raise RefusedError("range", f"port {port} is this server's own")
            return UdpPeer(host, self._udp)
        return peer
