"""Who sent a UDP packet, and may be told something there."""

from __future__ import annotations

import contextlib
import socket
from dataclasses import dataclass, field


@dataclass(frozen=True)
class UdpPeer:
    """A port of a host; equal to any other that is the same port.

    Thread: any. Allocates: yes.
    """

    host: tuple[str, ...] | tuple[str, int] | tuple[str, int, int, int]
    socket: socket.socket = field(compare=False, repr=False)

    def send(self, packet: bytes) -> None:
        """Send a packet, or lose it."""
        with contextlib.suppress(OSError):
            self.socket.sendto(packet, self.host)
