"""One OSC connection over TCP: packets framed by SLIP (RFC 1055), double-ended as OSC 1.1 has it."""

from __future__ import annotations

import contextlib
import socket
import time
from collections.abc import Iterator

from streamsep_bridge.osc.packet import MAX_BYTES

END, ESCAPE, ESCAPED_END, ESCAPED_ESCAPE = 0xC0, 0xDB, 0xDC, 0xDD

_BEGINNINGS = (END, ord("/"), ord("#"))
"""Of a connection: a framed packet, or one by a sender that frames the end alone."""

HALF_S = 5.0
"""A packet that has begun must have ended within so long."""


class ConnectionLost(Exception):  # noqa: N818 - it is no error of ours
    """The other side is gone, or does not keep to the framing."""


class TcpPeer:
    """A connection; equal only to itself.

    Args:
        connection: Accepted; becomes non-blocking.

    Thread: one. Allocates: yes, bounded.
    """

    def __init__(self, connection: socket.socket) -> None:
        connection.setblocking(False)
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
        self.connection = connection
        self.is_lost = False
        self.heard_s = time.monotonic()
        self._is_osc = False
        self._raw = bytearray()
        self._began_s: float | None = None

    @property
    def is_stuck(self) -> bool:
        """Whether a packet has begun and does not end."""
        return self._began_s is not None and time.monotonic() - self._began_s > HALF_S

    def receive(self) -> Iterator[bytes]:
        """Packets that have come.

        Raises:
            ConnectionLost: See there.
        """
        try:
            data = self.connection.recv(65536)
        except BlockingIOError:
            return
        except OSError as error:
            raise ConnectionLost from error
        if not data:
            raise ConnectionLost
        # A web page can make a browser send: what begins like HTTP is no OSC.
        if not self._is_osc and data[0] not in _BEGINNINGS:
            raise ConnectionLost
        self._is_osc, self.heard_s = True, time.monotonic()
        self._raw += data
        *packets, rest = self._raw.split(bytes((END,)))
        if len(rest) > 2 * MAX_BYTES:
            raise ConnectionLost
        if packets or not self._began_s:
            self._began_s = time.monotonic() if rest else None
        self._raw = bytearray(rest)
        for packet in packets:
            if packet:  # between two packets there may be one END or two
                yield unescape(packet)

    def send(self, packet: bytes) -> None:
        """Send a packet; whoever does not read in time is lost."""
        framed = frame(packet)
        try:
            if self.connection.send(framed) != len(framed):
                self.is_lost = True
        except OSError:
            self.is_lost = True

    def close(self) -> None:
        """End it."""
        self.is_lost = True
        with contextlib.suppress(OSError):
            self.connection.close()


def frame(packet: bytes) -> bytes:
    """A packet as it goes over the wire."""
    escaped = packet.replace(bytes((ESCAPE,)), bytes((ESCAPE, ESCAPED_ESCAPE)))
    escaped = escaped.replace(bytes((END,)), bytes((ESCAPE, ESCAPED_END)))
    return bytes((END,)) + escaped + bytes((END,))


def unescape(framed: bytes) -> bytes:
    """The packet between two ENDs; what follows an ESCAPE in error stays, and decoding will refuse it."""
    packet = framed.replace(bytes((ESCAPE, ESCAPED_END)), bytes((END,)))
    return packet.replace(bytes((ESCAPE, ESCAPED_ESCAPE)), bytes((ESCAPE,)))
