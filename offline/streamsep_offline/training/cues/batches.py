"""Batches of stored examples, drawn from the seed and the step only, so that runs resume exactly."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from streamsep_offline.training.cues.fresh import FreshPool
from streamsep_offline.training.cues.shards import ONE_WAY, Examples, open_shard
from streamsep_offline.training.errors import ExamplesError
from streamsep_offline.training.feed import Batch

WINDOW = 12
"""Shards of a pool that batches come from at a time; some 4 GB where a shard has 128 examples."""

_SELECT_BATCH = 8


@dataclass(frozen=True)
class Pool:
    """Shards that share a part of the examples.

    All of them are more than a machine's memory holds, so batches come from a window of them that
    moves on with the steps.

    Attributes:
        folders: Of the shards.
        share: Chance that an example comes from here.
        steps_per_shard: After so many steps the window moves on by a shard.
    """

    folders: tuple[Path, ...]
    share: float
    steps_per_shard: int = 40

    def at(self, step: int) -> list[Path]:
        """The shards in the window at a step."""
        n, first = len(self.folders), step // self.steps_per_shard
        return [self.folders[(first + i) % n] for i in range(min(WINDOW, n))]

    def open(self, folder: Path) -> Examples:
        """One of them."""
        return open_shard(folder)


class CueFeed:
    """Examples drawn with replacement, as they are stored; a `Feed`.

    Args:
        pools: Their shares sum to 1.
        select: Folders of the shards that decide which weights are kept.
        batch: Examples per step.
        seed: The same seed, step and pools give the same batch.
        example_s: Length of an example in seconds.
        names: Of the arrays of a batch, see `shards.example_arrays`.
    """

    def __init__(
        self,
        pools: Sequence[Pool | FreshPool],
        select: Sequence[Path],
        batch: int,
        seed: int,
        example_s: float,
        names: tuple[str, ...] = ONE_WAY,
    ) -> None:
        self._pools, self._batch, self._seed = tuple(pools), batch, seed
        self._names = names
        self._opened: dict[Path, Examples] = {}
        self._select = [
            (folder, range(start, min(start + _SELECT_BATCH, n)))
            for folder, n in ((folder, len(open_shard(folder))) for folder in select)
            for start in range(0, n, _SELECT_BATCH)
        ]
        self.seconds = example_s * batch

    def __getstate__(self) -> dict:
        """Without the mapped files: each process opens its own."""
        return {**vars(self), "_opened": {}}

    def read(self, step: int, part: int, n_parts: int) -> Batch:
        """Arrays of `Examples`: the examples part, part + n_parts, ... of a step's batch.

        Raises:
            ExamplesError: A shard cannot be had, or was made for models that hear less.
        """
        rng = np.random.default_rng((self._seed, step))
        windows, drawn = [pool.at(step) for pool in self._pools], []
        shares = [pool.share for pool in self._pools]
        self._close_all_but({folder for window in windows for folder in window})
        for _ in range(self._batch):
            k = rng.choice(len(shares), p=shares)
            shard = self._open(windows[k][rng.integers(len(windows[k]))], self._pools[k].open)
            drawn.append((shard, int(rng.integers(len(shard)))))
        return self._gather(drawn[part::n_parts])

    def n_select(self) -> int:
        """Batches of the select list."""
        return len(self._select)

    def read_select(self, index: int) -> Batch:
        """One of them."""
        folder, rows = self._select[index]
        return self._gather([(self._open(folder, open_shard), i) for i in rows])

    def _open(self, folder: Path, opened: Callable[[Path], Examples]) -> Examples:
        if folder not in self._opened:
            shard = opened(folder)
            if any(getattr(shard, name) is None for name in self._names):
                raise ExamplesError(
                    f"{folder} was made for models that hear less (forwards or bands only); delete it, and "
                    "go on with --resume"
                )
            self._opened[folder] = shard
        return self._opened[folder]

    def _close_all_but(self, wanted: set[Path]) -> None:
        """A deleted file lies on the disk for as long as somebody has it open."""
        wanted |= {folder for folder, _ in self._select}
        self._opened = {folder: one for folder, one in self._opened.items() if folder in wanted}

    def _gather(self, drawn: Sequence[tuple[Examples, int]]) -> Batch:
        """A batch of the given examples."""

        def stack(name: str) -> np.ndarray:
            return np.stack([getattr(shard, name)[i] for shard, i in drawn])

        return tuple(stack(name) for name in self._names)
