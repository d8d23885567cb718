"""What has to be there before a server can be: packages, a port, a certificate."""

from __future__ import annotations

import importlib
import socket
import ssl

from streamsep.errors import MissingExtraError, StreamsepError
from streamsep_bridge.serve.settings import ServeSettings

_BACKLOG = 128


class ServeError(StreamsepError, OSError):
    """The port cannot be had, the certificate cannot be used, or the engine failed on the way."""


def check_packages() -> None:
    """Refuse to go on without the packages of the extra.

    Raises:
        MissingExtraError: One is not installed.
    """
    for module, package in (
        ("uvicorn", "uvicorn"),
        ("starlette", "starlette"),
        ("websockets", "websockets"),
        ("prometheus_client", "prometheus-client"),
    ):
        try:
            importlib.import_module(module)
        except ImportError:
            raise MissingExtraError("'streamsep serve'", package, "serve") from None


def open_door(settings: ServeSettings) -> socket.socket:
    """The socket that is listened on.

    Raises:
        ServeError: The port cannot be had.
    """
    family = socket.AF_INET6 if ":" in settings.listen else socket.AF_INET
    door = socket.socket(family, socket.SOCK_STREAM)
    door.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        door.bind((settings.listen, settings.port))
        door.listen(_BACKLOG)
    except OSError as error:
        door.close()
        raise ServeError(
            f"port {settings.port} on {settings.listen} cannot be had ({error.strerror}); choose "
            "another with --port"
        ) from error
    return door


def check_certificate(settings: ServeSettings) -> None:
    """Refuse a certificate before the engine is built.

    Raises:
        ServeError: It cannot be used.
    """
    if settings.tls_cert is None or settings.tls_key is None:
        return
    try:
        ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(settings.tls_cert, settings.tls_key)
    except (OSError, ssl.SSLError) as error:
        raise ServeError(
            f"certificate {settings.tls_cert} with key {settings.tls_key} cannot be used ({error}); give "
            "a chain and its key, both PEM"
        ) from None
