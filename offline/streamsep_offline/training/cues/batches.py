"""Batches of stored examples, drawn from the seed and the step only, so that runs resume exactly."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from pathlib import Path

import numpy as np

from streamsep_offline.training.cues.shards import Examples, open_shard
from streamsep_offline.training.feed import Batch

WINDOW = 12
"""Shards of a pool that batches come from at a time; some 4 GB where a shard has 128 examples."""

STEPS_PER_SHARD = 40
"""After so many steps the window moves on by a shard."""

_SELECT_BATCH = 8


@dataclass(frozen=True)
class Pool:
    """Shards that share a part of the examples.

    All of them are more than a machine's memory holds, so batches come from a window of them that
    moves on with the steps.

    Attributes:
        folders: Of the shards.
        share: Chance that an example comes from here.
    """

    folders: tuple[Path, ...]
    share: float

    def at(self, step: int) -> list[Path]:
        """The shards in the window at a step."""
        n, first = len(self.folders), step // STEPS_PER_SHARD
        return [self.folders[(first + i) % n] for i in range(min(WINDOW, n))]


class CueFeed:
    """Examples drawn with replacement, float32; a `Feed`.

    Args:
        pools: Their shares sum to 1.
        select: Folders of the shards that decide which weights are kept.
        batch: Examples per step.
        seed: The same seed, step and pools give the same batch.
        example_s: Length of an example in seconds.
    """

    def __init__(
        self,
        pools: Sequence[Pool],
        select: Sequence[Path],
        batch: int,
        seed: int,
        example_s: float,
    ) -> None:
        self._pools, self._batch, self._seed = tuple(pools), batch, seed
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
        """Arrays of `Examples`: the examples part, part + n_parts, ... of a step's batch."""
        rng = np.random.default_rng((self._seed, step))
        windows, drawn = [pool.at(step) for pool in self._pools], []
        shares = [pool.share for pool in self._pools]
        for _ in range(self._batch):
            shards = windows[rng.choice(len(shares), p=shares)]
            shard = self._open(shards[rng.integers(len(shards))])
            drawn.append((shard, int(rng.integers(len(shard)))))
        return _gather(drawn[part::n_parts])

    def n_select(self) -> int:
        """Batches of the select list."""
        return len(self._select)

    def read_select(self, index: int) -> Batch:
        """One of them."""
        folder, rows = self._select[index]
        return _gather([(self._open(folder), i) for i in rows])

    def _open(self, folder: Path) -> Examples:
        if folder not in self._opened:
            self._opened[folder] = open_shard(folder)
        return self._opened[folder]


def _gather(drawn: Sequence[tuple[Examples, int]]) -> Batch:
    """A batch of the given examples."""

    def stack(name: str) -> np.ndarray:
        stacked = np.stack([getattr(shard, name)[i] for shard, i in drawn])
        return stacked.astype(np.int64 if name == "bins" else np.float32)

    return tuple(stack(field.name) for field in fields(Examples))
