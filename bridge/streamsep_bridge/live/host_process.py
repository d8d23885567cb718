"""The audio process from outside: start it, talk to it, notice that it hangs, end it."""

from __future__ import annotations

import collections
import contextlib
import json
import subprocess
import threading
import time
from collections.abc import Callable
from typing import Any

from streamsep.engine.live.desk import Desk, n_bytes
from streamsep.engine.live.intake import BLOCKS_GIVEN
from streamsep.engine.live.memory import N_CALLBACKS
from streamsep_bridge.live.early_host import start_process
from streamsep_bridge.live.memory_file import create_memory
from streamsep_bridge.live.settings import AudioChoice, HostOrder, ModelChoice, SourceChoice
from streamsep_bridge.rack.order import RackOrder

HEARTBEAT_S = 0.7
"""A stream that has not called back for so long is dead. A server that is late by that much is, too."""

FAREWELL_S = 0.5
"""A process that is asked to end gets so long; over a dead server it never would."""


class Heart:
    """A stream's: its count of callbacks goes up, or it is dead."""

    def __init__(self) -> None:
        self.count, self.at_s = 0, time.monotonic()

    def beats(self, count: int) -> bool:
        """Whether the count has gone up within `HEARTBEAT_S`; ask often."""
        now_s = time.monotonic()
        if count != self.count:
            self.count, self.at_s = count, now_s
        return now_s - self.at_s < HEARTBEAT_S


class HostProcess:
    """One run of `streamsep_bridge.live.host`.

    Args:
        model: What separates.
        audio: Through which devices.
        matrices: Faders by the stem's name.
        master: Gain of all.
        dryness: Share of the dry mixture, 0 to 1.
        record_frames: Frames of the recorder's ring.
        heard: Called with every message of the process, in a thread of its own.
        source: File that is the input; None is a device.
        fx: Racks of plug-ins; None has none.

    Attributes:
        desk: Shared with it.
    """

    def __init__(
        self,
        model: ModelChoice,
        audio: AudioChoice,
        matrices: dict[str, list[list[float]]],
        master: float,
        dryness: float,
        record_frames: int,
        heard: Callable[[HostProcess, dict[str, Any]], None],
        source: SourceChoice | None = None,
        fx: RackOrder | None = None,
    ) -> None:
        form = (audio.channels, record_frames)
        rack_frames = 0 if fx is None else fx.rack_frames
        self._path, memory = create_memory(n_bytes(*form, rack_frames))
        self.desk = Desk(*form, memoryview(memory), rack_frames)
        self._heard = heard
        self._output, self._input = Heart(), Heart()
        self._is_playing = False
        self._last_words: collections.deque[str] = collections.deque(maxlen=5)
        order = HostOrder(
            str(self._path), record_frames, model, audio, matrices, master, dryness, source, fx
        )
        self._process = start_process()
        self._readers = [
            threading.Thread(target=target, daemon=True)
            for target in (self._listen, self._keep_last_words)
        ]
        for reader in self._readers:
            reader.start()
        self._write(order.to_json())

    def order(self, what: str, **facts: Any) -> None:
        """Send an order; one to a process that has ended is lost.

        Orders with a number are answered by a message "prepared", "loaded" or "refused" of that number.
        """
        self._write(json.dumps({"do": what, **facts}))

    def _write(self, line: str) -> None:
        assert self._process.stdin is not None
        try:
            self._process.stdin.write(line + "\n")
            self._process.stdin.flush()
        except OSError:
            pass  # it has ended; `is_alive` tells

    @property
    def is_alive(self) -> bool:
        """Whether the process runs and, once it plays, the audio calls back."""
        if self._process.poll() is not None:
            return False
        if not self._is_playing:
            return True
        given = int(self.desk.intake[BLOCKS_GIVEN])  # 0 where the input is no stream of its own
        is_heard = given == 0 or self._input.beats(given)
        return self._output.beats(int(self.desk.counts[N_CALLBACKS])) and is_heard

    @property
    def last_words(self) -> str:
        """The end of what it wrote to standard error, for messages."""
        return " / ".join(self._last_words)

    def end(self) -> None:
        """End it: with a farewell to its server if it lives, which else misses it; at once if it hangs."""
        if self.is_alive:
            self.order("stop")
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._process.wait(FAREWELL_S)
        self._process.kill()
        self._process.wait()
        for reader in self._readers:
            if reader is not threading.current_thread():
                reader.join(1.0)
        for pipe in (self._process.stdin, self._process.stdout, self._process.stderr):
            assert pipe is not None
            with contextlib.suppress(OSError):  # what was not read by a dead process is lost
                pipe.close()
        self._path.unlink(missing_ok=True)

    def _listen(self) -> None:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            try:
                message = json.loads(line)
            except ValueError:  # libraries may write there too
                self._last_words.append(line.strip())
                continue
            if message.get("event") == "playing":
                self._output.at_s, self._is_playing = time.monotonic(), True
                self._path.unlink(missing_ok=True)  # both have it open
            self._heard(self, message)

    def _keep_last_words(self) -> None:
        assert self._process.stderr is not None
        for line in self._process.stderr:
            if line.strip():
                self._last_words.append(line.strip())
