"""How gpu_train.sh trains on the machine at hand: measured, not assumed.

    python benchmarks/gpu_plan.py RECIPE --samples DIR --calls 3 --seconds 400 -o plan.json [--set KEY=VALUE]

Measures a step of the recipe's cue model on random examples in float32 and bfloat16, a song rendered and an
example analysed on one core (which also compiles what all processes use), and writes the settings with which
the steps of all calls take the time that there is: the precision, how many steps and songs, and how soon
shards are left behind, so that the makers of examples keep up. Exit code 2 where no step can be taken.
"""

from __future__ import annotations

import argparse
import json
import math
import os
import sys
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from multiprocessing import get_context
from pathlib import Path

import numpy as np
import torch

from streamsep.features.cue_tables import BAND_CUES, CUES, N_BANDS
from streamsep.features.fine_grid import FINE_CUES, N_FINE
from streamsep.spec import StreamSpec
from streamsep_offline.commands.train_run import make_fabric
from streamsep_offline.maker.library import make_library
from streamsep_offline.maker.studio import Studio
from streamsep_offline.maker.voices.singers import singer_frames, singers_of
from streamsep_offline.training.cues.kept_bins import KEPT_BINS, draw_bins
from streamsep_offline.training.cues.prepare import ShardOrder, make_one
from streamsep_offline.training.recipe import Recipe, read_recipe
from streamsep_offline.training.sources import open_sources
from streamsep_offline.training.stage_run import StageRun
from streamsep_offline.training.tasks.cue_lstm import CueDesign, CueTask

PRECISIONS = ("32-true", "bf16-mixed")
WORTH = 0.9
"""bfloat16 is taken if a step takes less than this share of one in float32 ..."""

EQUAL_DB = 0.05
"""... and has its loss."""

SPARE = 1.2
"""Factor on measured times: other songs, a disk, a check now and then."""

RENDERING = 0.5
"""Seconds of rendering per second of analysis: more songs, or more examples of each."""

HANDLED_HERE = 2
"""Processes that are no makers of examples."""


@dataclass(frozen=True)
class Measured:
    """Seconds.

    Attributes:
        step_s: Of a step, by precision.
        loss_db: Of the first step, by precision.
        song_s: Of a core to render a song.
        example_s: Of a core to analyse an example of rendered songs.
    """

    step_s: dict[str, float]
    loss_db: dict[str, float]
    song_s: float
    example_s: float


def plan(
    found: Measured, batch: int, shard_size: int, example_share: float, jobs: int, seconds: float
) -> dict[str, float | int | str]:
    """Settings for so many seconds of training.

    Args:
        found: What was measured.
        batch: Examples per step.
        shard_size: Examples per shard.
        example_share: Of the examples that come from made songs.
        jobs: Processes that make examples.
        seconds: Of training, all calls together.
    """
    precision = PRECISIONS[0]
    wide, narrow = (found.step_s.get(name, math.inf) for name in PRECISIONS)
    apart_db = abs(found.loss_db.get(PRECISIONS[1], math.inf) - found.loss_db[precision])
    if narrow < WORTH * wide and apart_db < EQUAL_DB:
        precision = PRECISIONS[1]
    step_s = SPARE * found.step_s[precision]
    n_steps = max(1, int(seconds / step_s))
    made_s = SPARE * (1.0 + RENDERING) * found.example_s / max(1, jobs)
    n_examples = max(shard_size, int(example_share * seconds / made_s))
    per_song = max(1.0, found.song_s / (RENDERING * found.example_s))
    return {
        "training.precision": precision,
        "training.stages.0.steps": n_steps,
        "examples.steps_per_shard": max(1, math.ceil(n_steps * shard_size / n_examples)),
        "songs.train.made": max(2, round(n_examples / per_song)),
        "data.examples": n_examples,
        "uses of an example": round(n_steps * batch * example_share / n_examples, 1),
    }


def measure_steps(recipe: Recipe, device: str, n: int) -> tuple[dict[str, float], dict[str, float]]:
    """Seconds of a step and its first loss, by precision; what fails is left out and told."""
    step_s, loss_db = {}, {}
    for precision in PRECISIONS:
        try:
            fabric = make_fabric(device, precision)
            spec = recipe.spec(recipe.data.targets)
            task = CueTask(recipe.model, spec, 1)
            stage, training = recipe.training.stages[0], replace(recipe.training, accumulate=1)
            run = StageRun(task, stage, training, 1, fabric, [], None)
            batch = _random_batch(recipe, spec)
            loss_db[precision] = run.step(0, 0, iter([batch])).loss
            run.step(1, 1, iter([batch]))
            began_s = time.perf_counter()
            for k in range(
                2, 2 + n
            ):  # each ends with its loss on the processor: nothing is pending
                run.step(k, k, iter([batch]))
            step_s[precision] = (time.perf_counter() - began_s) / n
        except Exception as error:
            say(f"{precision} cannot be used here: {' '.join(str(error).split())[:200]}")
            if precision == PRECISIONS[0]:
                raise
    return step_s, loss_db


