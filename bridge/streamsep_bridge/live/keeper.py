"""Keeps an audio process alive: starts it, waits for devices, notices that it is dead, starts another.

States: "stopped" -> "starting" -> "playing"; from there to "waiting" when the device or its server goes
away, and back to "playing" when it returns.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Any

from streamsep.engine.live.desk import Desk
from streamsep.errors import StreamsepError
from streamsep_bridge.audio.portaudio import DeviceError
from streamsep_bridge.live.host_process import HostProcess
from streamsep_bridge.live.settings import ModelChoice
from streamsep_bridge.live.status import Totals

PREPARE_S, FADE_S = 60.0, 5.0
"""A model gets so long to be made ready, and to be faded in."""

_WATCH_S = 0.05
_BACK_OFF_S = (0.0, 0.2, 0.5, 1.0)

Heard = Callable[[HostProcess, dict[str, Any]], None]


class Keeper:
    """See the module's docstring.

    Args:
        lock: Of the session; held while anything here is changed.
        make_host: Starts an audio process with the session's settings of now.
        on_playing: Called under the lock when a process plays, with what it says of itself.
        on_lost: Called under the lock when it is gone.
        emit: Called without the lock with the name of an event and its facts.

    Attributes:
        state: See the module's docstring.
        reason: Why it waits.
        facts: What the process that plays says of itself.
        totals: Counts over all processes.
        changed: Notified when any of these changes.
    """

    def __init__(
        self,
        lock: threading.RLock,
        make_host: Callable[[Heard], HostProcess],
        on_playing: Callable[[dict[str, Any]], None],
        on_lost: Callable[[], None],
        emit: Callable[..., None],
    ) -> None:
        self._lock, self._make_host = lock, make_host
        self._on_playing, self._on_lost, self._emit = on_playing, on_lost, emit
        self.changed = threading.Condition(lock)
        self.state, self.reason, self._failure = "stopped", "", ""
        self.facts: dict[str, Any] = {}
        self.totals = Totals()
        self.host: HostProcess | None = None
        self._answers: dict[int, dict[str, Any]] = {}
        self._n_orders = 0

    @property
    def is_heard(self) -> bool:
        """Whether a process plays."""
        return self.host is not None and self.state == "playing"

    @property
    def desk(self) -> Desk:
        """Of the process; there must be one."""
        assert self.host is not None
        return self.host.desk

    def start(self, timeout_s: float | None) -> None:
        """Start a process and the watch; returns when it plays.

        Raises:
            DeviceError: It failed, or nothing plays within the time.
        """
        with self._lock:
            if self.state != "stopped":
                return
            self.state, self.reason, self._failure = "starting", "", ""
            self.host = self._make_host(self._hear)
        threading.Thread(target=self._watch, daemon=True, name="streamsep-watch").start()
        end = None if timeout_s is None else time.monotonic() + timeout_s
        with self.changed:
            while self.state != "playing":
                left = None if end is None else end - time.monotonic()
                problem = self._failure or (self.state == "stopped" and "the session was stopped")
                if left is not None and left <= 0.0:
                    why = self.reason or "the audio process did not come up"
                    problem = f"no sound after {timeout_s:g} s: {why}"
                if problem:
                    self.stop()
                    raise DeviceError(str(problem))
                self.changed.wait(left)

    def stop(self) -> bool:
        """End the process at once, in any state; whether there was one."""
        with self.changed:
            self.state = "stopped"
            host, self.host = self.host, None
            self.changed.notify_all()
        if host is None:
            return False
        self.totals.add(host.desk)
        host.end()
        return True

    def renew(self) -> None:
        """Start another process in place of one that does not play yet: the settings have changed."""
        with self._lock:
            if self.host is not None and not self.is_heard:
                self.host.end()
                self.host = self._make_host(self._hear)

    def wait(self, seconds: float | None) -> None:
        """Until stopped, or for a time."""
        end = None if seconds is None else time.monotonic() + seconds
        with self.changed:
            while self.state != "stopped":
                left = None if end is None else end - time.monotonic()
                if left is not None and left <= 0.0:
                    return
                self.changed.wait(0.5 if left is None else min(left, 0.5))

    def prepare(self, model: ModelChoice, matrices: dict[str, list[list[float]]]) -> dict[str, Any]:
        """Have the process that plays prepare a model; what it says of it. Holds the lock.

        Raises:
            DeviceError: The process went away.
            StreamsepError: The model does not fit.
        """
        return self.ask("change", model=vars(model), matrices=matrices)

    def ask(self, what: str, **facts: Any) -> dict[str, Any]:
        """Give the process that plays an order that it answers; the answer. Holds the lock.

        Raises:
            DeviceError: The process went away.
            StreamsepError: It refused.
        """
        assert self.host is not None
        self._n_orders += 1
        number, end = self._n_orders, time.monotonic() + PREPARE_S
        self.host.order(what, **facts, number=number)
        while number not in self._answers and self.is_heard and time.monotonic() < end:
            self.changed.wait(0.1)
        answer = self._answers.pop(number, None)
        if answer is None:
            raise DeviceError("the audio process went away before it was ready; try again")
        if answer.pop("event") == "refused":
            raise StreamsepError(answer["reason"])
        return answer

    def wait_for_change(self) -> None:
        """Until the model that was sent for is heard. Holds the lock."""
        end = time.monotonic() + FADE_S
        while self.is_heard and self.desk.is_changing and time.monotonic() < end:
            self.changed.wait(0.01)

    def order(self, what: str, **facts: Any) -> None:
        """Give the process an order, if there is one."""
        with self._lock:
            if self.host is not None:
                self.host.order(what, **facts)

    def _hear(self, host: HostProcess, message: dict[str, Any]) -> None:
        """A message of the audio process."""
        with self.changed:
            if host is not self.host:
                return  # the last words of one that was ended
            event = message.pop("event")
            if event == "playing":
                self.facts, self.state, self.reason = message, "playing", ""
                self._on_playing(message)
            elif event == "waiting":
                self.reason = message["reason"]
                if self.state != "starting":
                    self.state = "waiting"
            elif event == "failed":
                self._failure = message["reason"]
            elif "number" in message:  # prepared, loaded, refused
                self._answers[message["number"]] = {"event": event, **message}
            self.changed.notify_all()
        if "number" not in message:
            self._emit(event, **message)

    def _watch(self) -> None:
        """Look after the audio process until the session is stopped."""
        attempts, looked_at = 0, 0.0
        while True:
            time.sleep(_WATCH_S)
            with self._lock:
                host = self.host
                if self.state == "stopped" or host is None:
                    return
                if self.state == "starting" and self._failure:
                    continue  # `start` reports it
                if host.is_alive and not self._failure:
                    if self.state == "playing":
                        attempts = 0
                        if time.monotonic() - looked_at >= 1.0:
                            looked_at = time.monotonic()
                            self.totals.watch(host.desk)
                    continue
                was_playing = self.state == "playing"
                if self.state != "starting":
                    self.state = "waiting"
                self.reason = self._failure or host.last_words or self.reason
                self._failure = ""
                self.totals.add(host.desk)
                self._on_lost()
                host.end()
            if was_playing:
                self._emit("lost", reason="the device or its server went away")
            time.sleep(_BACK_OFF_S[min(attempts, len(_BACK_OFF_S) - 1)])
            attempts += 1
            with self._lock:
                if self.state == "stopped":
                    return
                self.totals.restarts += 1
                self.host = self._make_host(self._hear)
