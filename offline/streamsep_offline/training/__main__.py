"""`python -m streamsep_offline.training RECIPE --samples DIR --work DIR`: from samples to a scored model.

Renders songs, computes examples, trains, exports and scores. Every step leaves its result under the
work folder and is skipped when it is there, so the same command goes on after an interruption.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import torch
from rich.console import Console

from streamsep.model import Model, load_model, save_model
from streamsep.models.cue_lstm import to_model
from streamsep.presets import find_preset
from streamsep.spec import StreamSpec, find_profile
from streamsep_offline.training.baseline import Baseline
from streamsep_offline.training.batches import Pool
from streamsep_offline.training.recipe import Lists, Recipe, read_recipe
from streamsep_offline.training.score import (
    TABLE_HEAD,
    list_excerpts,
    log_look,
    score_model,
    table_lines,
)
from streamsep_offline.training.shards import Examples, make_shard, open_shard
from streamsep_offline.training.songs import SAMPLE_RATE, STEMS, Song, find_songs, open_song
from streamsep_offline.training.trainer import train


def main(arguments: list[str] | None = None) -> int:
    """Follow a recipe; returns the exit code."""
    parser = argparse.ArgumentParser(
        prog="python -m streamsep_offline.training", description=__doc__
    )
    parser.add_argument("recipe", type=Path, help="TOML file, see offline/recipes")
    parser.add_argument(
        "--samples", type=Path, required=True, help="folder of samples and recordings"
    )
    parser.add_argument(
        "--work", type=Path, required=True, help="folder for everything that is made"
    )
    parser.add_argument(
        "--report", action="store_true", help="score the report list too (it is logged)"
    )
    parser.add_argument(
        "--engine", default="compiled", help="that scores: compiled or torch (compiled)"
    )
    parser.add_argument("--jobs", type=int, default=1, help="processes that render songs (1)")
    args = parser.parse_args(arguments)
    torch.set_num_threads(1)
    recipe = read_recipe(args.recipe)
    console = Console(stderr=True, highlight=False)
    with timed("songs", console.print):
        for split in ("train", "select", "report"):
            render(recipe, args.samples, args.work, split, args.jobs, console.print)
    with timed("examples", console.print):
        pools, select = make_examples(recipe, args.samples, args.work, console.print)
    models = {"classic": find_preset(f"classic-4stems-{recipe.profile}").load()}
    with timed(recipe.name, console.print):
        models[recipe.name] = train_cue_model(recipe, args.work, pools, select, console.print)
    if recipe.baseline_steps:
        with timed("open-unmix-128", console.print):
            models["open-unmix-128"] = train_baseline(
                recipe, args.samples, args.work, console.print
            )
    with timed("scores", console.print):
        score_all(recipe, models, args.samples, args.work, "select", args.engine)
        if args.report:
            score_all(recipe, models, args.samples, args.work, "report", args.engine)
    return 0


@contextmanager
def timed(what: str, say: Callable[[str], None]) -> Iterator[None]:
    """Say how long a part took: of the clock, and of this process's and its children's CPU."""
    before = os.times()
    yield
    after = os.times()
    cpu_s = sum(after[:4]) - sum(before[:4])
    say(f"{what}: {(after.elapsed - before.elapsed) / 60:.1f} min, {cpu_s / 60:.1f} min of CPU")


def render(
    recipe: Recipe, samples: Path, work: Path, split: str, n_jobs: int, say: Callable[[str], None]
) -> None:
    """Render the made songs of a list that are not there yet."""
    from streamsep_offline.maker.library import make_library_in_parallel
    from streamsep_offline.maker.studio import Studio

    songs: Lists = getattr(recipe, split)
    studio = Studio(samples, split)
    made = make_library_in_parallel(
        studio, work / "made", recipe.songs_seed, range(songs.made), n_jobs=n_jobs
    )
    n_new = sum(is_new for _, is_new in made)
    say(f"{split}: {n_new} new songs of {songs.made}")


def make_examples(
    recipe: Recipe, samples: Path, work: Path, say: Callable[[str], None]
) -> tuple[list[Pool], list[Examples]]:
    """Compute the examples that are not there yet; those to learn from and those that decide."""
    root, profile = work / "examples", find_profile(recipe.profile)

    def shard(name: str, songs: list[Song], n: int, seed: tuple[int, ...]) -> Examples:
        if not (root / name).exists():
            say(f"examples {name}")
        make_shard(root / name, songs, n, (recipe.training.seed, *seed), profile, recipe.varying)
        return open_shard(root / name)

    def recorded(songs: Lists) -> list[Song]:
        return [open_song(samples / folder) for folder in songs.folders]

    made = find_songs(work / "made" / "train")[: recipe.train.made]
    made_shards = [
        shard(f"made-{i:03d}", made, recipe.shard_size, (0, i)) for i in range(recipe.shards)
    ]
    pools = [Pool(made_shards, 1.0 - recipe.recorded_share)]
    if recipe.recorded_share > 0:
        songs = recorded(recipe.train)
        shards = [
            shard(f"recorded-{i:03d}", songs, recipe.shard_size, (1, i))
            for i in range(recipe.recorded_shards)
        ]
        pools.append(Pool(shards, recipe.recorded_share))
    select_songs = find_songs(work / "made" / "select")[: recipe.select.made]
    select = [shard("select-made", select_songs, recipe.select_size, (2, 0))]
    if recipe.select.folders:
        songs = recorded(recipe.select)
        select.append(shard("select-recorded", songs, recipe.select_size // 2, (3, 0)))
    return pools, select


def train_cue_model(
    recipe: Recipe,
    work: Path,
    pools: list[Pool],
    select: list[Examples],
    say: Callable[[str], None],
) -> Model:
    """Train (or go on) and export; the exported model."""
    spec = StreamSpec(find_profile(recipe.profile), SAMPLE_RATE, 2, STEMS)
    module = train(spec, recipe.training, pools, select, work / "checkpoint.pt", say)
    folder = work / recipe.name
    save_model(to_model(module, {"recipe": recipe.name, "seed": recipe.training.seed}), folder)
    return load_model(folder)


def train_baseline(recipe: Recipe, samples: Path, work: Path, say: Callable[[str], None]) -> Model:
    """Train (or go on) the generic causal Open-Unmix and export it."""
    songs = find_songs(work / "made" / "train")[: recipe.train.made]
    # Recorded songs come as often as in the examples of the cue model.
    songs_recorded = [open_song(samples / folder) for folder in recipe.train.folders]
    n_times = round(recipe.recorded_share / (1 - recipe.recorded_share) * len(songs))
    songs += [
        songs_recorded[i % len(songs_recorded)] for i in range(n_times if songs_recorded else 0)
    ]
    baseline = Baseline(
        find_profile(recipe.profile),
        recipe.baseline_hidden,
        recipe.baseline_rate,
        recipe.training.seed,
        songs,
        recipe.varying,
    )
    checkpoint = work / "baseline.pt"
    model = baseline.train(recipe.baseline_steps, recipe.training.batch, checkpoint, say)
    save_model(model, work / "open-unmix-128")
    return model


def score_all(
    recipe: Recipe, models: dict[str, Model], samples: Path, work: Path, split: str, engine: str
) -> None:
    """Score models on a list, write `scores-SPLIT.md` and print it."""
    lines = list(TABLE_HEAD)
    kinds = list_excerpts(getattr(recipe, split), work / "made" / split, samples)
    for name, model in models.items():
        if split == "report":
            weights = b"".join(model.weights[key].tobytes() for key in sorted(model.weights))
            log_look(work / "report-looks.log", name, hashlib.sha256(weights).hexdigest()[:16])
        for kind, excerpts in kinds.items():
            lines += table_lines(name, kind, score_model(model, excerpts, engine))
    text = "\n".join(lines) + "\n"
    (work / f"scores-{split}.md").write_text(text, encoding="utf-8")
    sys.stdout.write(text)


if __name__ == "__main__":
    raise SystemExit(main())
