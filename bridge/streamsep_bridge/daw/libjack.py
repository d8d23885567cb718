"""The few functions of the JACK library that patching needs; PipeWire brings the same library."""

from __future__ import annotations

import contextlib
import ctypes
import ctypes.util
from collections.abc import Iterator

from streamsep_bridge.daw.setup import DawError

_NO_START = 1
_IS_INPUT, _IS_OUTPUT = 1, 2
_AUDIO = b"audio"
_Names = ctypes.POINTER(ctypes.c_char_p)
_Say = ctypes.CFUNCTYPE(None, ctypes.c_char_p)


@_Say
def _be_silent(words: bytes) -> None:
    """What the library would print."""


class Jack:
    """A client without ports, for looking and patching; `open_jack` makes one.

    Thread: one. Allocates: yes.
    """

    def __init__(self, library: ctypes.CDLL, client: int) -> None:
        self._library, self._client = library, ctypes.c_void_p(client)

    @property
    def sample_rate(self) -> int:
        """Of the server, in Hz."""
        return int(self._library.jack_get_sample_rate(self._client))

    @property
    def block_size(self) -> int:
        """Samples per period of the server."""
        return int(self._library.jack_get_buffer_size(self._client))

    def ports(self, client: str, is_input: bool) -> list[str]:
        """Names of a client's audio ports, "client:port", in their order; none where there is no such.

        Args:
            client: Its name.
            is_input: Whether those that it hears with, or those that it plays to.
        """
        flag = _IS_INPUT if is_input else _IS_OUTPUT
        names = self._take(
            self._library.jack_get_ports(self._client, None, _AUDIO, ctypes.c_ulong(flag))
        )
        return [name for name in names if name.startswith(f"{client}:")]

    def clients(self) -> list[str]:
        """Names of all clients with audio ports."""
        names = self._take(
            self._library.jack_get_ports(self._client, None, _AUDIO, ctypes.c_ulong(0))
        )
        return list(dict.fromkeys(name.partition(":")[0] for name in names))

    def connected(self, port: str) -> list[str]:
        """Names of the ports that one is connected with."""
        found = self._library.jack_port_by_name(self._client, port.encode())
        if not found:
            return []
        listing = self._library.jack_port_get_all_connections(self._client, ctypes.c_void_p(found))
        return self._take(listing)

    def connect(self, source: str, target: str) -> None:
        """Connect two ports, once; one that has gone is left alone."""
        self._library.jack_connect(self._client, source.encode(), target.encode())

    def disconnect(self, source: str, target: str) -> None:
        """The contrary."""
        self._library.jack_disconnect(self._client, source.encode(), target.encode())

    def _take(self, names: ctypes._Pointer[ctypes.c_char_p]) -> list[str]:
        if not names:
            return []
        taken: list[str] = []
        while (name := names[len(taken)]) is not None:
            taken.append(name.decode())
        self._library.jack_free(names)
        return taken


@contextlib.contextmanager
def open_jack(name: str = "streamsep-patch") -> Iterator[Jack]:
    """A client for as long as it is needed.

    Args:
        name: Of the client.

    Raises:
        DawError: The library is not installed, or no server runs.
    """
    library = _load()
    status = ctypes.c_int(0)
    client = library.jack_client_open(name.encode(), _NO_START, ctypes.byref(status))
    if not client:
        raise DawError("no JACK server runs; start jackd or PipeWire")
    try:
        yield Jack(library, client)
    finally:
        library.jack_client_close(ctypes.c_void_p(client))


def _load() -> ctypes.CDLL:
    path = ctypes.util.find_library("jack") or "libjack.so.0"
    try:
        library = ctypes.CDLL(path)
    except OSError:
        raise DawError("the JACK library is missing; apt install libjack-jackd2-0") from None
    library.jack_set_error_function(_be_silent)
    library.jack_set_info_function(_be_silent)
    library.jack_client_open.restype = ctypes.c_void_p
    library.jack_port_by_name.restype = ctypes.c_void_p
    for name in ("jack_get_ports", "jack_port_get_all_connections"):
        getattr(library, name).restype = _Names
    return library
