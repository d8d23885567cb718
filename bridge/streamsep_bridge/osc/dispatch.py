"""`Dispatch`: packets to deeds. Faders move at once; what takes a while is done in turn, beside them."""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from streamsep.errors import StreamsepError
from streamsep_bridge.osc.console import Console, Values
from streamsep_bridge.osc.encode import encode
from streamsep_bridge.osc.feedback import Feedback
from streamsep_bridge.osc.packet import NOW, Message, PacketError, decode
from streamsep_bridge.osc.pattern import is_pattern, matches
from streamsep_bridge.osc.refusals import Refusals
from streamsep_bridge.osc.schedule import Schedule
from streamsep_bridge.osc.stream_clock import StreamClock, time_of_tag
from streamsep_bridge.osc.subscribers import Peer, Subscribers, Subscription
from streamsep_bridge.osc.table import ACTION, ROOT, VALUE, Control
from streamsep_bridge.osc.values import RefusedError, read_arguments

if TYPE_CHECKING:
    from streamsep_bridge.live.session import LiveSession

AHEAD_S = 0.05
"""A timed message is handed to the audio so long before it is due."""

READ_S = 0.01
"""While messages wait for their time, the stream's clock is read so often: more readings, a truer one."""

MAX_REPLIES = 128
"""Answers to one packet."""

_ERROR = f"{ROOT}/error"

MAX_ORDERS = 32
"""Orders that may wait for those before."""

ERRORS_PER_S = 20
"""So many refusals are answered; further ones are counted only."""


