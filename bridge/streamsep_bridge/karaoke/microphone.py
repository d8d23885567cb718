"""`Microphone`: a voice beside the music, dry and with a little room, never through the separator.

    with LiveSession(source="song.flac") as live, Microphone("mic", output="system") as mic:
        live.stems["vocals"].gain_db = -30
        mic.gain_db = -3
        live.wait()

It is a stream of its own on the same output, in a process of its own: what happens to the session does not
touch the voice. Systems mix the two streams; a device that only one program may open cannot do that.
"""

from __future__ import annotations

import contextlib
import json
import math
import subprocess
import sys
import threading
from collections.abc import Callable
from dataclasses import asdict
from typing import Any

from streamsep.errors import ParameterError
from streamsep.units import db_to_gain, gain_to_db
from streamsep_bridge.karaoke.mic_process import MicOrder

RESTART_S = 0.5
"""Pause before a microphone that went away is looked for again."""

MAX_GAIN_DB, MAX_ROOM = 24.0, 1.0


class Microphone:
    """See the module's docstring. Use it with `with`.

    Args:
        input: Device: name, part of it, or number.
        output: The music's; None is the default.
        gain_db: -inf to +24.
        room: How loud the room answers, 0 to 1.

    Raises:
        ParameterError: A control is out of range.

    Attributes:
        state: "stopped", "starting", "playing", or "waiting" for its device.
        reason: Why it waits.
        peak: Highest of the voice in the last tenth of a second, linear.
        gaps: That the driver reported, since it plays.
        buffer_ms: Of its device, input and output together: all of its latency. None where that is not known.

    Latency: the buffers'. Thread: any.
    """

    def __init__(
        self, input: str, output: str | None = None, gain_db: float = 0.0, room: float = 0.15
    ) -> None:
        self._input, self._output = input, output
        self._gain, self._room = _read_gain(gain_db), _read_room(room)
        self.state, self.reason, self.peak, self.gaps = "stopped", "", 0.0, 0
        self.buffer_ms: float | None = None
        self._lock, self._ended = threading.Lock(), threading.Event()
        self._process: subprocess.Popen[str] | None = None
        self._listener: Callable[[dict[str, Any]], None] = lambda event: None

    def __enter__(self) -> Microphone:
        self.state = "starting"
        self._ended.clear()
        self._thread = threading.Thread(target=self._run, daemon=True, name="streamsep-microphone")
        self._thread.start()
        return self

    def __exit__(self, *problem: object) -> None:
        with self._lock:
            self._ended.set()
            process = self._process
        if process is not None:
            with contextlib.suppress(OSError):
                assert process.stdin is not None
                process.stdin.close()
            try:
                process.wait(0.6)
            except subprocess.TimeoutExpired:
                process.kill()
        self._thread.join()
        self.state = "stopped"

    @property
    def gain_db(self) -> float:
        """How loud, in dB."""
        return gain_to_db(self._gain)

    @gain_db.setter
    def gain_db(self, gain_db: float) -> None:
        self._gain = _read_gain(gain_db)
        self._send()

    @property
    def room(self) -> float:
        """How loud the room answers, 0 to 1."""
        return self._room

    @room.setter
    def room(self, room: float) -> None:
        self._room = _read_room(room)
        self._send()

    def listen(self, listener: Callable[[dict[str, Any]], None]) -> None:
        """Call a function when the microphone plays or waits: "event" is "microphone", "text" a line."""
        self._listener = listener

    def _send(self) -> None:
        with self._lock:
            if self._process is not None and self._process.stdin is not None:
                line = json.dumps({"gain": self._gain, "room": self._room}) + "\n"
                # A process that has ended gets the controls when it is started again.
                with contextlib.suppress(OSError, ValueError):
                    self._process.stdin.write(line)
                    self._process.stdin.flush()

    def _run(self) -> None:
        while True:
            with self._lock:
                if self._ended.is_set():
                    return
                process = subprocess.Popen(
                    [sys.executable, "-m", "streamsep_bridge.karaoke.mic_process"],
                    stdin=subprocess.PIPE,
                    stdout=subprocess.PIPE,
                    stderr=subprocess.DEVNULL,  # what libraries say about servers that are away
                    text=True,
                )
                self._process = process
                assert process.stdin is not None
                assert process.stdout is not None
                order = MicOrder(self._input, self._output, self._gain, self._room)
                with contextlib.suppress(OSError):  # it has ended already
                    process.stdin.write(json.dumps(asdict(order)) + "\n")
                    process.stdin.flush()
            for line in process.stdout:
                if line.startswith("{"):  # libraries write there, too
                    self._hear(json.loads(line))
            process.wait()
            with contextlib.suppress(OSError):
                process.stdin.close()
            process.stdout.close()
            if not self._ended.is_set() and self.state == "playing":
                self._hear({"event": "waiting", "reason": "the microphone went away"})
            self._ended.wait(RESTART_S)

    def _hear(self, message: dict[str, Any]) -> None:
        if message["event"] == "level":
            self.peak, self.gaps = message["peak"], message["gaps"]
            return
        is_news = (self.state, self.reason) != (message["event"], message.get("reason", ""))
        self.state, self.reason = message["event"], message.get("reason", "")
        if self.state == "playing":
            self.buffer_ms = message["buffer_ms"]
            text = f"microphone {message['input']} on {message['output']}"
            if self.buffer_ms is not None:
                text += f", {self.buffer_ms:.1f} ms late"
        else:
            text = f"waiting for the microphone: {self.reason}"
        if is_news:
            self._listener({"event": "microphone", "text": text})


def _read_gain(gain_db: float) -> float:
    if not (gain_db == -math.inf or -1e4 <= gain_db <= MAX_GAIN_DB):
        raise ParameterError(f"gain_db={gain_db} is outside -inf to {MAX_GAIN_DB:g}")
    return db_to_gain(gain_db)


def _read_room(room: float) -> float:
    if not 0.0 <= room <= MAX_ROOM:
        raise ParameterError(f"room={room} is outside 0 to {MAX_ROOM:g}")
    return float(room)
