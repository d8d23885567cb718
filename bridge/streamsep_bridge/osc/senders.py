"""Who may speak: addresses of senders, checked before anything else of a packet is read."""

from __future__ import annotations

import ipaddress
import socket
from collections.abc import Sequence

from streamsep.errors import ParameterError

Network = ipaddress.IPv4Network | ipaddress.IPv6Network


def read_senders(allowed: Sequence[str]) -> tuple[Network, ...]:
    """Networks of a list such as 192.168.1.20, 10.0.0.0/24.

    Raises:
        ParameterError: One is neither an address nor a network.
    """
    networks = []
    for text in allowed:
        try:
            networks.append(ipaddress.ip_network(text, strict=False))
        except ValueError:
            raise ParameterError(
                f"'{text}' is no sender; give addresses or networks like 192.168.1.20 or 10.0.0.0/24"
            ) from None
    return tuple(networks)


def may_speak(host: str, networks: Sequence[Network]) -> bool:
    """Whether a sender is allowed.

    Args:
        host: Its address.
        networks: Beside this machine, which always is.
    """
    try:
        address = ipaddress.ip_address(host.partition("%")[0])
    except ValueError:
        return False
    mapped = getattr(address, "ipv4_mapped", None)
    address = mapped or address
    return address.is_loopback or any(address in network for network in networks)


def find_host(
    target: tuple[str, int], family: socket.AddressFamily, own_port: int
) -> tuple[str, int]:
    """The address of a host that is told everything; a name is looked up once.

    Raises:
        ParameterError: There is no such host, or it is the server itself.
    """
    try:
        address = socket.getaddrinfo(*target, family=family, type=socket.SOCK_DGRAM)[0][4]
    except OSError:
        raise ParameterError(f"--osc-feedback {target[0]}: there is no such host") from None
    if target[1] == own_port and may_speak(str(address[0]), ()):
        raise ParameterError(f"--osc-feedback {target[0]}:{own_port} is this server itself")
    return str(address[0]), int(address[1])


def check_listening(listen: str, networks: Sequence[Network]) -> None:
    """Refuse to listen to the world without saying to whom.

    Raises:
        ParameterError: `listen` is not this machine's own, and nobody is allowed.
    """
    try:
        is_own = ipaddress.ip_address(listen).is_loopback
    except ValueError:
        is_own = listen == "localhost"
    if not is_own and not networks:
        raise ParameterError(
            f"listening on {listen} needs a list of who may speak; add for example "
            "--osc-allow 192.168.1.20"
        )
