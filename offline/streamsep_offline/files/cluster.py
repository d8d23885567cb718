"""Songs on a Dask cluster; a worker that dies loses no song.

Every worker needs this version of streamsep and the same folders under the same paths (a shared disk). A
song whose worker died goes to another one, which resumes it from the spool on that disk; a song that has
cost several workers their lives is reported instead.

A scheduler runs whatever it is sent: use only one that you trust, on a network that you trust.
"""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from types import ModuleType
from typing import Any

from streamsep.errors import MissingExtraError, ParameterError
from streamsep_offline.files.file import FileResult, SongTask, Stopped, attempt
from streamsep_offline.files.jobs import OnProgress
from streamsep_offline.files.prepare import prepare
from streamsep_offline.separation.pipeline import Separation
from streamsep_offline.separation.settings import SeparationSettings

_CONNECT_S = 10.0
_ASK_EVERY_S = 0.25
_models = threading.local()
"""The last model of each of a worker's threads, which may run songs side by side."""


def run_cluster(
    tasks: Sequence[SongTask],
    settings: SeparationSettings,
    address: str,
    on_progress: OnProgress,
) -> Iterator[tuple[int, FileResult]]:
    """Separate songs on the workers of a scheduler.

    Closing the iterator, or an exception in the loop over it, stops the songs; their spools stay.

    Args:
        tasks: The songs.
        settings: What separates.
        address: Of the scheduler, "tcp://host:8786" or "host:8786".
        on_progress: Called in this process, from a thread of its own.

    Yields:
        Places in the list and results, in the order in which songs end.

    Raises:
        MissingExtraError: The package `distributed` is not installed.
        ParameterError: No scheduler answers there, or it has no worker.
    """
    distributed = _require_distributed()
    try:
        client = distributed.Client(address, timeout=_CONNECT_S, set_as_default=False)
    except (OSError, ValueError) as error:
        raise ParameterError(
            f"no Dask scheduler answers at {address}; start one with: dask scheduler"
        ) from error
    with client:
        if not client.scheduler_info()["workers"]:
            raise ParameterError(
                f"the scheduler at {address} has no workers; start one on each machine with: "
                f"dask worker {address}"
            )
        topic = f"streamsep-{time.time_ns()}"
        stop = distributed.Event(topic, client=client)
        client.subscribe_topic(topic, lambda event: on_progress(*event[1]))
        futures = {
            client.submit(
                _run_on_worker, _absolute(task), settings, index, topic, pure=False
            ): index
            for index, task in enumerate(tasks)
        }
        try:
            for future in distributed.as_completed(list(futures), loop=client.loop):
                index = futures.pop(future)
                yield index, _result(future, tasks[index])
        finally:
            if futures:
                stop.set()
                client.cancel(list(futures))
            client.unsubscribe_topic(topic)


def _require_distributed() -> ModuleType:
    try:
        import distributed
    except ImportError as error:
        raise MissingExtraError("--scheduler", "distributed", "cluster") from error
    return distributed


def _absolute(task: SongTask) -> SongTask:
    """The task with paths that do not depend on where a worker was started."""
    outputs = tuple(path.absolute() for path in task.outputs)
    return replace(task, source=task.source.absolute(), outputs=outputs)


def _result(future: Any, task: SongTask) -> FileResult:
    """The outcome under the names that the user gave."""
    if future.status == "finished":
        outcome: FileResult = future.result()
        return replace(outcome, source=task.source, outputs=task.outputs if outcome.outputs else ())
    error = future.exception()
    reason = f"{type(error).__name__}: {error}".splitlines()[0]
    message = f"{task.source}: the cluster gave it up ({reason}); see the workers' logs"
    return FileResult(task.source, "failed", message=message)


def _run_on_worker(
    task: SongTask, settings: SeparationSettings, index: int, topic: str
) -> FileResult:
    """One song in a worker's process."""
    from distributed import Event, get_worker

    worker, stop = get_worker(), Event(topic)
    last = -math.inf

    def progress(done_s: float, total_s: float | None) -> None:
        nonlocal last
        if time.monotonic() - last < _ASK_EVERY_S:
            return
        last = time.monotonic()
        worker.log_event(topic, (index, done_s, total_s))
        if stop.is_set():
            raise Stopped

    if not Path(task.source).exists():
        message = f"{task.source} is not on {worker.address}; workers need the same folders"
        return FileResult(task.source, "failed", message=message)
    if getattr(_models, "settings", None) != settings:
        prepare(settings)
        _models.settings, _models.separation = settings, Separation(settings)
    return attempt(task, _models.separation, progress)
