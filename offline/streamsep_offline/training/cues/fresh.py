"""Shards that are made while a run goes on, used for a while and deleted: no example comes back.

Stored examples are learned by heart when they come again and again, and enough of them for a long training
fit no disk. A maker in the background stays a few shards ahead of the steps instead. Shard n holds the same
examples whenever it is made, so a run that goes on after an interruption sees what it would have seen.
"""

from __future__ import annotations

import shutil
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from multiprocessing import get_context
from multiprocessing.pool import AsyncResult
from pathlib import Path

from streamsep.commands.interrupt import ignore_interrupt
from streamsep.spec import StreamSpec
from streamsep_offline.training.cues.prepare import ShardOrder, make_one, shard_folder
from streamsep_offline.training.cues.shards import Examples, open_shard
from streamsep_offline.training.errors import ExamplesError

AHEAD = 3
"""Shards that are made before they are wanted; as many as there are processes where these are more."""

_POLL_S = 0.2
_PATIENCE_S = 1200.0


@dataclass(frozen=True)
class FreshPool:
    """The counterpart of `Pool` for shards that are made all along.

    Attributes:
        root: Folder of the shards.
        name: What their names begin with.
        share: Chance that an example comes from here.
        window: Shards that batches come from at a time.
        steps_per_shard: After so many steps the window moves on by a shard.
    """

    root: Path
    name: str
    share: float
    window: int
    steps_per_shard: int

    def folder(self, number: int) -> Path:
        """Of a shard."""
        return shard_folder(self.root, self.name, number)

    def first(self, step: int) -> int:
        """The oldest shard in the window at a step."""
        return step // self.steps_per_shard

    def at(self, step: int) -> list[Path]:
        """The shards in the window at a step."""
        first = self.first(step)
        return [self.folder(first + i) for i in range(self.window)]

    def open(self, folder: Path) -> Examples:
        """A shard of the window, as soon as it is there.

        Raises:
            ExamplesError: It could not be made, or nobody is making any.
        """
        since_s, last = time.monotonic(), 0.0
        while not folder.exists():
            if self.failure.exists():
                raise ExamplesError(
                    f"no new examples in {self.root}: {self.failure.read_text()}; mend that, and go on "
                    "with --resume"
                )
            changed = self.root.stat().st_mtime
            if changed != last:
                since_s, last = time.monotonic(), changed
            if time.monotonic() - since_s > _PATIENCE_S:
                raise ExamplesError(
                    f"no new examples in {self.root} for {_PATIENCE_S / 60:.0f} minutes; look whether "
                    "memory and disk suffice, and go on with --resume"
                )
            time.sleep(_POLL_S)
        return open_shard(folder)

    @property
    def failure(self) -> Path:
        """File with the reason why there are no more."""
        return self.root / f"{self.name}-failed.txt"


class ShardMaker:
    """Makes the shards of a `FreshPool` ahead of a run's steps and deletes what lies behind; a `Listener`.

    Args:
        pool: Whose shards.
        order: What to make, by number.
        spec: Windows, rate and stems.
        n_jobs: Processes.
    """

    def __init__(
        self, pool: FreshPool, order: Callable[[int], ShardOrder], spec: StreamSpec, n_jobs: int
    ) -> None:
        self._pool, self._order, self._spec, self._n_jobs = pool, order, spec, n_jobs
        self._step, self._ended = 0, threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True, name="streamsep-examples")

    def resumed(self, step: int) -> None:
        """Begin at a step."""
        self._step = step
        self._pool.failure.unlink(missing_ok=True)
        self._thread.start()

    def stepped(self, step: int, loss: float, rate: float, norm: float, wait_s: float) -> None:
        """Go on to a step."""
        self._step = step

    def checked(self, step: int, select: float, is_best: bool) -> None:
        """See `Listener`."""

    def close(self) -> None:
        """End; shards that are half made are given up."""
        self._ended.set()
        if self._thread.is_alive():
            self._thread.join()

    def _run(self) -> None:
        making: dict[int, AsyncResult] = {}
        try:
            with get_context("spawn").Pool(self._n_jobs, ignore_interrupt) as processes:
                while not self._ended.wait(_POLL_S):
                    self._delete_used()
                    for number in [n for n, result in making.items() if result.ready()]:
                        making.pop(number).get()
                    for number in self._missing(making)[: self._n_jobs - len(making)]:
                        job = (self._order(number), self._spec)
                        making[number] = processes.apply_async(make_one, job)
        except Exception as error:
            self._pool.failure.write_text(" ".join(str(error).split()), encoding="utf-8")
        finally:
            for number in making:
                for half in self._pool.root.glob(f"{self._pool.folder(number).name}.part*"):
                    shutil.rmtree(half, ignore_errors=True)

    def _missing(self, making: dict[int, AsyncResult]) -> list[int]:
        first = self._pool.first(self._step)
        wanted = range(first, first + self._pool.window + max(AHEAD, self._n_jobs))
        return [n for n in wanted if n not in making and not self._pool.folder(n).exists()]

    def _delete_used(self) -> None:
        first = self._pool.first(self._step)
        for folder in self._pool.root.glob(f"{self._pool.name}-*"):
            number = folder.name.rpartition("-")[2]
            if number.isdecimal() and int(number) < first:
                shutil.rmtree(folder, ignore_errors=True)