def _random_batch(recipe: Recipe, spec: StreamSpec) -> tuple[torch.Tensor, ...]:
    """A batch of the shapes and types of stored examples."""
    torch.manual_seed(0)
    n, n_frames = recipe.training.batch, int(recipe.data.seconds / spec.hop_s)
    kept, n_stems = sum(KEPT_BINS), len(spec.targets)
    stems = torch.rand(n, n_frames, n_stems, kept).half()
    rng = np.random.default_rng(0)
    arrays = {
        "features": torch.rand(n, n_frames, kept, len(CUES)).half(),
        "bands": torch.randn(n, n_frames, N_BANDS, len(BAND_CUES)).half(),
        "fine": torch.randn(n, n_frames, len(FINE_CUES), N_FINE).half(),
        "mixture": stems.float().square().sum(2).sqrt().half(),
        "cross": stems,
        "references": stems,
        "bins": torch.from_numpy(np.stack([draw_bins(rng, spec) for _ in range(n)])).short(),
    }
    return tuple(arrays[name.removeprefix("reversed_")] for name in recipe.model.arrays)


def measure_cores(recipe: Recipe, samples: Path, jobs: int, n_examples: int) -> tuple[float, float]:
    """Seconds of a core for a song and for an example; meanwhile others, if any, analyse singers."""
    studio = Studio(samples, "train")
    with (
        tempfile.TemporaryDirectory() as name,
        ProcessPoolExecutor(max(1, jobs), mp_context=get_context("spawn")) as pool,
    ):
        others = singers_of(studio) if jobs > HANDLED_HERE else ()
        heard = [pool.submit(_analyse, samples, who) for who in others]
        made = Path(name) / "made"
        list(make_library(studio, made, 0, range(3)))  # compiles, and analyses who sings
        song_s = _took(lambda: list(make_library(studio, Path(name) / "again", 0, range(3)))) / 3.0
        list(make_library(Studio(samples, "select"), made, 0, range(1)))
        lists = replace(
            recipe.songs,
            train=replace(recipe.songs.train, made=3, folders=()),
            select=replace(recipe.songs.select, made=1, folders=()),
            recorded_share=0.0,
            cache_gb=0.0,
        )
        (source,), _ = open_sources(replace(recipe, songs=lists), samples, Path(name))
        spec, n, arrays = recipe.spec(recipe.data.targets), n_examples, recipe.model.arrays
        orders = [
            ShardOrder(Path(name) / f"s-{k}", source.excerpts, k * n, n, arrays) for k in (0, 1)
        ]
        make_one(orders[0], spec)  # compiles
        example_s = _took(lambda: make_one(orders[1], spec)) / n
        for one in heard:
            one.result()
    return song_s, example_s


def _analyse(samples: Path, singer: str) -> None:
    singer_frames(Studio(samples, "train"), singer)


def _took(work: Callable[[], object]) -> float:
    """Seconds of a core, whoever else wants it."""
    began_s = time.process_time()
    work()
    return time.process_time() - began_s


def say(text: str) -> None:
    """One line, at once."""
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


def main() -> int:
    """Measure and plan."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("recipe")
    parser.add_argument("--samples", type=Path, required=True)
    parser.add_argument("--device", default="auto")
    parser.add_argument("--jobs", type=int, default=max(1, (os.cpu_count() or 1) - 1))
    parser.add_argument("--calls", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=400.0, help="of training in a call")
    parser.add_argument("--measured-steps", type=int, default=20)
    parser.add_argument("--measured-examples", type=int, default=8)
    parser.add_argument("--set", action="append", default=[], dest="changes")
    parser.add_argument("-o", "--output", type=Path, required=True)
    args = parser.parse_args()
    recipe = read_recipe(args.recipe, args.changes)
    if recipe.songs is None or not isinstance(recipe.model, CueDesign):
        say(f"{args.recipe} has no lists of songs, or is of another kind than a cue model")
        return 2
    step_s, loss_db = measure_steps(recipe, args.device, args.measured_steps)
    for name in step_s:
        say(f"a step in {name}: {1000 * step_s[name]:.0f} ms, loss {loss_db[name]:.3f} dB")
    song_s, example_s = measure_cores(recipe, args.samples, args.jobs, args.measured_examples)
    say(f"a core renders a song in {song_s:.1f} s and analyses an example in {example_s:.2f} s")
    found = Measured(step_s, loss_db, song_s, example_s)
    share, n = 1.0 - recipe.songs.recorded_share, recipe.training.batch
    size, seconds = recipe.examples.shard_size, args.calls * args.seconds
    settings = plan(found, n, size, share, args.jobs - HANDLED_HERE, seconds)
    for key, value in settings.items():
        say(f"{key} = {value}")
    facts = {"measured": vars(found), "settings": settings, "calls": args.calls}
    args.output.write_text(json.dumps(facts, indent=1) + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
