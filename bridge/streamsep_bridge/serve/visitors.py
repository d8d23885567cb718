"""Whom a request is for, and which web page makes it: foreign pages cannot use a server through a browser."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Sequence

from streamsep_bridge.serve.settings import ServeSettings

_HOST = re.compile(r"(\[[0-9A-Fa-f:.]+\]|[0-9A-Za-z._-]+)(?::([0-9]{1,5}))?")


class Visitors:
    """Tells own hosts and origins from others.

    Args:
        settings: With names, origins and the address that is listened on.

    Thread: any. Allocates: yes, bounded.
    """

    def __init__(self, settings: ServeSettings) -> None:
        self._scheme = settings.scheme
        self._names = {"localhost", "127.0.0.1", "::1"}
        self._names |= {_plain(name) for name in (settings.listen, *settings.hosts)}
        self._origins = {origin.lower().rstrip("/") for origin in settings.origins}

    def is_host(self, values: Sequence[str], own_address: str = "") -> bool:
        """Whether the headers "Host" name this server: a foreign name may resolve to us, but stays in there.

        Args:
            values: Of all headers "Host".
            own_address: Ours, as the connection has it.
        """
        if len(values) != 1 or (found := _HOST.fullmatch(values[0])) is None:
            return False
        return _plain(found[1]) in self._names | {_plain(own_address)}

    def is_origin(self, values: Sequence[str], host: str) -> bool:
        """Whether the headers "Origin" name a page that may use this server; programs send none.

        Args:
            values: Of all headers "Origin".
            host: The header "Host", which was found to be ours.
        """
        if not values:
            return True
        own = f"{self._scheme}://{host.lower()}"
        return len(values) == 1 and values[0].lower() in self._origins | {own}


def _plain(host: str) -> str:
    name = host.strip("[]").lower().rstrip(".").partition("%")[0]
    try:
        address = ipaddress.ip_address(name)
    except ValueError:
        return name
    return str(getattr(address, "ipv4_mapped", None) or address)
