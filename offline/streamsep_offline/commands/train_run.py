"""What `streamsep train` does once its run is known: data, devices, progress, and the words at the end."""

from __future__ import annotations

import argparse
import contextlib
import datetime
import os
import sys
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

import torch
from lightning_fabric import Fabric
from lightning_fabric.strategies import DDPStrategy
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from streamsep_offline.separation.device import choose_device
from streamsep_offline.training.display import Display
from streamsep_offline.training.feed import Feed
from streamsep_offline.training.log import CURVES, RunLog
from streamsep_offline.training.material import Material
from streamsep_offline.training.profile import profile_steps
from streamsep_offline.training.run import DESCRIPTION, Run, best_seed, train_seeds
from streamsep_offline.training.score import score_list
from streamsep_offline.training.sources import MADE, render_lists
from streamsep_offline.training.start import keep_start

if TYPE_CHECKING:
    from streamsep_offline.training.loop import Listener


def follow(run: Run, args: argparse.Namespace, console: Console) -> int:
    """Train; see `streamsep_offline.commands.train.run`."""
    if args.threads:
        torch.set_num_threads(args.threads)
    fabric = make_fabric(args.device, run.recipe.training.precision)
    if not fabric.is_global_zero:
        console.quiet = True
    try:
        if fabric.is_global_zero:
            material = _prepare(run, args, console)
        fabric.barrier()  # the others find songs and examples ready
        if not fabric.is_global_zero:
            material = Material(run, 1, lambda done, total: None)
        if args.profile:
            profile_steps(material, fabric, console, args.workers)
            return 0
        if fabric.is_global_zero:
            material.run.write()
        shown: list[Listener] = []
        try:
            train_seeds(
                material.run,
                material,
                fabric,
                _listener(material, console, fabric, shown),
                args.workers,
            )
        finally:
            for listener in shown:
                listener.close()
    except KeyboardInterrupt:
        is_run = (run.folder / DESCRIPTION).is_file()
        then = f"streamsep train --resume {run.folder}" if is_run else "the same command"
        console.print(f"stopped; go on with: {then}", soft_wrap=True)
        return 130
    if fabric.is_global_zero:
        _tell(run, console)
        if run.recipe.songs is not None and not run.recipe.model.bidirectional:
            for split in ("select", *(["report"] if args.report else [])):
                sys.stdout.write(score_list(material.run, split))
    return 0


def make_fabric(device: str, precision: str) -> Fabric:
    """Devices of this process; those of `torchrun` where it started us.

    Args:
        device: "cpu", "cuda" or "auto".
        precision: Of the arithmetic.

    Raises:
        ParameterError: There is no such device here.
    """
    world, local = (int(os.environ.get(k, 1)) for k in ("WORLD_SIZE", "LOCAL_WORLD_SIZE"))
    # The first process may make examples for hours while the others wait.
    strategy = DDPStrategy(timeout=datetime.timedelta(days=7)) if world > 1 else "auto"
    fabric = Fabric(
        accelerator=choose_device(None if device == "auto" else device),
        devices=local,
        num_nodes=world // local,
        strategy=strategy,
        precision=precision,  # type: ignore[arg-type]
    )
    fabric.launch()
    return fabric


def _prepare(run: Run, args: argparse.Namespace, console: Console) -> Material:
    if not args.profile:
        keep_start(run)
    if run.recipe.songs is not None:
        with _counting(console, "songs") as count:
            render_lists(run.recipe, run.data, run.work, args.jobs, count, args.report)
        if not args.profile:
            from streamsep_offline.training.held_out import write_lists  # the maker needs scipy

            # Before examples are made, which takes long: nothing that is scored may be in them.
            write_lists(run.recipe.songs, run.data, run.work / MADE, run.folder)
    with _counting(console, "examples") as count:
        return Material(run, args.jobs, count)


def _listener(
    material: Material, console: Console, fabric: Fabric, shown: list
) -> Callable[[int, Feed], Listener]:
    run, recipe = material.run, material.run.recipe

    def make(seed: int, feed: Feed) -> Listener:
        label = recipe.name if len(recipe.training.seeds) == 1 else f"{recipe.name} seed {seed}"
        parts: list = [Display(console, recipe.training.n_steps, feed.seconds, label)]
        if fabric.is_global_zero:
            parts += [RunLog(run.seed_folder(seed)), *material.makers()]
        for listener in shown:
            listener.close()
        shown[:] = [Both(parts)]
        return shown[0]

    return make


class Both:
    """Several listeners as one."""

    def __init__(self, parts: list) -> None:
        self._parts = parts

    def resumed(self, step: int) -> None:
        """See `Listener`."""
        for part in self._parts:
            part.resumed(step)

    def stepped(self, step: int, loss: float, rate: float, norm: float, wait_s: float) -> None:
        """See `Listener`."""
        for part in self._parts:
            part.stepped(step, loss, rate, norm, wait_s)

    def checked(self, step: int, select: float, is_best: bool) -> None:
        """See `Listener`."""
        for part in self._parts:
            part.checked(step, select, is_best)

    def close(self) -> None:
        """End what is shown and written."""
        for part in self._parts:
            part.close()


@contextlib.contextmanager
def _counting(console: Console, what: str) -> Iterator[Callable[..., None]]:
    """A bar for things that are counted; plain consoles hear of the end only."""
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("left"),
    )
    is_plain = not console.is_terminal or console.quiet
    with Progress(*columns, TimeRemainingColumn(), console=console, disable=is_plain) as progress:
        task = progress.add_task(what, total=None)

        def count(*facts: str | int) -> None:
            *label, done, total = facts
            words = " ".join([what, *map(str, label)])
            progress.update(task, completed=int(done), total=int(total), description=words)
            if is_plain and done == total:
                console.print(f"{words}: {total} ready")

        yield count


def _tell(run: Run, console: Console) -> None:
    seed, memory = best_seed(run)
    console.print(
        f"best select loss {memory['best_loss']:.4f} at step {memory['best_step']} of seed {seed}; "
        f"curves in {run.seed_folder(seed) / CURVES}"
    )
    console.print(f"now: streamsep export {run.folder} -o model")
