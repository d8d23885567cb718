"""The training loop: stages of steps, looks at the select list, the best weights kept, exact resume.

Everything that decides a step is either in the checkpoint or follows from the number of the step: batches
(`feed`), rates (`optimise`) and the random numbers of dropout (`stage_run`). So a run killed at any moment
and resumed has the losses of one that was not.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, Protocol

import torch
from lightning_fabric import Fabric

from streamsep.commands.interrupt import deferred_interrupt
from streamsep.errors import ParameterError
from streamsep_offline.training.checkpoint import load_checkpoint, save_checkpoint
from streamsep_offline.training.errors import DivergedError
from streamsep_offline.training.feed import Batch, Feed, read_steps
from streamsep_offline.training.settings import Stage, Training
from streamsep_offline.training.stage_run import STATE, StageRun, copied_weights

CHECKPOINT = "checkpoint.pt"
"""File of a run."""


class Listener(Protocol):
    """Hears how a run goes."""

    def resumed(self, step: int) -> None:
        """A run begins, or goes on, after so many steps."""
        ...

    def stepped(self, step: int, loss: float, rate: float, norm: float, wait_s: float) -> None:
        """A step is done; `wait_s` of its time went by waiting for its batch."""
        ...

    def checked(self, step: int, select: float, is_best: bool) -> None:
        """The select list was looked at."""
        ...


def new_memory() -> dict[str, Any]:
    """What a run knows before its first step."""
    return {
        "step": 0,
        "stage": 0,
        "stage_from": 0,
        "best_loss": math.inf,
        "best_step": 0,
        "best": {},
        "norms": [],
    }


class Loop:
    """Trains a task, or goes on with it.

    Args:
        task: What is trained; its network changes.
        feed: Batches.
        training: Settings.
        seed: Of weights' dropout and batches.
        folder: Of the run; holds the checkpoint.
        listener: Hears of steps and checks.
        fabric: Devices and precision.
        workers: Processes that read batches ahead.

    Raises:
        ParameterError: A batch cannot be shared evenly by the devices.
    """

    def __init__(
        self,
        task: Any,
        feed: Feed,
        training: Training,
        seed: int,
        folder: Path,
        listener: Listener,
        fabric: Fabric,
        workers: int = 0,
    ) -> None:
        self._task, self._feed, self._training, self._seed = task, feed, training, seed
        self._path, self._listener, self._fabric = folder / CHECKPOINT, listener, fabric
        self._workers = workers
        n_parts = training.accumulate * fabric.world_size
        if training.batch % n_parts:
            raise ParameterError(
                f"training.batch is {training.batch}, expected a multiple of {n_parts}: "
                f"{training.accumulate} parts on each of {fabric.world_size} devices"
            )
        self.memory = new_memory()
        if self._path.is_file():
            self.memory = load_checkpoint(self._path)

    def run(self, n_steps: int | None = None) -> dict[str, Any]:
        """Train to the end; returns the memory with the best weights.

        Args:
            n_steps: Stop after so many steps in all, as an interruption would; None goes to the end.

        Raises:
            DivergedError: A loss or gradient is not finite.
            KeyboardInterrupt: Ctrl-C; a checkpoint was written.
        """
        memory = self.memory
        self._listener.resumed(memory["step"])
        while memory["stage"] < len(self._training.stages):
            if not self._run_stage(self._training.stages[memory["stage"]], n_steps):
                break
            memory.update(stage=memory["stage"] + 1, stage_from=memory["step"])
            for key in STATE:
                memory.pop(key, None)
            self._save()
        if memory["best"]:
            self._task.network.load_state_dict(memory["best"])
        self._fabric.barrier()  # the first process has written what the others look for
        return memory

    def _run_stage(self, stage: Stage, n_steps: int | None) -> bool:
        """Whether the stage came to its end."""
        memory, training = self.memory, self._training
        is_begun = "module" in memory
        if not is_begun and memory["best"]:
            self._task.network.load_state_dict(memory["best"])
        kept = memory if is_begun else None
        run = StageRun(self._task, stage, training, self._seed, self._fabric, memory["norms"], kept)
        last = memory["stage_from"] + stage.steps
        batches = read_steps(
            self._feed,
            memory["step"],
            last if n_steps is None else min(last, n_steps),
            rank=self._fabric.global_rank,
            world=self._fabric.world_size,
            accumulate=training.accumulate,
            workers=self._workers,
        )
        saved_s = time.monotonic()
        # Patience is asked first: a run may have been stopped after the check that ended it.
        while memory["step"] < last and not run.is_exhausted:
            if n_steps is not None and memory["step"] >= n_steps:
                return False
            try:
                with deferred_interrupt():
                    stepped = run.step(
                        memory["step"], memory["step"] - memory["stage_from"], batches
                    )
                    memory["step"] += 1
                    self._listener.stepped(memory["step"], *stepped)
                    is_check = memory["step"] == last or memory["step"] % training.check_every == 0
                    if is_check:
                        run.plateau.hear(self._check(run.network), training)
                    if is_check or time.monotonic() - saved_s > 60.0 * training.save_minutes:
                        self._remember(run)
                        saved_s = time.monotonic()
            except KeyboardInterrupt:
                self._remember(run)
                raise
        return True

    def _check(self, network: torch.nn.Module) -> bool:
        """Look at the select list; whether it was never better."""
        step = self.memory["step"]
        if self._fabric.world_size > 1:
            # Each device has statistics of its own batches; those of the first are kept.
            for statistic in network.buffers():
                torch.distributed.broadcast(statistic, src=0)
        found = self.select_loss(network)
        if not math.isfinite(found):
            raise DivergedError(
                f"the select loss after step {step} is {found}; look for broken music with "
                "'streamsep data check'"
            )
        is_better = found < self.memory["best_loss"]
        if is_better:
            self.memory.update(best_loss=found, best_step=step, best=copied_weights(network))
        self._listener.checked(step, found, is_better)
        return is_better

    def select_loss(self, network: torch.nn.Module) -> float:
        """Mean loss over all examples of the select list, whatever the batches."""
        trained, self._task.network = self._task.network, network
        own = range(self._fabric.global_rank, self._feed.n_select(), self._fabric.world_size)
        total = summed_loss(self._task, self._feed, own, self._fabric.to_device)
        self._task.network = trained
        if self._fabric.world_size > 1:
            total = self._fabric.all_reduce(total, reduce_op="sum")
        return float(total[0] / total[1])

    def _remember(self, run: StageRun) -> None:
        if self._fabric.is_global_zero:
            self.memory.update(run.state())
        self._save()

    def _save(self) -> None:
        """Write the checkpoint; the first process does, when its clock says so, and nobody waits."""
        if self._fabric.is_global_zero:
            save_checkpoint(self.memory, self._path)


def summed_loss(
    task: Any,
    feed: Feed,
    batches: Iterable[int],
    to_device: Callable[[Batch], Batch] = lambda batch: batch,
) -> torch.Tensor:
    """Sum of the losses of examples of the select list, and how many there are, float64. [2]

    Args:
        task: Whose network is asked; it stays as in use, not as in training.
        feed: Has the list.
        batches: Numbers of those that count.
        to_device: Brings a batch to where the network is.
    """
    task.eval()
    total = torch.zeros(2, dtype=torch.float64)
    with torch.inference_mode():
        for i in batches:
            batch = to_device(tuple(torch.as_tensor(x) for x in feed.read_select(i)))
            (piece,) = task.pieces(batch, 1)
            value, _ = task(piece, None)
            total += torch.tensor([float(value) * len(batch[0]), len(batch[0])])
    return total
