"""`live.source`: the file that a session plays instead of an input; seek, loop and pause while it plays."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

from streamsep.engine.live.desk import Desk
from streamsep.engine.live.intake import IS_OVER, POSITION
from streamsep.errors import ParameterError
from streamsep_bridge.live.file_player import open_file
from streamsep_bridge.live.settings import AudioChoice, SourceChoice


class Source:
    """See the module's docstring; a session that plays a device has none.

    Args:
        path: Of the file.
        is_looped: Whether it begins anew at its end.
        lock: Of the session.
        send: Gives the audio process an order, where there is one.

    Raises:
        AudioFileError: The file is missing or cannot be read.

    Attributes:
        path: Of the file.
        duration_s: Its length.

    Thread: any. Allocates: yes. In place: own state.
    """

    def __init__(
        self, path: str, is_looped: bool, lock: threading.RLock, send: Callable[..., None]
    ) -> None:
        with open_file(path) as reader:
            self._rate, n_frames = reader.sample_rate, reader.n_frames or 0
        self.path, self.duration_s = path, n_frames / self._rate
        self._is_looped, self._is_paused, self._start_s = is_looped, False, 0.0
        self._lock, self._send = lock, send
        self._desk: Desk | None = None

    @property
    def position_s(self) -> float:
        """Where it is heard: at the input of the separation, its delay before the output."""
        with self._lock:
            if self._desk is None:
                return self._start_s
            return int(self._desk.intake[POSITION]) / self._rate

    @property
    def is_over(self) -> bool:
        """Whether it has come to its end."""
        with self._lock:
            return self._desk is not None and bool(self._desk.intake[IS_OVER])

    @property
    def paused(self) -> bool:
        """Whether it waits, in silence; set it at any time, also before the session starts."""
        return self._is_paused

    @paused.setter
    def paused(self, is_paused: bool) -> None:
        with self._lock:
            self._is_paused = bool(is_paused)
            self._tell(None)

    @property
    def loop(self) -> bool:
        """Whether it begins anew at its end. What is in the ring already, half a second, stays."""
        return self._is_looped

    @loop.setter
    def loop(self, is_looped: bool) -> None:
        with self._lock:
            self._is_looped = bool(is_looped)
            self._tell(None)

    def seek(self, seconds: float) -> None:
        """Go on elsewhere; it is heard within 0.1 s, faded.

        Args:
            seconds: From the file's beginning; beyond its ends is at its ends.

        Raises:
            ParameterError: It is not a number.
        """
        if seconds != seconds:
            raise ParameterError("seek to nan s is no place in the file; give seconds from 0")
        with self._lock:
            self._start_s = min(max(float(seconds), 0.0), self.duration_s)
            self._tell(self._start_s)

    def choice(self) -> SourceChoice:
        """What a fresh audio process has to play: from where the last one was, even if it is dead."""
        with self._lock:
            self._start_s, self._desk = self.position_s, None
            return SourceChoice(self.path, self._is_looped, self._is_paused, self._start_s)

    def begin(self, desk: Desk) -> None:
        """An audio process plays it."""
        self._desk = desk

    def describe(self) -> dict[str, Any]:
        """For a status: path, position_s, duration_s, is_paused, is_looped, is_over."""
        return {
            "path": self.path,
            "position_s": self.position_s,
            "duration_s": self.duration_s,
            "is_paused": self._is_paused,
            "is_looped": self._is_looped,
            "is_over": self.is_over,
        }

    def _tell(self, seek_s: float | None) -> None:
        self._send("source", is_looped=self._is_looped, is_paused=self._is_paused, seek_s=seek_s)


def open_source(
    path: str | Path | None,
    is_looped: bool,
    audio: AudioChoice,
    lock: threading.RLock,
    send: Callable[..., None],
) -> Source | None:
    """The source of a session, if it has one; see `Source`.

    Raises:
        AudioFileError: The file is missing or cannot be read.
        ParameterError: What is asked for beside contradicts it.
    """
    if path is None:
        if is_looped:
            raise ParameterError("a loop needs a file; name one with --source")
        return None
    if audio.input is not None or audio.is_split:
        other = "--split" if audio.input is None else f"--in {audio.input}"
        raise ParameterError(f"--source {path} takes the place of an input; leave out {other}")
    return Source(str(path), is_looped, lock, send)
