"""What a run learns from, opened: songs, or stored examples of them; and the networks that fit."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from pathlib import Path
from typing import Any

from streamsep.errors import ParameterError
from streamsep_offline.losses.make import make_loss
from streamsep_offline.training.cues.batches import CueFeed, Pool
from streamsep_offline.training.cues.prepare import ShardOrder, claim_examples, make_shards
from streamsep_offline.training.excerpt_feed import ExcerptFeed
from streamsep_offline.training.feed import Feed
from streamsep_offline.training.run import Run
from streamsep_offline.training.sources import Source, open_sources
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
        self._pools: list[Pool] = []
        self._shards: tuple[Path, ...] = ()
        if isinstance(recipe.model, CueDesign):
            self._make_examples(run.work / "examples", n_jobs, report)

    def feed(self, seed: int) -> Feed:
        """Batches for a seed."""
        batch = self._recipe.training.batch
        if isinstance(self._recipe.model, CueDesign):
            seconds = self._recipe.data.seconds
            return CueFeed(self._pools, self._shards, batch, seed, seconds)
        train = [source.excerpts for source in self._train]
        select = [source.excerpts for source in self._select]
        return ExcerptFeed(train, [s.share for s in self._train], select, batch, seed)

    def task(self, seed: int, is_new: bool) -> CueTask | OpenUnmixTask:
        """The network of a seed; a new one gets the statistics of its input.

        Args:
            seed: Of its weights.
            is_new: False where a checkpoint follows, which brings them.
        """
        design = self._recipe.model
        if isinstance(design, CueDesign):
            return CueTask(design, self.run.spec, seed)
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
            "profile": self._recipe.model.profile,
            "stems": list(self.run.stems),
            "shard_size": settings.shard_size,
            "select_size": settings.select_size,
            "data": {k: v for k, v in data.items() if not k.startswith("cache_")},
            "augment": table.get("augment", []),
            "songs": [song.name for s in self._train for song in s.excerpts.songs],
            "songs to choose by": [song.name for s in self._select for song in s.excerpts.songs],
        }

    def _make_examples(self, root: Path, n_jobs: int, report: Callable[[int, int], None]) -> None:
        settings, orders = self._recipe.examples, []
        claim_examples(root, self._facts())

        def order(prefix: str, source: Source, n_shards: int, size: int) -> tuple[Path, ...]:
            made = [
                ShardOrder(root / f"{prefix}-{i:03d}", source.excerpts, i * size, size)
                for i in range(n_shards)
            ]
            orders.extend(made)
            return tuple(one.folder for one in made)

        for source in self._train:
            n = settings.recorded_shards if source.name == "recorded" else settings.shards
            self._pools.append(
                Pool(order(source.name, source, n, settings.shard_size), source.share)
            )
        for source in self._select:
            self._shards += order(f"select-{source.name}", source, 1, settings.select_size)
        make_shards(orders, self.run.spec, n_jobs, report)
