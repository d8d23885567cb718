"""Who is told what: subscriptions to addresses, each at its rate, until it expires."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Protocol

from streamsep_bridge.osc.encode import bundles, encode
from streamsep_bridge.osc.feedback import Told
from streamsep_bridge.osc.pattern import matches
from streamsep_bridge.osc.values import RefusedError

MAX_SUBSCRIBERS = 8
MAX_PATTERNS = 16
"""Subscribers, and patterns of each."""


class Peer(Protocol):
    """Somebody who can be told something; equal where it is the same one."""

    def send(self, packet: bytes) -> None:
        """Send a packet, or lose it; never waits."""


@dataclass
class Subscription:
    """One pattern of one subscriber.

    Attributes:
        peer: Who is told.
        owner: Who asked: what it sets itself it is not told.
        pattern: An address, a pattern, or the beginning of either: what lies below is meant too.
        interval_s: Between two tellings.
        expires_s: When it ends, on the monotonic clock; infinite never.
        due_s: When it is told next.
        known: What it was told of each address.
    """

    peer: Peer
    owner: object
    pattern: str
    interval_s: float
    expires_s: float
    due_s: float = 0.0
    known: dict[str, Told] = field(default_factory=dict)

    def covers(self, address: str) -> bool:
        """Whether it is about an address."""
        n_parts = self.pattern.count("/") + 1
        return matches(self.pattern, "/".join(address.split("/")[:n_parts]))


class Subscribers:
    """See the module's docstring.

    Thread: one. Allocates: yes, bounded.
    """

    def __init__(self) -> None:
        self._all: list[Subscription] = []

    def __iter__(self) -> Iterator[Subscription]:
        return iter(self._all)

    def add(self, new: Subscription) -> None:
        """Begin or renew a subscription.

        Raises:
            RefusedError: There are too many.
        """
        others = [one for one in self._all if (one.peer, one.pattern) != (new.peer, new.pattern)]
        peers = {one.peer for one in others} | {new.peer}
        n_patterns = sum(one.peer == new.peer for one in others)
        if len(peers) > MAX_SUBSCRIBERS:
            raise RefusedError("busy", f"{MAX_SUBSCRIBERS} subscribers are there already")
        if n_patterns >= MAX_PATTERNS:
            raise RefusedError("busy", f"{MAX_PATTERNS} patterns are subscribed already")
        self._all = [*others, new]

    def remove(self, peer: Peer) -> None:
        """It is told no more."""
        self._all = [one for one in self._all if one.peer != peer]

    def note(self, owner: object, address: str, told: Told | None) -> None:
        """Somebody has set an address itself: it knows the value; None: it has to be told what holds."""
        for one in self._all:
            if one.owner == owner and one.covers(address):
                if told is None:
                    one.known.pop(address, None)
                else:
                    one.known[address] = told

    def next_s(self) -> float | None:
        """When the first is due, on the monotonic clock; None where nobody listens."""
        return min((one.due_s for one in self._all), default=None)

    def tell(self, now_s: float, look: Callable[[], dict[str, Told]]) -> None:
        """Tell all who are due what is new to them.

        Args:
            now_s: On the monotonic clock.
            look: Gives what can be told.
        """
        self._all = [one for one in self._all if one.expires_s > now_s]
        due = [one for one in self._all if one.due_s <= now_s]
        if not due:
            return
        told = look()
        for one in due:
            one.due_s = max(one.due_s + one.interval_s, now_s)
            news = {
                address: now
                for address, now in told.items()
                if one.known.get(address) != now and one.covers(address)
            }
            one.known.update(news)
            for packet in bundles(encode(address, values) for address, (values, _) in news.items()):
                one.peer.send(packet)
