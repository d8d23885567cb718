"""Real-time streams as a load: processes that are told how many to serve, and say how late each hop was.

Every hop of every stream falls due at the same moments. What is timed is from there to the stems of the
last stream of a process: writing, separating, reading.
"""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from multiprocessing.connection import Connection
from types import TracebackType
from typing import Any

import numpy as np

from streamsep.bench.hops import excerpt
from streamsep.model import Model

_WARM_UP_ROUNDS = 20
_HEAD_START_S = 0.05  # from the word to start to the first hop


@dataclass(frozen=True)
class Lateness:
    """How a load was served.

    Attributes:
        n_streams: Streams in all.
        p50_s: Median over all hops, from when one is due to its stems.
        p99_s: 99th percentile.
        cpu_s: Processor time per hop and stream.
    """

    n_streams: int
    p50_s: float
    p99_s: float
    cpu_s: float


class Servers:
    """Processes that serve streams on some cores; a context manager that ends them.

    Args:
        model: What to run.
        precision: "float32" or "int8".
        cores: Cores that the processes may use; None is what the system gives them.
        is_batched: One process with a `StreamBatch` for all streams, or one with a `Separator` for each.
        threads: Of the batch.
    """

    def __init__(
        self,
        model: Model,
        precision: str,
        cores: Sequence[int] | None,
        is_batched: bool,
        threads: int = 1,
    ) -> None:
        self._job = (model, precision, cores, is_batched, threads)
        self._is_batched = is_batched
        # Not "fork", which copies the locks of a progress bar's thread.
        methods = multiprocessing.get_all_start_methods()
        self._context: Any = multiprocessing.get_context(
            "forkserver" if "forkserver" in methods else "spawn"
        )
        self._links: list[tuple[multiprocessing.process.BaseProcess, Connection]] = []

    def serve(self, n_streams: int, n_rounds: int) -> Lateness:
        """Serve so many streams for so many hops each."""
        count = 1 if self._is_batched else n_streams
        while len(self._links) < count:
            self._links.append(self._start())
        links = [link for _, link in self._links[:count]]
        for link in links:
            link.send((n_streams // count, n_rounds))
        for link in links:
            link.recv()
        start_s = time.monotonic() + _HEAD_START_S
        for link in links:
            link.send(start_s)
        answers = [link.recv() for link in links]
        seconds = np.concatenate([late_s for late_s, _ in answers])
        p50_s, p99_s = (float(q) for q in np.percentile(seconds, (50.0, 99.0)))
        cpu_s = sum(busy_s for _, busy_s in answers) / (n_streams * n_rounds)
        return Lateness(n_streams, p50_s, p99_s, cpu_s)

    def __enter__(self) -> Servers:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        for process, link in self._links:
            with contextlib.suppress(OSError):
                link.send(None)
            link.close()
            process.join(5.0)
            if process.is_alive():
                process.kill()
                process.join()

    def _start(self) -> tuple[multiprocessing.process.BaseProcess, Connection]:
        ours, theirs = self._context.Pipe()
        process = self._context.Process(target=_work, args=(theirs, *self._job), daemon=True)
        process.start()
        theirs.close()
        return process, ours


def _work(
    link: Connection,
    model: Model,
    precision: str,
    cores: Sequence[int] | None,
    is_batched: bool,
    threads: int,
) -> None:
    """A process: number of streams and rounds in, lateness of each round and processor time out."""
    if cores is not None:
        os.sched_setaffinity(0, cores)
    make = batch_step if is_batched else separator_step
    served, step = 0, None
    while (order := link.recv()) is not None:
        n_streams, n_rounds = order
        if step is None or n_streams != served:
            served, step = n_streams, make(model, precision, n_streams, threads)
        for k in range(_WARM_UP_ROUNDS):
            step(k)
        link.send(None)
        start_s, hop_s = link.recv(), model.profile.hop / 44100
        late_s = np.empty(n_rounds)
        busy_s = time.process_time()
        for k in range(n_rounds):
            due_s = start_s + k * hop_s
            time.sleep(max(0.0, due_s - time.monotonic()))
            step(k)
            late_s[k] = time.monotonic() - due_s
        link.send((late_s, time.process_time() - busy_s))


def make_hops(model: Model) -> list[np.ndarray]:
    """Ten seconds of sound in hops, float32 [channels, hop]."""
    sound = excerpt(model.profile.hop, 44100, model.channels or 2)
    hops = np.split(sound, sound.shape[1] // model.profile.hop, axis=1)
    return [np.ascontiguousarray(hop) for hop in hops]


def batch_step(model: Model, precision: str, n_streams: int, threads: int) -> Callable[[int], None]:
    """Serve hop k of all streams of one batch."""
    from streamsep.batch import StreamBatch

    hops, channels = make_hops(model), model.channels or 2
    batch = StreamBatch(
        model, capacity=n_streams, channels=channels, precision=precision, threads=threads
    )
    streams = [batch.join(block_size=batch.hop) for _ in range(n_streams)]

    def step(k: int) -> None:
        for i, stream in enumerate(streams):
            stream.write(hops[(k + 37 * i) % len(hops)])
        batch.run()
        for stream in streams:
            stream.read()

    return step


def separator_step(
    model: Model, precision: str, n_streams: int, threads: int
) -> Callable[[int], None]:
    """Serve hop k of one stream."""
    from streamsep.separator import Separator

    hops, channels = make_hops(model), model.channels or 2
    offset, hop = os.getpid(), model.profile.hop
    one = Separator(model, channels=channels, precision=precision, block_size=hop)

    def step(k: int) -> None:
        one.process(hops[(k + offset) % len(hops)])

    return step
