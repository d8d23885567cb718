"""`Door`: counts connections before anything of them is read, and can end one that does not end itself."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

from uvicorn.protocols.http.h11_impl import H11Protocol

VISIT_S = 10.0
"""A connection that has not become a stream lasts no longer, however slowly its bytes come."""

READ_BYTES = 16384
"""Bytes taken from a connection at a time: thousands of tiny messages must not come at once."""

_REFUSALS = {
    "address": "429 Too Many Requests",
    "full": "503 Service Unavailable",
}


class Door:
    """See the module's docstring.

    Args:
        max_per_address: Connections from one address.
        max_connections: All together.
        on_refusal: Called with the reason.

    Thread: the event loop's. Allocates: little.
    """

    def __init__(
        self, max_per_address: int, max_connections: int, on_refusal: Callable[[str], None]
    ) -> None:
        self._max_per_address, self._max_connections = max_per_address, max_connections
        self._on_refusal = on_refusal
        self._inside: dict[tuple[str, int], asyncio.Transport] = {}

    def let_in(self, transport: asyncio.Transport) -> bool:
        """Whether there is room for a connection; where not, it has been told so."""
        peer = (transport.get_extra_info("peername") or ("gone", 0))[:2]
        gone = [key for key, other in self._inside.items() if other.is_closing()]
        for key in gone:
            del self._inside[key]
        reason = ""
        if sum(host == peer[0] for host, _ in self._inside) >= self._max_per_address:
            reason = "address"
        elif len(self._inside) >= self._max_connections:
            reason = "full"
        if not reason:
            self._inside[peer] = transport
            return True
        self._on_refusal(reason)
        text = "too many connections; close some, or come back later\n"
        head = f"HTTP/1.1 {_REFUSALS[reason]}\r\nConnection: close\r\nContent-Type: text/plain\r\n"
        transport.write(f"{head}Content-Length: {len(text)}\r\n\r\n{text}".encode())
        transport.close()
        return False

    def abort(self, peer: Any) -> None:
        """End a connection now, whatever it has not read."""
        if (transport := self._inside.pop(tuple(peer or ()), None)) is not None:
            transport.abort()


def make_protocol(door: Door) -> type[H11Protocol]:
    """uvicorn's HTTP with a door before it."""

    class GuardedProtocol(H11Protocol):
        def connection_made(self, transport: Any) -> None:
            super().connection_made(transport)
            if hasattr(transport, "max_size"):
                transport.max_size = READ_BYTES
            self._is_in = door.let_in(transport)
            asyncio.get_running_loop().call_later(VISIT_S, self._end_visit)

        def data_received(self, data: bytes) -> None:
            if self._is_in:
                super().data_received(data)

        def _end_visit(self) -> None:
            if self.transport.get_protocol() is self and not self.transport.is_closing():
                self.transport.abort()

    return GuardedProtocol
