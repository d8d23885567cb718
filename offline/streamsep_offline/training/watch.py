"""Train an Open-Unmix and look at several lists of songs at every check: known ones, new ones, other music.

task, curves = train_watched(recipe, train, {"new": valid, "known": known}, Path("runs/few"))
curves["step"], curves["new"], curves["known"]      # overfitting is where the last two part
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

from lightning_fabric import Fabric

from streamsep.errors import CheckpointError, ParameterError
from streamsep.spec import StreamSpec, find_profile
from streamsep_offline.data.excerpts import Excerpts
from streamsep_offline.losses.make import make_loss
from streamsep_offline.training.excerpt_feed import ExcerptFeed
from streamsep_offline.training.loop import CHECKPOINT, Loop
from streamsep_offline.training.recipe import Recipe
from streamsep_offline.training.tasks.open_unmix import OpenUnmixDesign, OpenUnmixTask

CURVES, DESCRIPTION = "curves.json", "watched.json"
"""Files in the folder of the training: the curves; the recipe and the songs."""


def train_watched(
    recipe: Recipe, train: Excerpts, lists: Mapping[str, Excerpts], folder: Path, seed: int = 1
) -> tuple[OpenUnmixTask, dict[str, list[float]]]:
    """Train, or go on with, one seed of a recipe on these examples, on the processor.

    Args:
        recipe: Of an Open-Unmix; what it says about data is not looked at.
        train: What is learned from.
        lists: Looked at at every check; the first decides which weights are kept.
        folder: Of checkpoint and curves; a training that is done there is only read.
        seed: Of weights and batches.

    Returns:
        The task with the best weights; the steps of the checks under "step", and for each list the
        losses then.

    Raises:
        ParameterError: The recipe is of another kind of model, or there is no list.
        CheckpointError: The folder holds another training.
        DivergedError: A loss is not finite.
    """
    design, settings = recipe.model, train.settings
    if not isinstance(design, OpenUnmixDesign) or not lists:
        raise ParameterError(
            f"a {design.kind} and {len(lists)} lists cannot be watched; take a recipe of an open_unmix "
            "and at least one list"
        )
    _claim(folder, recipe, {"train": train, **lists}, seed)
    profile = find_profile(design.profile)
    spec = StreamSpec(profile, settings.sample_rate, settings.channels, train.stems)
    task = OpenUnmixTask(design, spec, make_loss(recipe.loss), seed)
    if not (folder / CHECKPOINT).is_file():  # which brings them
        n = min(design.statistics, len(train))
        task.measure_input([train.read(0, i).mixture for i in range(n)])
    fabric = Fabric(accelerator="cpu", devices=1)
    watch = _Watch(folder)
    batch = recipe.training.batch
    for name, excerpts in lists.items():
        feed = ExcerptFeed([train], [1.0], [excerpts], batch, seed)
        watch.loops[name] = Loop(task, feed, recipe.training, seed, folder, watch, fabric)
    watch.task = task
    watch.loops[next(iter(lists))].run()
    return task, watch.curves


def _claim(folder: Path, recipe: Recipe, lists: Mapping[str, Excerpts], seed: int) -> None:
    """Write down what is trained here, so that nobody reads the curves of something else."""
    songs = {name: [song.name for song in excerpts.songs] for name, excerpts in lists.items()}
    what = json.dumps({"recipe": recipe.table, "seed": seed, "songs": songs}, indent=1)
    path = folder / DESCRIPTION
    if path.is_file() and path.read_text(encoding="utf-8") != what:
        raise CheckpointError(
            f"{folder} holds a training of another recipe or of other songs; remove it, or name another"
        )
    folder.mkdir(parents=True, exist_ok=True)
    path.write_text(what, encoding="utf-8")


class _Watch:
    """Keeps the curves; a `Listener`."""

    task: OpenUnmixTask

    def __init__(self, folder: Path) -> None:
        self._path = folder / CURVES
        self.loops: dict[str, Loop] = {}
        self.curves: dict[str, list[float]] = {}

    def resumed(self, step: int) -> None:
        """Keep what belongs to the steps up to this one."""
        self.curves = {name: [] for name in ("step", *self.loops)}
        if step and self._path.is_file():
            old = json.loads(self._path.read_text(encoding="utf-8"))
            n = sum(one <= step for one in old["step"])
            self.curves = {name: values[:n] for name, values in old.items()}

    def stepped(self, step: int, loss: float, rate: float, norm: float, wait_s: float) -> None:
        """Nothing is kept of single steps."""

    def checked(self, step: int, select: float, is_best: bool) -> None:
        """Look at the other lists, too."""
        found = [loop.select_loss(self.task.network) for loop in list(self.loops.values())[1:]]
        for name, value in zip(self.curves, (step, select, *found), strict=True):
            self.curves[name].append(value)
        self._path.write_text(json.dumps(self.curves), encoding="utf-8")
