"""Messages to OSC packets, by python-osc."""

from __future__ import annotations

import importlib
import math
from collections.abc import Iterable, Iterator
from typing import Any

from streamsep.errors import MissingExtraError
from streamsep.units import SILENCE_DB

MAX_BUNDLE_BYTES = 1400
"""A bundle that fits one Ethernet frame is lost or there, never half."""


def load_builder() -> Any:
    """What builds a message.

    Raises:
        MissingExtraError: python-osc is not installed.
    """
    try:
        return importlib.import_module("pythonosc.osc_message_builder").OscMessageBuilder
    except ImportError:
        raise MissingExtraError("OSC", "python-osc", "bridge") from None


def encode(address: str, values: Iterable[float | str]) -> bytes:
    """One message: numbers are floats, whole numbers (`int`) int32, texts strings.

    Args:
        address: To whom.
        values: Its arguments; minus infinity, which many controllers cannot show, becomes -120 (dB).
    """
    message = load_builder()(address)
    for value in values:
        if isinstance(value, str):
            message.add_arg(value, "s")
        elif isinstance(value, int):
            message.add_arg(min(int(value), 0x7FFFFFFF), "i")
        else:
            message.add_arg(SILENCE_DB if value == -math.inf else value, "f")
    return bytes(message.build().dgram)


def bundles(messages: Iterable[bytes]) -> Iterator[bytes]:
    """Bundles of messages that mean at once; `MAX_BUNDLE_BYTES` at most, unless one message is longer."""
    head = b"#bundle\0" + (1).to_bytes(8, "big")
    packet = head
    for message in messages:
        element = len(message).to_bytes(4, "big") + message
        if len(packet) + len(element) > MAX_BUNDLE_BYTES and packet != head:
            yield packet
            packet = head
        packet += element
    if packet != head:
        yield packet
