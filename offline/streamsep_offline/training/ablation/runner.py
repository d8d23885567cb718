"""Train and score the variants of a plan, one after the other; what is done is not done again.

DIR/made                made songs, for all variants
DIR/examples-<key>      stored examples, for all variants that learn from the same; deleted when they are done
DIR/ground              examples of the select list, on which all are scored
DIR/runs/<variant>      runs as of `streamsep train`
DIR/results             a JSON file for each variant
DIR/table.md            the table;  DIR/curves.svg the learning curves, where the plan has some
"""

from __future__ import annotations

import dataclasses
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from rich.console import Console

from streamsep.errors import CheckpointError
from streamsep_offline.commands.train_run import Both, make_fabric
from streamsep_offline.tables import check_known
from streamsep_offline.training.ablation.picture import save_curves
from streamsep_offline.training.ablation.plan import Plan, Variant, examples_key
from streamsep_offline.training.ablation.results import (
    SHARE,
    Result,
    read_result,
    result_path,
    write_result,
)
from streamsep_offline.training.ablation.scoring import make_ground, score_seed
from streamsep_offline.training.ablation.table import make_table
from streamsep_offline.training.checkpoint import load_checkpoint
from streamsep_offline.training.display import Display
from streamsep_offline.training.feed import Feed
from streamsep_offline.training.held_out import write_lists
from streamsep_offline.training.log import RunLog
from streamsep_offline.training.loop import CHECKPOINT
from streamsep_offline.training.material import Material
from streamsep_offline.training.recipe import Recipe
from streamsep_offline.training.run import Run, read_run, train_seeds
from streamsep_offline.training.sources import MADE, render_lists
from streamsep_offline.training.start import keep_start
from streamsep_offline.training.whole_file import whole_file

TABLE, PICTURE = "table.md", "curves.svg"
"""Files in the folder of a plan."""


