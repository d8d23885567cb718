"""Batches of stored examples, drawn from the seed and the step only, so that runs resume exactly."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields

import numpy as np
import torch

from streamsep.models.cue_lstm import CueLstm
from streamsep_offline.losses.level_aligned import PIECE_S, mask_loss
from streamsep_offline.training.shards import N_CHOSEN, N_LOW, Examples

WINDOW = 12
"""Shards of a pool that batches come from at a time; some 4 GB where a shard has 128 examples."""

STEPS_PER_SHARD = 40
"""After so many steps the window moves on by a shard."""


@dataclass(frozen=True)
class Pool:
    """Shards that share a part of the examples.

    All of them are more than a machine's memory holds, so batches come from a window of them that
    moves on with the steps.

    Attributes:
        shards: Of examples.
        share: Chance that an example comes from here.
    """

    shards: Sequence[Examples]
    share: float

    def at(self, step: int) -> list[Examples]:
        """The shards in the window at a step."""
        n, first = len(self.shards), step // STEPS_PER_SHARD
        return [self.shards[(first + i) % n] for i in range(min(WINDOW, n))]


def draw_batch(pools: Sequence[Pool], size: int, seed: int, step: int) -> Examples:
    """Examples drawn with replacement, float32.

    Args:
        pools: Their shares sum to 1.
        size: Count of examples.
        seed: The same seed, step and pools give the same batch.
        step: Of the training.
    """
    rng = np.random.default_rng((seed, step))
    windows, drawn = [pool.at(step) for pool in pools], []
    for _ in range(size):
        shards = windows[rng.choice(len(pools), p=[pool.share for pool in pools])]
        shard = shards[rng.integers(len(shards))]
        drawn.append((shard, int(rng.integers(len(shard)))))
    return gather(drawn)


def gather(drawn: Sequence[tuple[Examples, int]]) -> Examples:
    """A batch of the given examples."""

    def stack(name: str) -> np.ndarray:
        return np.stack([getattr(shard, name)[i] for shard, i in drawn])

    return Examples(*(stack(field.name) for field in fields(Examples)))


def batch_loss(module: CueLstm, batch: Examples) -> torch.Tensor:
    """Loss of a module on a batch; a scalar that can be differentiated."""
    bins = torch.from_numpy(batch.bins.astype(np.int64))
    n_others = module.spec.profile.n_bins - N_LOW
    weights = torch.where(bins < N_LOW, 1.0, n_others / N_CHOSEN)
    shares = module.shares[:, bins].transpose(0, 1)
    features, bands, mixture, cross, references = (
        torch.from_numpy(x).float()
        for x in (batch.features, batch.bands, batch.mixture, batch.cross, batch.references)
    )
    logits = module.logits(features, bands, module.context(bands), shares)
    masks = torch.softmax(logits, dim=-1).transpose(2, 3)
    pieces = round(PIECE_S / module.spec.hop_s)
    signed = cross.sign() * cross**2
    return mask_loss(masks, mixture**2, signed, references**2, weights, pieces)
