"""`OscQueryServer`: tells controllers over HTTP which addresses there are, with their ranges and values.

    from streamsep_bridge import LiveSession, OscQueryServer, OscServer

    with LiveSession() as live, OscServer(live) as osc, OscQueryServer(osc, port=9010):
        live.wait()

It reads no file and changes nothing; values are set over OSC. It runs in a thread of its own, so that no
visitor holds up the OSC server.
"""

from __future__ import annotations

import contextlib
import ipaddress
import selectors
import socket
import threading

from streamsep_bridge.osc.senders import may_speak
from streamsep_bridge.osc.server import OscError, OscServer
from streamsep_bridge.oscquery.announce import Announcement, is_installed
from streamsep_bridge.oscquery.answers import answer, host_info, refuse
from streamsep_bridge.oscquery.request import HttpError, read_request
from streamsep_bridge.oscquery.tree import Tree
from streamsep_bridge.oscquery.visitor import Visitor

PORT = 9010

MAX_VISITORS = 8
"""Where one more comes, the one that is there longest has to go: nobody can occupy the door."""

_PAUSE_S = 0.25


class OscQueryServer:
    """See the module's docstring. Use it with `with`, inside the `with` of its OSC server.

    Args:
        osc: Whose addresses are told, to those who may speak to it, on the address it listens on.
        port: TCP; 0 takes a free one.
        announce: Announce both servers by mDNS; None does where others than this machine may listen and
            the package for it is installed.
        name: That controllers show.

    Raises:
        MissingExtraError: (on entry) It is to be announced, and zeroconf is not installed.
        OscError: (on entry) The port cannot be had, or the network takes no announcement.

    Attributes:
        is_announced: Whether controllers find it by mDNS.

    Thread: its own. Allocates: yes, bounded.
    """

    def __init__(
        self,
        osc: OscServer,
        *,
        port: int = PORT,
        announce: bool | None = None,
        name: str = "streamsep",
    ) -> None:
        self._osc, self._wanted_port, self._name = osc, port, name
        self._announce = announce
        self.is_announced = False
        self._hosts: set[str] = {"localhost"}
        self._visitors: list[Visitor] = []
        self._ended = threading.Event()

    def __enter__(self) -> OscQueryServer:
        self._announced = contextlib.ExitStack()
        self._open()
        self._tree = Tree(*self._osc.make_view())
        self._info = host_info(self._name, self._osc.port)
        here = str(self._door.getsockname()[0]).partition("%")[0]
        self.is_announced = self._announce or (
            self._announce is None and is_installed() and not ipaddress.ip_address(here).is_loopback
        )
        if self.is_announced:
            announcement = Announcement(here, self.port, self._osc.port, self._name, self._osc.tell)
            try:
                self._announced.enter_context(announcement)
            except BaseException:
                self._close()
                raise
            self._hosts.add(announcement.host)
        self._thread = threading.Thread(target=self._run, daemon=True, name="streamsep-oscquery")
        self._thread.start()
        return self

    def __exit__(self, *problem: object) -> None:
        self._announced.close()
        self._ended.set()
        self._wake.send(b".")
        self._thread.join()
        self._close()

    @property
    def port(self) -> int:
        """The port that is listened on."""
        return int(self._door.getsockname()[1])

    def _open(self) -> None:
        family = socket.AF_INET6 if ":" in self._osc.listen else socket.AF_INET
        self._door = socket.socket(family, socket.SOCK_STREAM)
        self._door.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            self._door.bind((self._osc.listen, self._wanted_port))
            self._door.listen(8 * MAX_VISITORS)
        except OSError as error:
            self._door.close()
            raise OscError(
                f"port {self._wanted_port} on {self._osc.listen} cannot be had ({error.strerror}); "
                "choose another with --oscquery PORT"
            ) from error
        self._wake, self._woken = socket.socketpair()
        self._selector = selectors.DefaultSelector()
        for end in (self._door, self._woken):
            end.setblocking(False)
            self._selector.register(end, selectors.EVENT_READ)

    def _close(self) -> None:
        self._selector.close()
        for visitor in self._visitors:
            visitor.close()
        for end in (self._door, self._wake, self._woken):
            end.close()

    def _run(self) -> None:
        while not self._ended.is_set():
            for key, events in self._selector.select(_PAUSE_S):
                if key.fileobj is self._door:
                    self._let_in()
                elif isinstance(key.data, Visitor):
                    self._attend(key.data, events)
            for visitor in tuple(self._visitors):
                if visitor.is_over or visitor.is_late:
                    self._see_off(visitor)

    def _let_in(self) -> None:
        try:
            connection, host = self._door.accept()
        except OSError:
            return
        if not may_speak(host[0], self._osc.networks):
            connection.close()
            return
        if len(self._visitors) >= MAX_VISITORS:
            self._see_off(self._visitors[0])
        try:
            visitor = Visitor(connection)
        except OSError:  # gone already
            connection.close()
            return
        self._visitors.append(visitor)
        self._selector.register(connection, selectors.EVENT_READ, visitor)

    def _attend(self, visitor: Visitor, events: int) -> None:
        if visitor not in self._visitors:  # it had to go a moment ago
            return
        if events & selectors.EVENT_READ:
            visitor.receive(lambda head: self._answer(head, visitor))
        if events & selectors.EVENT_WRITE:
            visitor.send()
        if not visitor.is_over:
            self._selector.modify(visitor.connection, visitor.waits_for, visitor)

    def _answer(self, head: bytes | None, visitor: Visitor) -> bytes:
        try:
            if head is None:
                raise HttpError(431, "a question is shorter")
            request = read_request(head, self._hosts | {visitor.own_address})
            return answer(request, self._tree, self._info)
        except HttpError as error:
            return refuse(error, wants_body=not (head or b"").startswith(b"HEAD "))

    def _see_off(self, visitor: Visitor) -> None:
        self._selector.unregister(visitor.connection)
        self._visitors.remove(visitor)
        visitor.close()
