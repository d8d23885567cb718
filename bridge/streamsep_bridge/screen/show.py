"""The loop around a session: starts it, shows it, ends it, in whatever state it is."""

from __future__ import annotations

import queue
import threading
import time
from typing import Any

from streamsep_bridge.audio.portaudio import DeviceError
from streamsep_bridge.live.session import LiveSession
from streamsep_bridge.live.status import Status
from streamsep_bridge.screen.face import Face

SHOW_S = 0.1
"""Pause between two looks."""

TAIL_S = 0.3
"""After a source's end and the delay: what reverberates in the model, and buffers that nobody knows of."""

STOP_S = 0.5
"""A session that has not stopped after so long is left alone: its audio process ends with us."""


class Course:
    """How a session went so far.

    Attributes:
        last: The latest status.
    """

    def __init__(self) -> None:
        self.last = Status("stopped", "", {})
        self._before_s = self._now_s = 0.0

    def add(self, status: Status) -> None:
        """Take in a status."""
        self.last = status
        if status.state != "playing":
            return
        now_s = status.time / status.facts["sample_rate"]
        if now_s < self._now_s:  # another audio process, which counts from 0
            self._before_s += self._now_s
        self._now_s = now_s

    @property
    def played_s(self) -> float:
        """Seconds of sound."""
        return self._before_s + self._now_s


def play(
    session: LiveSession, face: Face, seconds: float | None = None, is_patient: bool = False
) -> None:
    """Play until the time is over or the user ends it; a device that goes away later is waited for.

    Args:
        session: Stopped; it is stopped again in the end.
        face: Shows it.
        seconds: How long, from the first sound on; None is for ever.
        is_patient: Whether a device that is not there at the start is waited for, too.

    Raises:
        DeviceError: There is no such device, or it refuses; only before the first sound.
        StreamsepError: The model or the settings do not fit.
        KeyboardInterrupt: Ctrl-C, in whatever state; the session is stopped.

    Thread: the main one. Allocates: yes. In place: session.
    """
    events: queue.SimpleQueue[dict[str, Any]] = queue.SimpleQueue()
    course, has_failed = Course(), True
    end_listening = session.listen(events.put)
    try:
        with face:
            _play(session, face, seconds, is_patient, events, course)
        has_failed = False
    except KeyboardInterrupt:
        has_failed = False
        raise
    finally:
        end_listening()
        _stop(session, course)
        if not has_failed:  # the error says it all
            face.end(course.last, course.played_s)


def _play(
    session: LiveSession,
    face: Face,
    seconds: float | None,
    is_patient: bool,
    events: queue.SimpleQueue[dict[str, Any]],
    course: Course,
) -> None:
    errors: list[Exception] = []

    def start() -> None:
        try:
            session.start(timeout_s=None)
        except Exception as error:
            errors.append(error)

    # Beside: it returns with the first sound, and the user wants to see what it waits for.
    threading.Thread(target=start, daemon=True, name="streamsep-start").start()
    end_s: float | None = None
    has_played, over_s = False, None
    while not face.is_ended:
        status = session.status()
        course.add(status)
        while not events.empty():
            event = events.get()
            if event["event"] == "waiting" and not has_played and not is_patient:
                raise DeviceError(event["reason"])
            face.tell(event)
            if event["event"] == "stopped":  # by somebody beside, who says why
                return
        if errors:
            raise errors[0]
        if not has_played and status.state == "playing":
            has_played = True
            end_s = None if seconds is None else time.monotonic() + seconds
        if not has_played and status.reason and not is_patient:
            raise DeviceError(status.reason)
        if end_s is not None and time.monotonic() >= end_s:
            return
        over_s = find_end(status, over_s)
        if over_s is not None and time.monotonic() >= over_s:
            return
        face.show(status, course.played_s)
        time.sleep(SHOW_S)


def find_end(status: Status, over_s: float | None) -> float | None:
    """When the tail of a source that has come to its end was heard; None while it goes on.

    Args:
        status: Of now.
        over_s: What was found before.
    """
    if status.source is None or not status.source["is_over"]:
        return None
    tail_s = TAIL_S + 1e-3 * (status.latency_ms + (status.buffer_ms or 0.0))
    return over_s or time.monotonic() + tail_s


def _stop(session: LiveSession, course: Course) -> None:
    """Stop it in a thread of its own: nothing that hangs may keep the user waiting."""

    def stop() -> None:
        session.stop()
        course.add(session.status())

    stopping = threading.Thread(target=stop, daemon=True, name="streamsep-stop")
    stopping.start()
    stopping.join(STOP_S)
