"""Questions to replies: the statuses are those of the proposal."""

from __future__ import annotations

import json
from typing import Any

from streamsep.errors import StreamsepError
from streamsep_bridge.oscquery.request import HttpError, Request
from streamsep_bridge.oscquery.tree import Tree

GIVEN = ("FULL_PATH", "CONTENTS", "TYPE", "ACCESS", "VALUE", "RANGE", "DESCRIPTION", "UNIT")
"""Attributes that nodes may have here."""

NOT_GIVEN = (
    "TAGS",
    "EXTENDED_TYPE",
    "CRITICAL",
    "CLIPMODE",
    "OVERLOADS",
    "LISTEN",
    "PATH_CHANGED",
    "PATH_ADDED",
    "PATH_REMOVED",
    "PATH_RENAMED",
)
"""Others of the proposal: none has them."""

_REASONS = {
    200: "OK",
    204: "No Content",
    400: "Bad Request",
    403: "Forbidden",
    404: "Not Found",
    405: "Method Not Allowed",
    408: "Request Timeout",
    431: "Request Header Fields Too Large",
    503: "Service Unavailable",
}


def host_info(name: str, osc_port: int) -> dict[str, Any]:
    """What HOST_INFO answers.

    Args:
        name: Of this server.
        osc_port: Where OSC is heard, over UDP (and TCP).
    """
    optional = ("ACCESS", "VALUE", "RANGE", "DESCRIPTION", "UNIT")
    return {
        "NAME": name,
        "OSC_PORT": osc_port,
        "OSC_TRANSPORT": "UDP",
        "EXTENSIONS": dict.fromkeys(optional, True) | dict.fromkeys(NOT_GIVEN, False),
    }


def answer(request: Request, tree: Tree, info: dict[str, Any]) -> bytes:
    """The reply to a question.

    Args:
        request: The question.
        tree: Of the session.
        info: `host_info`.

    Raises:
        HttpError: 204 the node has no such attribute; 400 nothing has; 404 there is no such node; 503 the
            session changes its model.

    Thread: the tree's. Allocates: yes.
    """
    if request.attribute == "HOST_INFO":
        return reply(200, _json(info), request.wants_body)
    if request.attribute is not None and request.attribute not in (*GIVEN, *NOT_GIVEN):
        raise HttpError(400, "there is no such attribute")
    try:
        node = tree.find(request.path)
    except StreamsepError as error:
        raise HttpError(503, "the session changes; ask again") from error
    if node is None:
        raise HttpError(404, "there is no such address")
    if request.attribute is None:
        return reply(200, _json(node), request.wants_body)
    if request.attribute not in node:
        raise HttpError(204, "")
    return reply(200, _json({request.attribute: node[request.attribute]}), request.wants_body)


def refuse(error: HttpError, wants_body: bool = True) -> bytes:
    """The reply to what is not answered."""
    return reply(error.status, f"{error}\n".encode() if error.status != 204 else b"", wants_body)


def reply(status: int, body: bytes, wants_body: bool = True) -> bytes:
    """A reply as it goes over the wire; the connection ends with it.

    Args:
        status: One of HTTP's.
        body: JSON where all is well, else a line of text.
        wants_body: False for HEAD.
    """
    lines = [
        f"HTTP/1.1 {status} {_REASONS[status]}",
        "Connection: close",
        "Cache-Control: no-store",
    ]
    if status == 405:
        lines.append("Allow: GET, HEAD")
    if status != 204:
        kind = "application/json" if status == 200 else "text/plain; charset=utf-8"
        lines += [f"Content-Type: {kind}", f"Content-Length: {len(body)}"]
        lines.append("X-Content-Type-Options: nosniff")
    return "\r\n".join([*lines, "", ""]).encode() + (body if wants_body else b"")


def _json(value: Any) -> bytes:
    return json.dumps(value, allow_nan=False).encode()
