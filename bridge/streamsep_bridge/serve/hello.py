"""The first message of a client: what it sends and what it wants, read strictly."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from streamsep.spec import NATIVE_RATES
from streamsep_bridge.serve.refused import Refused
from streamsep_bridge.serve.samples import FORMATS

MAX_TEXT = 8192
"""Characters of a message in JSON."""

MAX_BLOCK = 16384
"""Frames that a client may promise to send at a time."""

_KEYS = {"type", "format", "sample_rate", "channels", "token", "want", "block"}


@dataclass(frozen=True)
class Hello:
    """See the module's docstring.

    Attributes:
        format: Of samples, both ways: "f32" or "s16".
        sample_rate: In Hz, 44100 or 48000.
        channels: 1 or 2, both ways.
        want: "stems" or "mix".
        token: As it came.
        block: Promise that every message holds a multiple of so many frames; None promises nothing.
    """

    format: str = "f32"
    sample_rate: int = 44100
    channels: int = 2
    want: str = "stems"
    token: str | None = None
    block: int | None = None


def read_hello(text: str) -> Hello:
    """The first message.

    Raises:
        Refused: It is none.
    """
    found = read_json(text, "hello")
    unknown = sorted(found.keys() - _KEYS)
    if unknown or found.pop("type", "hello") != "hello":
        what = f"has {unknown[0][:40]!r}" if unknown else "is no hello"
        remedy = f"it may have: {', '.join(sorted(_KEYS))}"
        raise Refused("hello", f"the first message {what}", remedy)
    hello = Hello(**found)
    _choose("format", hello.format, tuple(FORMATS))
    _choose(
        "sample_rate", hello.sample_rate, NATIVE_RATES, "; resample what has another rate before"
    )
    _choose("channels", hello.channels, (1, 2), "; mix down what has more")
    _choose("want", hello.want, ("stems", "mix"))
    if hello.token is not None and not isinstance(hello.token, str):
        raise Refused("hello", "the token is no text", "send it in quotes")
    is_promise = isinstance(hello.block, int) and not isinstance(hello.block, bool)
    if hello.block is not None and not (is_promise and 1 <= hello.block <= MAX_BLOCK):
        raise Refused(
            "hello", "block is no count of frames", f"send 1 to {MAX_BLOCK}, or leave it out"
        )
    return hello


def read_json(text: str, reason: str) -> dict[str, Any]:
    """An object of JSON.

    Raises:
        Refused: It is none, for that reason.
    """
    remedy = "see docs/serve.md for the messages"
    if len(text) > MAX_TEXT:
        raise Refused(reason, f"a message of {len(text)} characters is too long", remedy)
    try:
        found = json.loads(text, parse_constant=_no_constant)
    except (ValueError, RecursionError):
        raise Refused(reason, "a text message is no JSON", remedy) from None
    if not isinstance(found, dict):
        raise Refused(reason, "a text message is no object of JSON", remedy)
    return found


def _no_constant(text: str) -> None:
    raise ValueError(f"{text} is no JSON")


def _choose(key: str, value: Any, allowed: tuple[Any, ...], more: str = "") -> None:
    # True equals 1, and 2.0 equals 2; neither is meant.
    if not any(type(value) is type(one) and value == one for one in allowed):
        choices = " or ".join(str(one) for one in allowed)
        shown = repr(value)[:40]
        raise Refused("hello", f"{key} is {shown}", f"send {choices}{more}")
