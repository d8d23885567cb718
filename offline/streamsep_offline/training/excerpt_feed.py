"""Batches of excerpts mixed as they are read: every example of an epoch once, in an order of its own."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from streamsep_offline.data.excerpts import Excerpts
from streamsep_offline.training.feed import Batch


class ExcerptFeed:
    """A `Feed` of mixtures and their stems.

    Args:
        train: What is learned from.
        shares: Of the examples that come from each of these, summing to 1.
        select: What decides which weights are kept; its examples are the same at every look.
        batch: Examples per step.
        seed: Of the order.
    """

    def __init__(
        self,
        train: Sequence[Excerpts],
        shares: Sequence[float],
        select: Sequence[Excerpts],
        batch: int,
        seed: int,
    ) -> None:
        self._train, self._shares = tuple(train), tuple(shares)
        self._batch, self._seed = batch, seed
        self._select = [(one, i) for one in select for i in range(len(one))]
        self.seconds = train[0].settings.seconds * batch

    def read(self, step: int, part: int, n_parts: int) -> Batch:
        """Mixtures [n, channels, samples] and stems [n, targets, channels, samples]."""
        positions = range(step * self._batch + part, (step + 1) * self._batch, n_parts)
        mixtures, stems = zip(*(self._read_one(p) for p in positions), strict=True)
        return np.stack(mixtures), np.stack(stems)

    def n_select(self) -> int:
        """Examples of the select list; their lengths may differ, so that each is a batch."""
        return len(self._select)

    def read_select(self, index: int) -> Batch:
        """One of them."""
        excerpts, place = self._select[index]
        example = excerpts.read(0, place)
        return example.mixture[None], example.stems[None]

    def _read_one(self, position: int) -> tuple[np.ndarray, np.ndarray]:
        excerpts = self._train[0]
        if len(self._train) > 1:
            rng = np.random.default_rng((self._seed, 1, position))
            excerpts = self._train[rng.choice(len(self._shares), p=self._shares)]
        epoch, place = divmod(position, len(excerpts))
        if excerpts.window is not None:  # their songs are in an order of their own already
            return excerpts.read(epoch, place)
        order = np.random.default_rng((self._seed, 0, epoch)).permutation(len(excerpts))
        return excerpts.read(epoch, int(order[place]))
