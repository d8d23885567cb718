"""`Announcement`: controllers find the servers by mDNS, `_oscjson._tcp` and `_osc._udp`."""

from __future__ import annotations

import importlib
import importlib.util
import ipaddress
import socket
import threading
from collections.abc import Callable
from typing import Any

from streamsep.errors import MissingExtraError
from streamsep_bridge.osc.server import OscError


def is_installed() -> bool:
    """Whether things can be announced."""
    return importlib.util.find_spec("zeroconf") is not None


class Announcement:
    """Stands for as long as its `with`; see the module's docstring.

    Args:
        listen: Address that both servers listen on, in numbers.
        query_port: Of the OSCQuery server.
        osc_port: Of the OSC server.
        name: That controllers show; where the network has it already, a number is added.
        tell: Called with a line for the user where the network refuses it later.

    Raises:
        MissingExtraError: (on entry) zeroconf is not installed.
        OscError: (on entry) The network takes no announcement.

    Attributes:
        host: Name of this machine in the announcement, which controllers may ask for.

    Latency: found after about 3 s; entry and exit take less than one. Thread: any. Allocates: yes.
    """

    def __init__(
        self,
        listen: str,
        query_port: int,
        osc_port: int,
        name: str,
        tell: Callable[[str], None] = lambda line: None,
    ) -> None:
        self._listen, self._name, self._tell = listen, name, tell
        self._ports = {"_oscjson._tcp.local.": query_port, "_osc._udp.local.": osc_port}
        machine = "".join(
            c for c in socket.gethostname().partition(".")[0] if c.isalnum() or c == "-"
        )
        self.host = f"streamsep-{machine or 'host'}.local".lower()

    def __enter__(self) -> Announcement:
        self._library = _load()
        self._addresses = own_addresses(self._listen)
        interfaces = [one for one in self._addresses if ":" not in one]
        try:
            self._zeroconf = self._library.Zeroconf(interfaces=interfaces or ["127.0.0.1"])
        except OSError as error:
            raise OscError(self._trouble(error)) from error
        self._thread = threading.Thread(target=self._register, daemon=True, name="streamsep-mdns")
        self._thread.start()
        return self

    def __exit__(self, *problem: object) -> None:
        self._thread.join()
        self._zeroconf.unregister_all_services()
        self._zeroconf.close()

    def _register(self) -> None:
        """Ask the network whether the name is free, and take it; that needs some seconds."""
        try:
            for kind, port in self._ports.items():
                service = self._library.ServiceInfo(
                    kind,
                    f"{self._name}.{kind}",
                    port=port,
                    parsed_addresses=self._addresses,
                    server=f"{self.host}.",
                    properties={"txtvers": "1"},
                )
                self._zeroconf.register_service(service, allow_name_change=True)
        except (OSError, self._library.Error) as error:
            self._tell(self._trouble(error))

    def _trouble(self, error: Exception) -> str:
        return (
            f"the network of {self._listen} takes no announcement ({error}); leave out --announce"
        )


def own_addresses(listen: str) -> list[str]:
    """Addresses at which something that listens there is reached from other machines.

    Args:
        listen: An address of this machine in numbers, or 0.0.0.0 or :: for all of them.
    """
    if not ipaddress.ip_address(listen).is_unspecified:
        return [listen]
    found = []
    for adapter in importlib.import_module("ifaddr").get_adapters():
        for one in adapter.ips:
            text = one.ip if isinstance(one.ip, str) else one.ip[0]
            address = ipaddress.ip_address(text.partition("%")[0])
            is_wanted = address.version == 4 or (":" in listen and not address.is_link_local)
            if is_wanted and not address.is_loopback:
                found.append(str(address))
    return found or ["127.0.0.1"]


def _load() -> Any:
    try:
        return importlib.import_module("zeroconf")
    except ImportError:
        raise MissingExtraError("announcing by mDNS", "zeroconf", "discover") from None
