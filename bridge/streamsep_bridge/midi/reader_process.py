"""The reader of a MIDI input from outside: start it, take its messages, end it."""

from __future__ import annotations

import contextlib
import json
import subprocess
import sys
import threading
from collections.abc import Iterator

from streamsep_bridge.midi.ports import MidiPort

END_S = 0.5
"""One that is asked to end gets so long: over a dead server it may never."""


class ReaderProcess:
    """One run of `streamsep_bridge.midi.reader`: from the wait for an input until it is gone.

    Args:
        port: The input.

    Thread: one iterates; any may `end` it.
    """

    def __init__(self, port: MidiPort) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "streamsep_bridge.midi.reader", port.name, port.api],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,  # what libraries say about servers that are away
            text=True,
        )
        self._is_ending = False
        self._deadline = threading.Timer(END_S, self._process.kill)
        self._deadline.daemon = True

    def __iter__(self) -> Iterator[list[int]]:
        """Messages as lists of bytes; an empty one says that the input is open."""
        assert self._process.stdout is not None
        for line in self._process.stdout:
            with contextlib.suppress(ValueError):  # cut off by its end
                yield json.loads(line)

    def end(self) -> None:
        """Ask it to end, in any state; the iteration over it ends, too. May be called again."""
        if self._is_ending:
            return
        self._is_ending = True
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._deadline.start()

    def close(self) -> None:
        """Nothing of it is left; for the thread that iterates."""
        self._deadline.cancel()
        with self._process:
            self._process.kill()
