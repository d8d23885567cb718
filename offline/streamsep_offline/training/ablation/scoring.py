"""Scores of a trained variant on the select list, the same for all variants.

The select loss in a run's log will not do: its examples are varied and remixed as those learned from, and
so are others in a variant that varies otherwise. Here music is as it is: whole mixes, nothing varied.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from pathlib import Path
from typing import Any

from streamsep.model import load_model
from streamsep_offline.evaluation.summary import all_stems, by_stem
from streamsep_offline.training.ablation.results import LOSS, SHARE
from streamsep_offline.training.card import make_card
from streamsep_offline.training.checkpoint import load_checkpoint
from streamsep_offline.training.cues.batches import CueFeed
from streamsep_offline.training.cues.kept_bins import KEPT_BINS
from streamsep_offline.training.cues.prepare import (
    ShardOrder,
    claim_examples,
    make_shards,
    shard_folder,
)
from streamsep_offline.training.cues.shards import example_arrays
from streamsep_offline.training.loop import CHECKPOINT, summed_loss
from streamsep_offline.training.recipe import Recipe
from streamsep_offline.training.run import Run
from streamsep_offline.training.score import list_excerpts, score_model
from streamsep_offline.training.sources import MADE, open_sources
from streamsep_offline.training.tasks.cue_lstm import CueDesign, CueTask


def make_ground(
    recipe: Recipe,
    data: Path,
    work: Path,
    folder: Path,
    n_jobs: int,
    report: Callable[[int, int], None],
) -> dict[str, Path]:
    """Examples of the select list, as the music is, by kind of music: "made", "recorded".

    Args:
        recipe: Of the first variant; of each kind at least `examples.select_size` are made.
        data: Folder of samples and recordings.
        work: Holds the made songs.
        folder: Where they go.
        n_jobs: Processes.
        report: Told how many shards are there, and of how many.

    Raises:
        ParameterError: The folder holds others.
        AudioFileError: There are no songs, or something is wrong with one.
    """
    _, select = open_sources(recipe, data, work)
    orders, facts = {}, {}
    for source in select:
        songs = source.excerpts.songs
        seconds = recipe.data.valid_seconds or recipe.data.seconds
        n_each = -(-recipe.examples.select_size // len(songs))
        settings = dataclasses.replace(recipe.data, valid_seconds=seconds, valid_per_track=n_each)
        plain = dataclasses.replace(
            source.excerpts, split="valid", augment=None, settings=settings, window=None
        )
        place = shard_folder(folder, source.name, 0)
        names = example_arrays(has_fine=True)  # some variants may hear more than others
        orders[source.name] = ShardOrder(place, plain, 0, len(plain), names)
        facts[source.name] = {"songs": [s.name for s in songs], "seconds": seconds, "n": n_each}
    claim_examples(folder, {"profile": recipe.model.profile, "bins": KEPT_BINS, **facts})
    make_shards(list(orders.values()), recipe.spec(select[0].excerpts.stems), n_jobs, report)
    return {name: order.folder for name, order in orders.items()}


def score_seed(run: Run, seed: int, ground: dict[str, Path], with_share: bool) -> dict[str, Any]:
    """Scores of the best weights of a seed, see `results`.

    Args:
        run: Trained, with its stems.
        seed: Whose weights.
        ground: What `make_ground` made.
        with_share: Whether songs are separated for the share closed, too; takes a minute.

    Raises:
        CheckpointError: The checkpoint is missing or damaged.
    """
    assert isinstance(run.recipe.model, CueDesign)
    memory = load_checkpoint(run.seed_folder(seed) / CHECKPOINT)
    task = CueTask(run.recipe.model, run.spec, seed)
    task.network.load_state_dict(memory["best"])
    scores: dict[str, Any] = {"step": memory["best_step"]}
    scores[LOSS] = {music: mean_loss(task, shard) for music, shard in ground.items()}
    if with_share:
        folder = run.seed_folder(seed) / "model"
        task.export(folder, make_card(run, seed, memory))
        scores[SHARE] = _share_closed(run, folder)
    return scores


def mean_loss(task: CueTask, shard: Path) -> float:
    """Mean loss over all examples of a shard, dB."""
    names = task.design.arrays
    feed = CueFeed((), (shard,), batch=1, seed=0, example_s=0.0, names=names)
    total, n = summed_loss(task, feed, range(feed.n_select())).tolist()
    return total / n


def _share_closed(run: Run, folder: Path) -> dict[str, float]:
    """Of the select list, 0 to 1, mean over stems, by kind of music."""
    assert run.recipe.songs is not None
    select = run.recipe.songs.select
    found: dict[str, list] = {}
    for name, excerpts in list_excerpts(select, run.work / MADE / "select", run.data).items():
        found.setdefault("made" if name == "made" else "recorded", []).extend(excerpts)
    model, shares = load_model(folder), {}
    for music, excerpts in found.items():
        if scores := score_model(model, excerpts, "compiled"):
            shares[music] = all_stems(by_stem(scores)).share_closed
    return shares
