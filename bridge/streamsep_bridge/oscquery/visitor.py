"""`Visitor`: one HTTP connection, from the first byte of its question to the last of the reply."""

from __future__ import annotations

import contextlib
import ipaddress
import selectors
import socket
import time
from collections.abc import Callable

from streamsep_bridge.oscquery.request import MAX_HEAD_BYTES

VISIT_S = 5.0
"""A connection lasts no longer, however slowly its bytes come or are taken."""


class Visitor:
    """See the module's docstring.

    Args:
        connection: Accepted; becomes non-blocking.

    Attributes:
        own_address: Ours, as the visitor found it.
        is_over: Whether there is nothing more to do.

    Thread: one. Allocates: yes, bounded.
    """

    def __init__(self, connection: socket.socket) -> None:
        connection.setblocking(False)
        self.connection = connection
        address = ipaddress.ip_address(connection.getsockname()[0].partition("%")[0])
        self.own_address = str(getattr(address, "ipv4_mapped", None) or address)
        self.is_over = False
        self._until_s = time.monotonic() + VISIT_S
        self._heard, self._reply = bytearray(), b""
        self._is_answered = self._is_silent = False

    @property
    def is_late(self) -> bool:
        """Whether its time is up."""
        return time.monotonic() > self._until_s

    @property
    def waits_for(self) -> int:
        """Events of `selectors` that it has something to do at."""
        reads = 0 if self._is_silent else selectors.EVENT_READ
        return reads | (selectors.EVENT_WRITE if self._reply else 0)

    def receive(self, answer: Callable[[bytes | None], bytes]) -> None:
        """Read what has come.

        Args:
            answer: Called once, with the head of the request, or None where it is too long; gives the reply.
        """
        try:
            data = self.connection.recv(4096)
        except BlockingIOError:
            return
        except OSError:
            data = b""
        if not data:  # it says no more, but may still wait for the reply
            self._is_silent = True
            self.is_over = not self._reply
        if self._is_answered:  # what comes after the question is not read
            return
        self._heard += data
        head, end, _ = bytes(self._heard).partition(b"\r\n\r\n")
        if end or len(self._heard) > MAX_HEAD_BYTES:
            self._is_answered = True
            self._heard.clear()
            self._reply = answer(head if end and len(head) <= MAX_HEAD_BYTES else None)

    def send(self) -> None:
        """Send what can be sent; in the end the visitor is the one who hangs up, having read it all."""
        try:
            self._reply = self._reply[self.connection.send(self._reply) :]
            if not self._reply:
                self.connection.shutdown(socket.SHUT_WR)
                self.is_over = self._is_silent
        except BlockingIOError:
            return
        except OSError:
            self.is_over = True

    def close(self) -> None:
        """End it."""
        with contextlib.suppress(OSError):
            self.connection.close()