@dataclass(frozen=True)
class Workshop:
    """Where and how a plan is worked off.

    Attributes:
        plan: What is compared.
        data: Folder of samples and recordings.
        folder: DIR.
        console: Hears how it goes.
        n_jobs: Processes that render and analyse.
        device: "cpu", "cuda" or "auto".
        with_share: Whether the share closed is measured, too.
    """

    plan: Plan
    data: Path
    folder: Path
    console: Console
    n_jobs: int = 1
    device: str = "auto"
    with_share: bool = False

    def work_off(self, only: Sequence[str] = ()) -> str:
        """Do what is left of the plan, or of some variants; the table, which is in DIR/table.md.

        Raises:
            ParameterError: There is no such variant, or songs or recipes do not fit.
            CheckpointError: The folder holds something else of the same name.
            DivergedError: A loss is not finite.
            KeyboardInterrupt: Ctrl-C; a checkpoint was written.
        """
        names = [variant.name for variant in self.plan.variants]
        for name in only:
            check_known(name, names, "variant")
        done = {variant.name for variant in self.plan.variants if self._is_done(variant)}
        groups: dict[str, list[Variant]] = {}
        for variant in self.plan.variants:
            groups.setdefault(examples_key(self.plan.recipe_of(variant)), []).append(variant)
        table = self._tell()
        for key, variants in groups.items():
            work = self.folder / f"examples-{key}"
            for variant in variants:
                if variant.name in done or (only and variant.name not in only):
                    continue
                write_result(self.folder, self._do(variant, work))
                done.add(variant.name)
                table = self._tell()
            if all(variant.name in done for variant in variants):
                shutil.rmtree(work, ignore_errors=True)
        return table

    def _is_done(self, variant: Variant) -> bool:
        result = read_result(self.folder, variant.name)
        if result is None:
            return False
        path = result_path(self.folder, variant.name)
        _check_same(result.recipe, self.plan.recipe_of(variant), path)
        return not self.with_share or all(SHARE in seed for seed in result.seeds.values())

    def _do(self, variant: Variant, work: Path) -> Result:
        recipe = self.plan.recipe_of(variant)
        assert recipe.songs is not None
        run = Run(self.folder / "runs" / variant.name, recipe, self.data, work)
        self._say(f"{variant.name}: {variant.what}")
        self._link_songs(work)
        render_lists(recipe, self.data, work, self.n_jobs, self._count, with_report_list=False)
        run = self._trained(run)
        first = self.plan.recipe_of(self.plan.variants[0])
        ground = make_ground(
            dataclasses.replace(recipe, data=first.data, examples=first.examples),
            self.data,
            work,
            self.folder / "ground",
            self.n_jobs,
            partial(self._count, "to score by"),
        )
        seeds = {}
        for seed in self.plan.seeds:
            seeds[str(seed)] = score_seed(run, seed, ground, self.with_share)
        best = load_checkpoint(run.seed_folder(self.plan.seeds[0]) / CHECKPOINT)["best"]
        weights = sum(w.numel() for w in best.values())
        made = recipe.songs.train.made
        what, curves = variant.what, variant.curves
        return Result(variant.name, what, curves, recipe.table, made, weights, seeds)

    def _link_songs(self, work: Path) -> None:
        """Songs are the same for all: each folder of examples has a link to them."""
        (self.folder / MADE).mkdir(parents=True, exist_ok=True)
        work.mkdir(exist_ok=True)
        if not (work / MADE).exists():
            (work / MADE).symlink_to(Path("..") / MADE, target_is_directory=True)

    def _trained(self, run: Run) -> Run:
        """All seeds of a run, trained to their end; the run with its stems."""
        paths = [run.seed_folder(seed) / CHECKPOINT for seed in self.plan.seeds]
        if any(path.is_file() for path in paths):
            begun = read_run(run.folder)
            _check_same(begun.recipe.table, run.recipe, run.folder)
            stages = len(run.recipe.training.stages)
            if all(path.is_file() and load_checkpoint(path)["stage"] == stages for path in paths):
                return dataclasses.replace(run, stems=begun.stems)
        assert run.recipe.songs is not None
        keep_start(run)
        write_lists(run.recipe.songs, run.data, run.work / MADE, run.folder)
        material = Material(run, self.n_jobs, partial(self._count, "to learn from"))
        material.run.write()
        shown: list[Both] = []

        def listen(seed: int, feed: Feed) -> Both:
            for listener in shown:
                listener.close()
            label, n_steps = f"{run.folder.name} seed {seed}", run.recipe.training.n_steps
            display = Display(self.console, n_steps, feed.seconds, label)
            shown[:] = [Both([display, RunLog(run.seed_folder(seed)), *material.makers()])]
            return shown[0]

        fabric = make_fabric(self.device, run.recipe.training.precision)
        try:
            train_seeds(material.run, material, fabric, listen, workers=0)
        finally:
            for listener in shown:
                listener.close()
        return material.run

    def _tell(self) -> str:
        """Write table and picture of what is there so far; the table."""
        results = []
        for variant in self.plan.variants:
            if (result := read_result(self.folder, variant.name)) is not None:
                # Words of the plan may have been mended since.
                words = {"what": variant.what, "curves": variant.curves}
                results.append(dataclasses.replace(result, **words))
        table = make_table(results, self.plan.variants[0].name)
        with whole_file(self.folder / TABLE, encoding="utf-8") as file:
            file.write(table)
        if any(result.curves for result in results):
            save_curves(self.folder / PICTURE, results)
        return table

    def _count(self, what: str, done: int, n: int) -> None:
        if done == n:
            self._say(f"  {what}: {n} ready")

    def _say(self, text: str) -> None:
        self.console.print(text, soft_wrap=True)


def _check_same(found: Mapping[str, Any], recipe: Recipe, path: Path) -> None:
    if found != recipe.table:
        raise CheckpointError(
            f"{path} is of another recipe than the plan says; name another folder with -o, or delete it"
        )
