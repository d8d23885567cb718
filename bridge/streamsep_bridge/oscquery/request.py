"""A request's head, read strictly: what is not a plain question for a node is refused with a reason."""

from __future__ import annotations

import contextlib
import ipaddress
import re
from collections.abc import Collection
from dataclasses import dataclass
from urllib.parse import unquote

MAX_HEAD_BYTES = 8192
"""Request line and headers together."""

MAX_HEADERS = 64

_LINE = re.compile(r"([A-Z]{1,16}) (/[!-~]*) HTTP/1\.[01]")
_HEADER = re.compile(r"([!#$%&'*+.^_`|~0-9A-Za-z-]+):[ \t]*([^\x00-\x08\x0a-\x1f\x7f]*)")
_HOST = re.compile(r"(\[[0-9A-Fa-f:.]+\]|[0-9A-Za-z._-]+)(?::[0-9]{1,5})?")


class HttpError(Exception):
    """A request that is not answered with a node.

    Attributes:
        status: As HTTP has it.
    """

    def __init__(self, status: int, reason: str) -> None:
        super().__init__(reason)
        self.status = status


@dataclass(frozen=True)
class Request:
    """A question.

    Attributes:
        path: Decoded.
        attribute: Of the node; None asks for all of them.
        wants_body: Whether it is a GET; a HEAD does not.
    """

    path: str
    attribute: str | None
    wants_body: bool


def read_request(head: bytes, own_hosts: Collection[str]) -> Request:
    """A request's question.

    Args:
        head: All up to the empty line.
        own_hosts: Names and addresses that are ours, in lower case; addresses as `ipaddress` writes them.

    Raises:
        HttpError: 400 it is no HTTP, or too much of it; 403 it was meant for another host; 405 it wants
            to change something.

    Thread: any. Allocates: yes, bounded.
    """
    lines = head.decode("latin-1").split("\r\n")
    if (line := _LINE.fullmatch(lines[0])) is None:
        raise HttpError(400, "this is no request line of HTTP/1")
    headers = [_HEADER.fullmatch(one) for one in lines[1:]]
    if None in headers or len(headers) > MAX_HEADERS:
        raise HttpError(400, f"headers are malformed, or more than {MAX_HEADERS}")
    named = [(one[1].lower(), one[2].strip()) for one in headers if one is not None]
    check_host([value for name, value in named if name == "host"], own_hosts)
    if line[1] not in ("GET", "HEAD"):
        raise HttpError(405, "only GET and HEAD are answered; values are set over OSC")
    if any(name == "transfer-encoding" for name, _ in named) or any(
        name == "content-length" and value != "0" for name, value in named
    ):
        raise HttpError(400, "a question has no body")
    path, question_mark, attribute = line[2].partition("?")
    try:
        path = unquote(path, errors="strict")
    except UnicodeDecodeError:
        raise HttpError(400, "the path is not UTF-8") from None
    return Request(path, attribute if question_mark else None, line[1] == "GET")


def check_host(hosts: list[str], own_hosts: Collection[str]) -> None:
    """Refuse what a foreign web page sends: its name may resolve to us, but it stays in the request.

    Args:
        hosts: Values of all headers "Host".
        own_hosts: See `read_request`.

    Raises:
        HttpError: 400 there is not exactly one; 403 it is none of ours.
    """
    if len(hosts) != 1 or (found := _HOST.fullmatch(hosts[0])) is None:
        raise HttpError(400, "there has to be one header Host")
    name = found[1].strip("[]").lower().rstrip(".")
    with contextlib.suppress(ValueError):  # it may be a name
        name = str(ipaddress.ip_address(name))
    if name not in own_hosts:
        raise HttpError(403, "this request is for another host")
