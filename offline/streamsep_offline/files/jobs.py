"""Songs on several processes of one machine; a process that dies loses no song.

Each process holds a model of its own and asks for a song when it is free. One that dies (killed for its
memory, say) is replaced, and its song is tried once more, from the last block that is safely on disk. The
processes leave Ctrl-C to their parent, who ends them: what they had is in their spools.
"""

from __future__ import annotations

import contextlib
import math
import multiprocessing
import os
import signal
import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess

from streamsep_offline.files.file import FileResult, SongTask, attempt
from streamsep_offline.files.prepare import prepare
from streamsep_offline.separation.pipeline import Separation
from streamsep_offline.separation.settings import SeparationSettings

OnProgress = Callable[[int, float, float | None], None]
"""Gets the place of a song in the list, seconds of music done and in all (None if unknown)."""

_TRIES = 2
_TELL_EVERY_S = 0.2
_THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS")


@dataclass
class _Worker:
    process: BaseProcess
    pipe: Connection
    task: int


def run_serial(
    tasks: Sequence[SongTask], separation: Separation, on_progress: OnProgress
) -> Iterator[tuple[int, FileResult]]:
    """Separate songs one after the other in this process; yields places and results."""
    for index, task in enumerate(tasks):
        yield index, attempt(task, separation, _tell(on_progress, index))


def run_jobs(
    tasks: Sequence[SongTask],
    settings: SeparationSettings,
    n_jobs: int,
    on_progress: OnProgress,
) -> Iterator[tuple[int, FileResult]]:
    """Separate songs on several processes.

    Closing the iterator, or an exception in the loop over it, ends the processes.

    Args:
        tasks: The songs.
        settings: What separates.
        n_jobs: Processes at most. Each computes on one thread unless OMP_NUM_THREADS says otherwise.
        on_progress: Called in this process.

    Yields:
        Places in the list and results, in the order in which songs end.
    """
    prepare(settings)  # once for all, instead of in each process
    waiting, tries = deque(range(len(tasks))), [0] * len(tasks)
    workers: list[_Worker] = []
    try:
        while waiting or workers:
            while waiting and len(workers) < n_jobs:
                workers.append(_hire(settings, tasks, waiting.popleft()))
            for pipe in wait([worker.pipe for worker in workers]):
                worker = next(w for w in workers if w.pipe is pipe)
                try:
                    message = worker.pipe.recv()
                except (EOFError, OSError):
                    workers.remove(worker)
                    tries[worker.task] += 1
                    code = _bury(worker)
                    if tries[worker.task] < _TRIES:
                        waiting.appendleft(worker.task)
                    else:
                        yield worker.task, _died(tasks[worker.task], code)
                    continue
                if not isinstance(message, FileResult):
                    on_progress(worker.task, *message)
                    continue
                done = worker.task
                if waiting:
                    worker.task = waiting.popleft()
                    _send(worker, tasks[worker.task])
                else:
                    _send(worker, None)
                    workers.remove(worker)
                    _bury(worker)
                yield done, message
    finally:
        for worker in workers:
            worker.process.terminate()
        for worker in workers:
            _bury(worker)


def _hire(settings: SeparationSettings, tasks: Sequence[SongTask], task: int) -> _Worker:
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    process = context.Process(target=_work, args=(theirs, settings), daemon=True)
    with one_thread_each():
        process.start()
    theirs.close()  # so that the pipe ends when the process does
    worker = _Worker(process, ours, task)
    _send(worker, tasks[task])
    return worker


@contextlib.contextmanager
def one_thread_each() -> Iterator[None]:
    """Let processes started inside use one thread each, unless the user has said how many."""
    added = [] if "OMP_NUM_THREADS" in os.environ else [n for n in _THREADS if n not in os.environ]
    os.environ.update(dict.fromkeys(added, "1"))
    try:
        yield
    finally:
        for name in added:
            del os.environ[name]


def _send(worker: _Worker, task: SongTask | None) -> None:
    with contextlib.suppress(OSError):  # a process that has died is met when it is listened to
        worker.pipe.send(task)


def _bury(worker: _Worker) -> int | None:
    worker.process.join()
    worker.pipe.close()
    code = worker.process.exitcode
    worker.process.close()
    return code


def _died(task: SongTask, code: int | None) -> FileResult:
    why = f"signal {-code}" if code is not None and code < 0 else f"exit code {code}"
    message = (
        f"{task.source}: its process died {_TRIES} times ({why}); is there memory for so many "
        "--jobs? What was done is kept for the next run"
    )
    return FileResult(task.source, "failed", message=message)


def _tell(on_progress: OnProgress, index: int) -> Callable[[float, float | None], None]:
    return lambda done_s, total_s: on_progress(index, done_s, total_s)


def _work(pipe: Connection, settings: SeparationSettings) -> None:
    """What a process does: separate what comes through the pipe until None comes."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    separation: Separation | None = None
    last = -math.inf

    def progress(done_s: float, total_s: float | None) -> None:
        nonlocal last
        if time.monotonic() - last >= _TELL_EVERY_S:
            last = time.monotonic()
            pipe.send((done_s, total_s))

    with contextlib.suppress(EOFError, BrokenPipeError):  # the parent is gone
        while (task := pipe.recv()) is not None:
            separation = separation or Separation(settings)
            pipe.send(attempt(task, separation, progress))
