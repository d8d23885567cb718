"""OSC packets to messages, strictly: whatever a network sends, decoding ends soon and with a reason.

The format is that of the OSC 1.0 specification with the types of 1.1 (i f s b, h d t S c r m T F N I, and
arrays). A library would do where senders are friends; the ones at hand follow negative sizes backwards,
recurse as deep as a packet says, or write a line of log for each.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from streamsep.errors import StreamsepError

MAX_BYTES = 65535
"""A UDP packet cannot be longer; one over TCP must not be."""

MAX_DEPTH, MAX_MESSAGES, MAX_ARGUMENTS = 4, 256, 64
"""Bundles in bundles, messages in a packet, arguments of a message."""

NOW = 1
"""Time tag that means at once."""

_FIXED = {"i": ">i", "f": ">f", "h": ">q", "d": ">d", "t": ">Q", "r": ">I", "m": ">I", "c": ">I"}
_CONSTANT = {"T": True, "F": False, "N": None, "I": True}


class PacketError(StreamsepError, ValueError):
    """A packet is no OSC."""


@dataclass(frozen=True)
class Message:
    """One message.

    Attributes:
        address: Or a pattern of addresses.
        arguments: int, float, bool, str, bytes, None, and lists of them.
        tag: Time tag of the bundle it came in, 64-bit NTP; `NOW` is at once.
    """

    address: str
    arguments: tuple[Any, ...]
    tag: int = NOW


def decode(packet: bytes) -> list[Message]:
    """All messages of a packet in their order; of bundles in bundles too.

    Args:
        packet: As it came.

    Raises:
        PacketError: It is no OSC; nothing of it is to be used then.

    Thread: any. Allocates: yes.
    """
    if not packet or len(packet) > MAX_BYTES:
        raise PacketError(f"{len(packet)} bytes, not 4 to {MAX_BYTES}")
    messages: list[Message] = []
    for message in _elements(packet, NOW, 0):
        messages.append(message)
        if len(messages) > MAX_MESSAGES:
            raise PacketError(f"more than {MAX_MESSAGES} messages")
    return messages


def _elements(data: bytes, tag: int, depth: int) -> Iterator[Message]:
    if len(data) % 4:
        raise PacketError(f"{len(data)} bytes, not a multiple of 4")
    if data.startswith(b"/"):
        yield _message(data, tag)
        return
    if not data.startswith(b"#bundle\0") or len(data) < 16:
        raise PacketError("neither a message nor a bundle")
    if depth >= MAX_DEPTH:
        raise PacketError(f"bundles more than {MAX_DEPTH} deep")
    (inner,) = struct.unpack_from(">Q", data, 8)
    # A bundle in a bundle cannot be due before the one around it.
    tag, at = max(tag, inner), 16
    while at < len(data):
        (size,) = struct.unpack_from(">i", data, at)
        at += 4
        if not 4 <= size <= len(data) - at:
            raise PacketError(f"an element of {size} bytes where {len(data) - at} are left")
        yield from _elements(data[at : at + size], tag, depth + 1)
        at += size


def _message(data: bytes, tag: int) -> Message:
    address, at = _string(data, 0)
    if at == len(data):
        return Message(address, (), tag)  # old senders leave the types out
    types, at = _string(data, at)
    if not types.startswith(","):
        raise PacketError("types that do not begin with ','")
    if len(types) - 1 > MAX_ARGUMENTS:
        raise PacketError(f"more than {MAX_ARGUMENTS} arguments")
    outer: list[Any] = []
    stack = [outer]
    for kind in types[1:]:
        if kind == "[":
            stack[-1].append([])
            stack.append(stack[-1][-1])
        elif kind == "]":
            if len(stack) == 1:
                raise PacketError("an array that ends before it begins")
            stack.pop()
        else:
            value, at = _argument(data, at, kind)
            stack[-1].append(value)
    if len(stack) > 1:
        raise PacketError("an array without an end")
    return Message(address, tuple(outer), tag)


def _argument(data: bytes, at: int, kind: str) -> tuple[Any, int]:
    if kind in _FIXED:
        size = struct.calcsize(_FIXED[kind])
        if at + size > len(data):
            raise PacketError("arguments that end early")
        return struct.unpack_from(_FIXED[kind], data, at)[0], at + size
    if kind in _CONSTANT:
        return _CONSTANT[kind], at
    if kind in "sS":
        return _string(data, at)
    if kind == "b":
        size, at = _argument(data, at, "i")
        end = at + size
        if size < 0 or end > len(data):
            raise PacketError("a blob that ends early")
        return data[at:end], at + -(-size // 4) * 4
    raise PacketError(f"an argument of unknown type {kind!r}")


def _string(data: bytes, at: int) -> tuple[str, int]:
    end = data.find(b"\0", at)
    if end < 0:
        raise PacketError("a string without an end")
    try:
        return data[at:end].decode("utf-8"), end + 4 - end % 4
    except UnicodeDecodeError:
        raise PacketError("a string that is no UTF-8") from None