class Dispatch:
    """See the module's docstring.

    Args:
        session: In any state.
        console: Of the session.
        feedback: Of the session.
        subscribers: Who listens.
        refusals: Where what is not obeyed is counted.
        find_peer: Gives the peer at another port of the same host, where there can be one.
        tell: Called with a line for the user when something is refused for the first time.

    Thread: one; orders run in another. Allocates: yes, bounded.
    """

    def __init__(
        self,
        session: LiveSession,
        console: Console,
        feedback: Feedback,
        subscribers: Subscribers,
        refusals: Refusals,
        find_peer: Callable[[Peer, int], Peer],
        tell: Callable[[str], None],
    ) -> None:
        self._session, self._console, self._feedback = session, console, feedback
        self._subscribers, self._refusals = subscribers, refusals
        self._find_peer, self._tell = find_peer, tell
        self._clock = StreamClock()
        self._ahead: Schedule[tuple[Message, Peer]] = Schedule()
        self._exact: Schedule[tuple[Message, Peer]] = Schedule()
        self._n_replies = 0
        self._orders: queue.Queue[Callable[[], None] | None] = queue.Queue(MAX_ORDERS)
        self._n_errors, self._errors_s = 0, 0.0
        self._worker = threading.Thread(target=self._work, daemon=True, name="streamsep-osc-orders")
        self._worker.start()

    def close(self) -> None:
        """End after the order that runs."""
        with self._orders.mutex:
            self._orders.queue.clear()
        self._orders.put(None)
        self._worker.join()

    def hear(self, packet: bytes, peer: Peer) -> bool:
        """Obey a packet, now or when it is due; what cannot be obeyed is counted and answered.

        Returns:
            Whether it is OSC.
        """
        try:
            messages = decode(packet)
        except PacketError as error:
            self._refuse("malformed", str(error), "", None)
            return False
        self._n_replies = 0
        for message in messages:
            due_s, now_s = time_of_tag(message.tag), time.time()
            if message.tag == NOW or due_s <= now_s:
                self._obey(message, peer, 0)
                continue
            controls = self._console.controls
            is_timed = all(controls[address].is_timed for address in self._find(message.address))
            try:
                (self._ahead if is_timed else self._exact).add(due_s, (message, peer), now_s)
            except RefusedError as error:
                self._refuse(error.kind, str(error), message.address, peer)
        return True

    def next_s(self) -> float | None:
        """Time of day at which `tick` has something to do; None where nothing waits."""
        if not (self._ahead or self._exact):
            return None
        due_s = [time.time() + READ_S]
        if self._ahead.next_s is not None:
            due_s.append(self._ahead.next_s - AHEAD_S)
        if self._exact.next_s is not None:
            due_s.append(self._exact.next_s)
        return min(due_s)

    def tick(self) -> None:
        """Hand over what is due soon."""
        now_s = time.time()
        heard = self._session.position()
        if heard is not None:
            self._clock.read(*heard, now_s)
        self._n_replies = 0
        for due_s, (message, peer) in self._ahead.take_due(now_s + AHEAD_S):
            at = 0 if heard is None else self._clock.sample_at(due_s, heard[1])
            self._obey(message, peer, at)
        for _, (message, peer) in self._exact.take_due(now_s):
            self._obey(message, peer, 0)

    def _find(self, address: str) -> list[str]:
        """Addresses that one means. A pattern means no action: who asks with one does not want a panic."""
        controls = self._console.controls
        if not is_pattern(address):
            return [address] if address in controls else []
        return [
            one
            for one, control in controls.items()
            if control.role != ACTION and matches(address, one)
        ]

    def _obey(self, message: Message, peer: Peer, at: int) -> None:
        controls, found = self._console.controls, self._find(message.address)
        if message.address == _ERROR:  # another server's: an answer would be answered
            self._refusals.add("unknown", _ERROR)
            return
        if not found:
            self._refuse("unknown", "there is no such address", message.address, peer)
        for address in found:
            try:
                self._obey_one(address, controls[address], message.arguments, peer, at)
            except StreamsepError as error:
                kind = error.kind if isinstance(error, RefusedError) else "range"
                self._refuse(kind, str(error), address, peer)

    def _obey_one(
        self, address: str, control: Control, arguments: tuple[Any, ...], peer: Peer, at: int
    ) -> None:
        if not arguments and control.role != ACTION:
            told = self._feedback.look_at(address, control)
            self._n_replies += 1
            if self._n_replies > MAX_REPLIES:
                raise RefusedError("busy", f"a packet gets {MAX_REPLIES} answers at most")
            if told is not None:
                peer.send(encode(address, told[0]))
            return
        if control.role not in (VALUE, ACTION):
            raise RefusedError("arguments", "is told, not set")
        values = read_arguments(control, arguments)
        if control.path == "/subscribe":
            self._subscribe(peer, *values)
        elif control.path == "/unsubscribe":
            self._subscribers.remove(self._listener(peer, values[0]))
        elif control.is_slow:
            self._order(address, control, values, peer)
        else:
            self._console.do(address, control, values, at)
            self._subscribers.note(peer, address, self._feedback.look_at(address, control))

    def _order(self, address: str, control: Control, values: Values, peer: Peer) -> None:
        def run() -> None:
            try:
                self._console.do(address, control, values)
                self._subscribers.note(peer, address, self._feedback.look_at(address, control))
            except StreamsepError as error:
                self._refuse(getattr(error, "kind", "state"), str(error), address, peer)
            except Exception as error:  # whatever it is, the next order is to be carried out
                self._refuse("failed", repr(error), address, peer)

        try:
            self._orders.put_nowait(run)
        except queue.Full:
            raise RefusedError("busy", f"{MAX_ORDERS} orders wait already") from None

    def _work(self) -> None:
        while (order := self._orders.get()) is not None:
            order()

    def _subscribe(self, peer: Peer, pattern: Any, rate_hz: Any, expires_s: Any, port: Any) -> None:
        if not pattern.startswith(ROOT):
            raise RefusedError("range", f"pattern is an address below {ROOT}")
        if getattr(peer, "is_lost", False):
            raise RefusedError("state", "the connection is gone")
        now_s = time.monotonic()
        listener = self._listener(peer, port)
        self._subscribers.add(
            Subscription(listener, peer, pattern, 1.0 / rate_hz, now_s + expires_s, now_s)
        )

    def _listener(self, peer: Peer, port: Any) -> Peer:
        return peer if not port else self._find_peer(peer, int(port))

    def _refuse(self, kind: str, reason: str, address: str, peer: Peer | None) -> None:
        """Count it; tell the user once, and the sender, who is told again what holds."""
        shown = ascii(address[:60])[1:-1]
        if self._refusals.add(kind, f"{shown} {reason}".strip()):
            self._tell(f"refused ({kind}): {shown} {reason}")
        if peer is None:
            return
        self._subscribers.note(peer, address, None)
        now_s = time.monotonic()
        if now_s - self._errors_s >= 1.0:
            self._n_errors, self._errors_s = 0, now_s
        self._n_errors += 1
        if self._n_errors <= ERRORS_PER_S:
            peer.send(encode(f"{ROOT}/error", (shown, reason[:200])))
