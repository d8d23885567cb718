"""A rack process from outside: start it, talk to it, notice that it hangs, end it."""

from __future__ import annotations

import contextlib
import json
import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from typing import Any

from streamsep.engine.live.desk import Desk
from streamsep.engine.live.inserts import AT_WORK, BEATS
from streamsep.errors import StreamsepError
from streamsep_bridge.rack.parameters import ChainError

READY_S = 30.0
"""Plug-ins get so long to be loaded."""

LOOK_S, HANG_LOOKS = 0.05, 20
"""A process that has not gone round between so many looks hangs. Looks, not time: where the whole machine is
held up, nobody looks either."""


FAREWELL_S = 0.2
"""A process that is asked to end gets so long."""


class RackDiedError(StreamsepError):
    """A rack process ended, or hung, before it was ready."""


class RackProcess:
    """One run of `rack.rack_process`.

    Args:
        order: What it is to build.
        handle: Open file of the desk's memory.
        desk: The same as views.
        on_trouble: Called with the name of a chain and what is wrong, in a thread of its own.

    Attributes:
        racks: What it says of its chains, once it is ready: latency_samples, parameters, by name.
        building: Name of the chain that it loaded last.

    Thread: any that holds its keeper's lock. Allocates: yes. In place: own state.
    """

    def __init__(
        self,
        order: dict[str, Any],
        handle: int,
        desk: Desk,
        on_trouble: Callable[[str, str], None],
    ) -> None:
        self._desk, self._on_trouble = desk, on_trouble
        self._names = list(order["chains"])
        self.racks: dict[str, Any] = {}
        self.building: str | None = None
        self._failure = ""
        self._beats, self._n_still, self._is_going = -1, 0, False
        self._told = threading.Event()
        self._process = subprocess.Popen(
            [sys.executable, "-m", "streamsep_bridge.rack.rack_process"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            pass_fds=(handle,),
        )
        self._reader = threading.Thread(target=self._listen, daemon=True)
        self._reader.start()
        self._write({**order, "memory": handle})

    def wait_ready(self) -> None:
        """Until its plug-ins are loaded.

        Raises:
            ChainError: A chain cannot be built.
            RackDiedError: It ended, or took longer than `READY_S`.
        """
        self._told.wait(READY_S)
        if self._failure:
            self.kill()
            raise ChainError(self._failure)
        if not self.racks and self._names:
            reason = self.last_words if self._told.is_set() else f"hung for {READY_S:g} s"
            self.kill()
            raise RackDiedError(f"{reason} while it was loaded")

    def go(self) -> None:
        """Let it take over the rings; what was told before is done first."""
        self._n_still, self._is_going = 0, True
        self.tell("go")

    def tell(self, what: str, **facts: Any) -> None:
        """Give it an order; one to a process that has ended is lost."""
        self._write({"what": what, **facts})

    def find_fault(self) -> str:
        """Why it does not work; "" while it does. Ask every `LOOK_S`."""
        if self._process.poll() is not None:
            return self.last_words
        beats = int(self._desk.rack_counts[BEATS])
        is_still = self._is_going and beats == self._beats
        self._beats, self._n_still = beats, self._n_still + 1 if is_still else 0
        return f"hung for {HANG_LOOKS * LOOK_S:g} s" if self._n_still >= HANG_LOOKS else ""

    @property
    def at_work(self) -> str | None:
        """Name of the chain that it was busy with when it stopped."""
        number = int(self._desk.rack_counts[AT_WORK])
        return self._names[number] if 0 <= number < len(self._names) else None

    @property
    def last_words(self) -> str:
        """How it ended."""
        code = self._process.wait()
        try:
            return f"was ended by {signal.Signals(-code).name}"
        except ValueError:
            return f"ended with code {code}"

    def end(self) -> None:
        """Let it leave its lanes, and end it."""
        assert self._process.stdin is not None
        with contextlib.suppress(OSError, subprocess.TimeoutExpired):
            self._process.stdin.close()
            self._process.wait(FAREWELL_S)
        self.kill()

    def kill(self) -> None:
        """End it at once."""
        self._process.kill()
        self._process.wait()
        self._reader.join()
        for pipe in (self._process.stdin, self._process.stdout):
            assert pipe is not None
            with contextlib.suppress(OSError):  # what was not written yet is lost with it
                pipe.close()

    def _listen(self) -> None:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            message = json.loads(line)
            event = message.pop("event")
            if event == "building":
                self.building = message["chain"]
            elif event == "trouble":
                self._on_trouble(message["chain"], message["reason"])
            else:
                self.racks = message.get("racks", {})
                self._failure = message.get("reason", "")
                self._told.set()
        self._told.set()

    def _write(self, order: dict[str, Any]) -> None:
        assert self._process.stdin is not None
        try:
            self._process.stdin.write(json.dumps(order) + "\n")
            self._process.stdin.flush()
        except (OSError, ValueError):
            pass  # it has ended; `find_fault` tells
