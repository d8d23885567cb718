"""`Runner`: the one thread that runs hops; everything else only moves bytes."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence

from streamsep.batch.stream_batch import StreamBatch

_PAUSE_S = 0.5


class Runner:
    """Runs what is due of several batches, the oldest deadline first.

    Args:
        batches: Their streams are written and read by another thread.
        on_progress: Called in this thread after every round.
        on_failure: Called in this thread, once, with what ended it too early.

    Attributes:
        n_hops: Hops done.
        busy_s: Seconds spent on them.

    Latency: none of its own. Thread: its own. Allocates: little.
    """

    def __init__(
        self,
        batches: Sequence[StreamBatch],
        on_progress: Callable[[], None],
        on_failure: Callable[[Exception], None],
    ) -> None:
        self._batches = tuple(batches)
        self._on_progress, self._on_failure = on_progress, on_failure
        self.n_hops, self.busy_s = 0, 0.0
        self._due, self._ended = threading.Event(), threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True, name="streamsep-runner")

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def wake(self) -> None:
        """Something was written. Thread: any."""
        self._due.set()

    def stop(self) -> None:
        """End after the round at hand."""
        self._ended.set()
        self._due.set()
        self._thread.join()

    def _run(self) -> None:
        try:
            while not self._ended.is_set():
                self._due.wait(_PAUSE_S)
                self._due.clear()
                while not self._ended.is_set() and (batch := self._oldest()) is not None:
                    start_s = time.perf_counter()
                    self.n_hops += batch.run()
                    self.busy_s += time.perf_counter() - start_s
                    self._on_progress()
        except Exception as error:
            self._on_failure(error)

    def _oldest(self) -> StreamBatch | None:
        """The batch with the oldest deadline; None where nothing is due."""
        found, oldest_s = None, float("inf")
        for batch in self._batches:
            deadline_s = batch.next_deadline_s()
            if deadline_s is not None and deadline_s < oldest_s:
                found, oldest_s = batch, deadline_s
        return found
