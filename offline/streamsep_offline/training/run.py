"""A run: its folder, and one training for each seed; the best of them is what is exported.

RUN/run.json            the recipe with what was set, the data, the version
RUN/lists.json          what is in each list of songs, with hashes (where the recipe has lists)
RUN/songs, RUN/examples made songs and stored examples (or in the folder --work)
RUN/seed-1/             checkpoint.pt, log.csv, curves.png, tensorboard/
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lightning_fabric import Fabric

import streamsep
from streamsep.errors import CheckpointError
from streamsep.spec import StreamSpec
from streamsep_offline.losses.make import make_loss
from streamsep_offline.training.checkpoint import load_checkpoint
from streamsep_offline.training.feed import Feed
from streamsep_offline.training.loop import CHECKPOINT, Listener, Loop
from streamsep_offline.training.recipe import Recipe, make_recipe
from streamsep_offline.training.tasks.cue_lstm import CueDesign, CueTask
from streamsep_offline.training.tasks.open_unmix import OpenUnmixTask
from streamsep_offline.training.whole_file import whole_file

if TYPE_CHECKING:
    from streamsep_offline.training.material import Material

DESCRIPTION = "run.json"
_FORMAT = "streamsep-run"


@dataclass(frozen=True)
class Run:
    """A run on disk.

    Attributes:
        folder: Its folder.
        recipe: What it follows.
        data: Folder of songs, or of samples.
        work: Folder of made songs and stored examples.
        stems: Of the model; known once the data were opened.
    """

    folder: Path
    recipe: Recipe
    data: Path
    work: Path
    stems: tuple[str, ...] = ()

    @property
    def spec(self) -> StreamSpec:
        """Windows, rate, channels and stems of the model."""
        return self.recipe.spec(self.stems)

    @property
    def is_begun(self) -> bool:
        """Whether anything was learned yet."""
        return any(self.folder.glob(f"seed-*/{CHECKPOINT}"))

    def write(self) -> None:
        """Write `run.json`."""
        description = {
            "format": _FORMAT,
            "version": 1,
            "streamsep": streamsep.__version__,
            "recipe": self.recipe.table,
            "data": str(self.data.absolute()),
            "work": str(self.work.absolute()),
            "stems": list(self.stems),
        }
        with whole_file(self.folder / DESCRIPTION, encoding="utf-8") as file:
            file.write(json.dumps(description, indent=2) + "\n")

    def seed_folder(self, seed: int) -> Path:
        """Folder of one seed's training."""
        return self.folder / f"seed-{seed}"


def read_run(folder: Path) -> Run:
    """A run from its folder.

    Raises:
        CheckpointError: This is no folder of a run, or it is damaged.
        ParameterError: Its recipe does not fit this version.
    """
    path = folder / DESCRIPTION
    try:
        description = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise CheckpointError(
            f"{folder} is no run: it holds no {DESCRIPTION}; name the folder 'streamsep train' wrote"
        ) from None
    except (OSError, ValueError) as error:
        raise CheckpointError(f"{path} is not readable JSON ({error}); train again") from error
    if not isinstance(description, dict) or description.get("format") != _FORMAT:
        raise CheckpointError(f"{path} is of no run of streamsep; name another folder")
    try:
        data, work = Path(description["data"]), Path(description["work"])
        recipe, stems = description["recipe"], tuple(description["stems"])
    except (KeyError, TypeError) as error:
        raise CheckpointError(f"{path} is damaged ({error!r}); train again") from error
    return Run(folder, make_recipe(recipe), data, work, stems)


def train_seeds(
    run: Run,
    material: Material,
    fabric: Fabric,
    make_listener: Callable[[int, Feed], Listener],
    workers: int,
    n_steps: int | None = None,
) -> dict[int, dict[str, Any]]:
    """Train, or go on with, each seed in turn; what each knows at its end, by seed.

    Args:
        run: Where it is kept.
        material: Its data.
        fabric: Devices and precision.
        make_listener: Of a seed and its feed.
        workers: Processes that read batches ahead.
        n_steps: Stop each after so many steps, as an interruption would.
    """
    memories = {}
    for seed in run.recipe.training.seeds:
        folder = run.seed_folder(seed)
        feed, task = material.feed(seed), material.task(seed, not (folder / CHECKPOINT).is_file())
        listener = make_listener(seed, feed)
        loop = Loop(
            task, feed, run.recipe.training, seed, folder, listener, fabric, workers=workers
        )
        memories[seed] = loop.run(n_steps)
    return memories


def best_seed(run: Run) -> tuple[int, dict[str, Any]]:
    """The seed with the lowest select loss so far, and its checkpoint.

    Raises:
        CheckpointError: Nothing was kept yet.
    """
    found = {}
    for seed in run.recipe.training.seeds:
        path = run.seed_folder(seed) / CHECKPOINT
        if path.is_file():
            found[seed] = load_checkpoint(path)
    kept = {seed: memory for seed, memory in found.items() if memory["best"]}
    if not kept:
        raise CheckpointError(
            f"{run.folder} has no weights yet: train to the first check, every "
            f"{run.recipe.training.check_every} steps, or set training.check_every lower"
        )
    seed = min(kept, key=lambda one: kept[one]["best_loss"])
    return seed, kept[seed]


def best_task(run: Run) -> tuple[CueTask | OpenUnmixTask, int, dict[str, Any]]:
    """The best network of a run, its seed and its checkpoint.

    Raises:
        CheckpointError: Nothing was kept yet, or it is of another design.
    """
    seed, memory = best_seed(run)
    design = run.recipe.model
    task: CueTask | OpenUnmixTask
    if isinstance(design, CueDesign):
        task = CueTask(design, run.spec, seed)
    else:
        task = OpenUnmixTask(design, run.spec, make_loss(run.recipe.loss), seed)
    try:
        task.network.load_state_dict(memory["best"])
    except RuntimeError as error:
        reason = " ".join(str(error).split())[:160]
        raise CheckpointError(f"the weights of {run.folder} do not fit ({reason})") from error
    return task, seed, memory
