"""Batches in the order of the steps, read ahead by worker processes where that is wanted.

A feed makes every batch from the number of its step alone. So the count of workers changes nothing, and
a run that goes on after an interruption sees what it would have seen.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Protocol

import torch
from torch.utils.data import DataLoader, Dataset

from streamsep.commands.interrupt import ignore_interrupt
from streamsep.errors import StreamsepError

Batch = tuple[Any, ...]
"""Arrays whose first axis is the example."""


class Feed(Protocol):
    """Where batches come from; workers get a copy.

    Attributes:
        seconds: Seconds of music in a batch of a step.
    """

    seconds: float

    def read(self, step: int, part: int, n_parts: int) -> Batch:
        """The examples part, part + n_parts, ... of a step's batch."""
        ...

    def n_select(self) -> int:
        """Batches that decide which weights are kept."""
        ...

    def read_select(self, index: int) -> Batch:
        """One of them."""
        ...


class _Jobs(Dataset):
    """What a loader asks for by number: the parts of steps one after the other."""

    def __init__(self, feed: Feed, rank: int, world: int, accumulate: int) -> None:
        self._feed, self._rank, self._world, self._n = feed, rank, world, accumulate

    def __getitem__(self, job: int) -> Batch | StreamsepError:
        step, part = divmod(job, self._n)
        try:
            return self._feed.read(step, part * self._world + self._rank, self._n * self._world)
        except StreamsepError as error:  # a loader would make a page of it
            return error


def read_steps(
    feed: Feed,
    first: int,
    last: int,
    *,
    rank: int = 0,
    world: int = 1,
    accumulate: int = 1,
    workers: int = 0,
) -> Iterator[Batch]:
    """Batches of the steps `first` to `last` - 1, `accumulate` for each, as tensors.

    Args:
        feed: Where from.
        first: Step.
        last: Step after the last.
        rank: Which of the devices this is.
        world: Count of devices that share a batch.
        accumulate: Parts of a batch on each of them.
        workers: Processes that read ahead; 0 reads here.

    Raises:
        StreamsepError: As the feed says.
    """
    loader: DataLoader = DataLoader(
        _Jobs(feed, rank, world, accumulate),
        sampler=range(first * accumulate, last * accumulate),
        batch_size=None,
        num_workers=workers,
        # Forked copies of threads that hold locks would wait for ever.
        multiprocessing_context="spawn" if workers else None,
        prefetch_factor=2 if workers else None,
        # The step that waits for a batch is finished, and saved, before Ctrl-C takes effect.
        worker_init_fn=ignore_interrupt if workers else None,
        # A loader draws a number when it begins; from the common ones, it would change the dropout.
        generator=torch.Generator(),
    )
    for batch in loader:
        if isinstance(batch, StreamsepError):
            raise batch
        yield tuple(torch.as_tensor(x) for x in batch)
