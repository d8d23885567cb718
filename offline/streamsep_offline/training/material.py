"""What a run learns from, opened: songs, or stored examples of them; and the networks that fit."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from streamsep.errors import ParameterError
from streamsep_offline.losses.make import make_loss
from streamsep_offline.training.cues.batches import WINDOW, CueFeed, Pool
from streamsep_offline.training.cues.fresh import FreshPool, ShardMaker
from streamsep_offline.training.cues.kept_bins import KEPT_BINS
from streamsep_offline.training.cues.prepare import (
    ShardOrder,
    claim_examples,
    make_shards,
    shard_folder,
)
from streamsep_offline.training.excerpt_feed import ExcerptFeed
from streamsep_offline.training.feed import Feed
from streamsep_offline.training.recipe import Recipe
from streamsep_offline.training.run import Run
from streamsep_offline.training.sources import Source, open_sources
from streamsep_offline.training.start import started_task
from streamsep_offline.training.tasks.cue_lstm import CueDesign, CueTask
from streamsep_offline.training.tasks.open_unmix import OpenUnmixTask


class Material:
    """A run's data, opened: feeds and tasks for each seed.

    Args:
        run: Its made songs are rendered already.
        n_jobs: Processes that make stored examples.
        report: Told of each shard of examples that is there, and of how many.

    Attributes:
        run: As given, with its stems.

    Raises:
        ParameterError: The songs have other stems than those it began with, or the stored examples are
            of another recipe.
        AudioFileError: There are no songs, or something is wrong with one.
    """

    def __init__(self, run: Run, n_jobs: int, report: Callable[[int, int], None]) -> None:
        recipe = self._recipe = run.recipe
        self._train, self._select = open_sources(recipe, run.data, run.work)
        stems = self._train[0].excerpts.stems
        if run.stems not in ((), stems):
            raise ParameterError(
                f"{run.folder} learned {', '.join(run.stems)}, the songs in {run.data} have "
                f"{', '.join(stems)}; go on with the songs it began with"
            )
        self.run = dataclasses.replace(run, stems=stems)
        self._pools: list[Pool | FreshPool] = []
        self._n_jobs = n_jobs
        self._shards: tuple[Path, ...] = ()
        if isinstance(recipe.model, CueDesign):
            self._make_examples(run.work / "examples", report)

    def feed(self, seed: int) -> Feed:
        """Batches for a seed."""
        batch = self._recipe.training.batch
        if isinstance(self._recipe.model, CueDesign):
            seconds, names = self._recipe.data.seconds, self._recipe.model.arrays
            return CueFeed(self._pools, self._shards, batch, seed, seconds, names)
        train = [source.excerpts for source in self._train]
        select = [source.excerpts for source in self._select]
        return ExcerptFeed(train, [s.share for s in self._train], select, batch, seed)

    def makers(self) -> list[ShardMaker]:
        """Who makes examples while a run goes on; they are told how it goes, and closed at its end."""
        size = self._recipe.examples.shard_size
        return [
            ShardMaker(
                pool,
                partial(_order, self._recipe, pool.root, source.name, source, size=size),
                self.run.spec,
                self._n_jobs,
            )
            for pool, source in zip(self._pools, self._train, strict=False)
            if isinstance(pool, FreshPool)
        ]

    def task(self, seed: int, is_new: bool) -> CueTask | OpenUnmixTask:
        """The network of a seed; a new one gets the statistics of its input.

        Args:
            seed: Of its weights.
            is_new: False where a checkpoint follows, which brings them.
        """
        design = self._recipe.model
        if isinstance(design, CueDesign):
            return started_task(self.run, seed) if is_new else CueTask(design, self.run.spec, seed)
        task = OpenUnmixTask(design, self.run.spec, make_loss(self._recipe.loss), seed)
        if is_new and design.statistics:
            plain = dataclasses.replace(self._train[0].excerpts, augment=None)
            n = min(design.statistics, len(plain))
            task.measure_input([plain.read(0, i).mixture for i in range(n)])
        return task

    def _facts(self) -> dict[str, Any]:
        """What stored examples depend on, as JSON values."""
        table, settings = self._recipe.table, self._recipe.examples
        data = table.get("data", {})
        return {
            # The arrays of one that hears forwards are among those of one that hears both ways.
            **({"heard": "both ways"} if self._recipe.model.bidirectional else {}),
            **({"fine": True} if self._recipe.model.fine else {}),
            "profile": self._recipe.model.profile,
            "bins": KEPT_BINS,
            "stems": list(self.run.stems),
            "shard_size": settings.shard_size,
            "select_size": settings.select_size,
            "data": {k: v for k, v in data.items() if not k.startswith("cache_")},
            "augment": table.get("augment", []),
            "songs": [song.name for s in self._train for song in s.excerpts.songs],
            "songs to choose by": [song.name for s in self._select for song in s.excerpts.songs],
        }

    def _make_examples(self, root: Path, report: Callable[[int, int], None]) -> None:
        settings, orders = self._recipe.examples, []
        claim_examples(root, self._facts())

        def order(prefix: str, source: Source, n_shards: int, size: int) -> tuple[Path, ...]:
            made = [_order(self._recipe, root, prefix, source, i, size) for i in range(n_shards)]
            orders.extend(made)
            return tuple(one.folder for one in made)

        largest_share = max(source.share for source in self._train)
        for source in self._train:
            n = settings.recorded_shards if source.name == "recorded" else settings.shards
            # Examples of a small share are drawn as often as the others before they are left behind.
            pace = round(settings.steps_per_shard * largest_share / source.share)
            if n:
                folders = order(source.name, source, n, settings.shard_size)
                self._pools.append(Pool(folders, source.share, pace))
            else:
                self._pools.append(FreshPool(root, source.name, source.share, WINDOW, pace))
                if not self.run.is_begun:
                    order(source.name, source, WINDOW, settings.shard_size)
        for source in self._select:
            self._shards += order(f"select-{source.name}", source, 1, settings.select_size)
        make_shards(orders, self.run.spec, self._n_jobs, report)


def _order(
    recipe: Recipe, root: Path, prefix: str, source: Source, number: int, size: int
) -> ShardOrder:
    folder = shard_folder(root, prefix, number)
    return ShardOrder(folder, source.excerpts, number * size, size, recipe.model.arrays)
