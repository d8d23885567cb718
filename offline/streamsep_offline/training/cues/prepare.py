"""Shards of examples for a cue model: drawn as any model's, analysed once, stored."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import numpy as np
import torch

from streamsep.errors import ParameterError
from streamsep.spec import StreamSpec
from streamsep.stft import Analysis
from streamsep_offline.data.excerpts import Excerpts
from streamsep_offline.tables import check_numbers, number
from streamsep_offline.training.cues.shards import ONE_WAY, make_shard
from streamsep_offline.training.whole_file import whole_file

FACTS = "facts.json"
"""File beside the shards."""


@dataclass(frozen=True)
class ExampleSettings:
    """The table [examples]: how much is analysed and stored.

    Attributes:
        shard_size: Examples per shard.
        shards: Shards to learn from, again and again; 0 makes new ones all along and deletes the used.
        steps_per_shard: After so many steps the window of shards in use moves on by one; of the source with
            the largest share, of others less often.
        recorded_shards: The same of recorded songs, where the recipe has lists of songs.
        select_size: Examples that decide which weights are kept.
    """

    shard_size: int = number(128, 1)
    shards: int = number(24, 0)
    steps_per_shard: int = number(40, 1)
    recorded_shards: int = number(0, 0)
    select_size: int = number(64, 1)

    def __post_init__(self) -> None:
        check_numbers(self, "examples")


def shard_folder(root: Path, name: str, number: int) -> Path:
    """Where a shard lies."""
    return root / f"{name}-{number:03d}"


@dataclass(frozen=True)
class ShardOrder:
    """One shard to be made.

    Attributes:
        folder: Where.
        excerpts: What from.
        first: Number of its first example, counted through the epochs of the excerpts.
        n: Examples.
        names: Of the arrays that the model learns from, see `shards.example_arrays`.
    """

    folder: Path
    excerpts: Excerpts
    first: int
    n: int
    names: tuple[str, ...] = ONE_WAY


def claim_examples(root: Path, facts: Mapping[str, Any]) -> None:
    """Say what the examples in a folder depend on; refuse those that depended on something else.

    Args:
        root: Folder of shards.
        facts: JSON values, whatever would make other examples.

    Raises:
        ParameterError: The folder holds examples of other facts.
    """
    path, facts = root / FACTS, json.loads(json.dumps(facts))
    if not path.is_file():
        with whole_file(path, encoding="utf-8") as file:
            file.write(json.dumps(facts, indent=1) + "\n")
        return
    found = json.loads(path.read_text(encoding="utf-8"))
    differing = [key for key in facts if found.get(key) != facts[key]]
    if differing:
        raise ParameterError(
            f"the examples in {root} were made with other {', '.join(differing)}; name another folder "
            "with --work, or delete that one"
        )


def make_shards(
    orders: Sequence[ShardOrder], spec: StreamSpec, n_jobs: int, report: Callable[[int, int], None]
) -> None:
    """Make the shards that are not there yet.

    Args:
        orders: Of all shards.
        spec: Windows, rate and stems.
        n_jobs: Processes.
        report: Told how many are there, and of how many.
    """
    missing = [order for order in orders if not order.folder.exists()]
    n_there = len(orders) - len(missing)
    report(n_there, len(orders))
    if n_jobs == 1 or len(missing) < 2:
        for done, order in enumerate(missing, n_there + 1):
            make_one(order, spec)
            report(done, len(orders))
        return
    with ProcessPoolExecutor(n_jobs, mp_context=get_context("spawn")) as pool:
        try:
            made = pool.map(make_one, missing, [spec] * len(missing))
            for done, _ in enumerate(made, n_there + 1):
                report(done, len(orders))
        except KeyboardInterrupt:
            pool.shutdown(cancel_futures=True)
            raise


def make_one(order: ShardOrder, spec: StreamSpec) -> None:
    """Make a shard, in a process of its own or in this one.

    Args:
        order: What.
        spec: Windows, rate and stems.
    """
    torch.set_num_threads(1)
    seed = (order.excerpts.settings.seed, order.first, 1)
    spectra = _spectra(order, spec)
    make_shard(order.folder, spectra, order.n, seed, spec, order.names)


def _spectra(order: ShardOrder, spec: StreamSpec) -> Iterator[torch.Tensor]:
    analysis, hop = Analysis(spec.profile, spec.channels), spec.profile.hop
    for k in range(order.first, order.first + order.n):
        epoch, index = divmod(k, len(order.excerpts))
        stems = order.excerpts.read(epoch, index).stems
        whole = stems.shape[-1] // hop * hop
        yield analysis.offline(torch.from_numpy(np.ascontiguousarray(stems[..., :whole])))
