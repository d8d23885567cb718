"""Patterns of OSC addresses: `?`, `*`, `[a-z]`, `[!a-z]`, `{vocals,drums}`, each within one part.

A pattern is followed through all its states at once, so no pattern takes longer than its length times the
address's: patterns come from the network.
"""

from __future__ import annotations

from dataclasses import dataclass

MAX_CHARS = 255
"""A longer pattern means nothing."""

_SPECIAL = frozenset("?*[]{}")


@dataclass(frozen=True)
class _Step:
    """One step of a part: any of these texts; a star is a step that may be taken any number of times."""

    texts: tuple[str, ...] = ()
    excluded: str | None = None
    is_star: bool = False


def is_pattern(address: str) -> bool:
    """Whether an address stands for more than itself."""
    return not _SPECIAL.isdisjoint(address)


def matches(pattern: str, address: str) -> bool:
    """Whether an address is one of those that a pattern means.

    Args:
        pattern: Of the OSC 1.0 specification; a damaged one means nothing.
        address: Without special characters.

    Thread: any. Allocates: yes.
    """
    if len(pattern) > MAX_CHARS:
        return False
    wanted, parts = pattern.split("/"), address.split("/")
    if len(wanted) != len(parts):
        return False
    return all(_matches_part(one, other) for one, other in zip(wanted, parts, strict=True))


def _matches_part(pattern: str, text: str) -> bool:
    if not is_pattern(pattern):
        return pattern == text
    steps = _parse(pattern)
    if steps is None:
        return False
    ends = {0}
    for step in steps:
        if step.is_star:
            ends = set(range(min(ends), len(text) + 1))
        elif step.excluded is not None:
            ends = {end + 1 for end in ends if end < len(text) and text[end] not in step.excluded}
        else:
            ends = {
                end + len(option)
                for end in ends
                for option in step.texts
                if text.startswith(option, end)
            }
        if not ends:
            return False
    return len(text) in ends


def _parse(pattern: str) -> list[_Step] | None:
    """Steps of one part; None where it is damaged."""
    steps, at = [], 0
    while at < len(pattern):
        char = pattern[at]
        at += 1
        if char == "*":
            steps.append(_Step(is_star=True))
        elif char == "?":
            steps.append(_Step(excluded=""))
        elif char in "[{":
            end = pattern.find("]" if char == "[" else "}", at)
            if end < 0:
                return None
            inside, at = pattern[at:end], end + 1
            steps.append(_choice(inside) if char == "{" else _class(inside))
        elif char in "]}":
            return None
        else:
            steps.append(_Step(texts=(char,)))
    return steps


def _choice(inside: str) -> _Step:
    return _Step(texts=tuple(inside.split(",")))


def _class(inside: str) -> _Step:
    is_excluding, chars, at = inside.startswith("!"), "", 0
    inside = inside.removeprefix("!")
    while at < len(inside):
        if at + 2 < len(inside) and inside[at + 1] == "-":
            low, high = ord(inside[at]), ord(inside[at + 2])
            # Addresses are ASCII: a range beyond it says nothing more, and would be long.
            chars += "".join(map(chr, range(min(low, 128), min(high, 127) + 1)))
            at += 3
        else:
            chars += inside[at]
            at += 1
    return _Step(excluded=chars) if is_excluding else _Step(texts=tuple(chars))
