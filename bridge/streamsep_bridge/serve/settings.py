"""What a server allows: where it listens, who may come, how much of everything."""

from __future__ import annotations

import contextlib
import ipaddress
from dataclasses import dataclass
from pathlib import Path

from streamsep.errors import ParameterError

PORT = 8765


@dataclass(frozen=True)
class ServeSettings:
    """See the module's docstring.

    Attributes:
        listen: Address to listen on; others than this machine's own need tokens.
        port: TCP; 0 takes a free one.
        hosts: Names by which it is called, beside localhost and its address.
        origins: Web pages that may use it, beside its own: "https://example.org".
        tokens: File of tokens; None asks for none.
        tls_cert: Certificate chain, PEM; None speaks plain HTTP.
        tls_key: Its key, PEM.
        max_streams: Clients served at once.
        max_per_address: Connections from one address at once.
        max_speed: Times real time at which a client may send; faster ones are held back.
        max_message_bytes: Of one message.
        hello_s: Seconds in which the first message has to come.
        idle_s: Seconds without a message after which a stream ends.
        stall_s: Seconds that a client may leave its stems unread.
        drain_s: Seconds in which streams end, once the server has to.

    Raises:
        ParameterError: A value is out of range, or they contradict each other.
    """

    listen: str = "127.0.0.1"
    port: int = PORT
    hosts: tuple[str, ...] = ()
    origins: tuple[str, ...] = ()
    tokens: Path | None = None
    tls_cert: Path | None = None
    tls_key: Path | None = None
    max_streams: int = 16
    max_per_address: int = 16
    max_speed: float = 4.0
    max_message_bytes: int = 1 << 18
    hello_s: float = 5.0
    idle_s: float = 30.0
    stall_s: float = 10.0
    drain_s: float = 10.0

    def __post_init__(self) -> None:
        if self.tokens is None and not is_own(self.listen):
            raise ParameterError(
                f"listening on {self.listen} lets others in; say who by a file of tokens, --tokens FILE "
                "(see docs/serve.md), or listen on 127.0.0.1"
            )
        if (self.tls_cert is None) != (self.tls_key is None):
            raise ParameterError("TLS needs --tls-cert and --tls-key; give both, or neither")
        if not 0 <= self.port <= 65535:
            raise ParameterError(f"port {self.port} is none; choose one of 0 to 65535")
        for name, lowest in (("max_streams", 1), ("max_per_address", 1), ("max_speed", 1.0)):
            if not getattr(self, name) >= lowest:
                raise ParameterError(
                    f"{name}={getattr(self, name)} must be at least {lowest}; raise it"
                )
        if not 1024 <= self.max_message_bytes <= 1 << 24:
            raise ParameterError(
                f"max_message_bytes={self.max_message_bytes} must be within 1024 and {1 << 24}"
            )
        for name in ("hello_s", "idle_s", "stall_s", "drain_s"):
            if not 0.0 < getattr(self, name) < 1e6:
                raise ParameterError(f"{name}={getattr(self, name)} must be a time above 0 s")

    @property
    def scheme(self) -> str:
        """How the page is called, "http" or "https"."""
        return "http" if self.tls_cert is None else "https"


def is_own(listen: str) -> bool:
    """Whether only this machine reaches an address."""
    with contextlib.suppress(ValueError):
        return ipaddress.ip_address(listen).is_loopback
    return listen == "localhost"
