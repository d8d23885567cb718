"""The training loop: stages of steps, looks at the select list, the best weights kept, exact resume.

Everything that decides a step is either in the checkpoint or follows from the number of the step: batches
(`feed`), rates (`optimise`) and the random numbers of dropout, which start anew from seed and step. So a
run killed at any moment and resumed has the losses of one that was not.
"""

from __future__ import annotations

import copy
import math
import time
from pathlib import Path
from typing import Any, Protocol

import torch
from lightning_fabric import Fabric

from streamsep.commands.interrupt import deferred_interrupt
from streamsep_offline.training.checkpoint import load_checkpoint, save_checkpoint
from streamsep_offline.training.clip import Clip
from streamsep_offline.training.errors import DivergedError
from streamsep_offline.training.feed import Feed, read_steps
from streamsep_offline.training.optimise import Plateau, make_optimizer, set_rates
from streamsep_offline.training.settings import Stage, Training

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
            stage = self._training.stages[memory["stage"]]
            if not self._run_stage(stage, n_steps):
                break
            memory.update(stage=memory["stage"] + 1, stage_from=memory["step"])
            for key in ("module", "optimizer", "plateau", "average"):
                memory.pop(key, None)
            self._save()
        if memory["best"]:
            self._task.network.load_state_dict(memory["best"])
        return memory

    def _run_stage(self, stage: Stage, n_steps: int | None) -> bool:
        """Whether the stage came to its end."""
        task, memory, training = self._task, self.memory, self._training
        last = memory["stage_from"] + stage.steps
        is_begun = "module" in memory
        if is_begun:
            task.network.load_state_dict(memory["module"])
        elif memory["best"]:
            task.network.load_state_dict(memory["best"])
        optimizer = make_optimizer(task.groups(), stage, training)
        plateau, clip = Plateau(**memory.get("plateau", {})), Clip(training)
        clip.norms = memory["norms"]
        average = copy.deepcopy(task.network).requires_grad_(False) if training.average else None
        module, wrapped = self._fabric.setup(task, optimizer)
        if average is not None:
            average = self._fabric.to_device(average)
        if is_begun:
            optimizer.load_state_dict(memory["optimizer"])
            if average is not None:
                average.load_state_dict(memory["average"])
        world, saved_s = self._fabric.world_size, time.monotonic()
        batches = read_steps(
            self._feed,
            memory["step"],
            last if n_steps is None else min(last, n_steps),
            rank=self._fabric.global_rank,
            world=world,
            accumulate=training.accumulate,
            workers=self._workers,
        )

        def remember() -> None:
            memory["module"] = _copy(task.network)
            memory["optimizer"] = optimizer.state_dict()
            memory["plateau"] = vars(plateau)
            if average is not None:
                memory["average"] = _copy(average)
            self._save()

        while memory["step"] < last:
            if n_steps is not None and memory["step"] >= n_steps:
                return False
            try:
                with deferred_interrupt():
                    self._step(module, wrapped, batches, stage, clip, plateau, average)
                    is_last = memory["step"] == last
                    if is_last or memory["step"] % training.check_every == 0:
                        is_better = self._check(average or task.network)
                        plateau.hear(is_better, training)
                        remember()
                        saved_s = time.monotonic()
                    elif time.monotonic() - saved_s > 60.0 * training.save_minutes:
                        remember()
                        saved_s = time.monotonic()
            except KeyboardInterrupt:
                remember()
                raise
            if training.patience and plateau.n_bad >= training.patience:
                break
        return True

    def _step(
        self,
        module: Any,
        optimizer: Any,
        batches: Any,
        stage: Stage,
        clip: Clip,
        plateau: Plateau,
        average: torch.nn.Module | None,
    ) -> None:
        memory, training, step = self.memory, self._training, self.memory["step"]
        done = step - memory["stage_from"]
        set_rates(optimizer, stage, training, done, plateau)
        rate = max(group["lr"] for group in optimizer.param_groups)
        torch.manual_seed(self._seed + 7919 * (step + 1) + self._fabric.global_rank)
        self._task.train()
        optimizer.zero_grad()
        loss, wait_s = 0.0, 0.0
        n_parts = training.accumulate * training.pieces
        for part in range(training.accumulate):
            before_s = time.perf_counter()
            batch = next(batches)
            wait_s += time.perf_counter() - before_s
            batch = self._fabric.to_device(batch)
            state = None
            for i, piece in enumerate(self._task.pieces(batch, training.pieces)):
                is_more = part < training.accumulate - 1 or i < training.pieces - 1
                with self._fabric.no_backward_sync(module, enabled=is_more):
                    value, state = module(piece, state)
                    self._fabric.backward(value / n_parts)
                loss += float(value.detach()) / n_parts
        loss = float(self._fabric.all_reduce(torch.tensor(loss), reduce_op="mean"))
        if not math.isfinite(loss):
            raise DivergedError(
                f"the loss of step {step + 1} is {loss}; lower the rates, or look for broken music with "
                "'streamsep data check'"
            )
        norm = clip.apply(self._task.network.parameters())
        if not math.isfinite(norm):
            raise DivergedError(f"the gradient of step {step + 1} is {norm}; lower the rates")
        optimizer.step()
        if average is not None:
            _move_average(average, self._task.network, training.average)
        memory["step"] = step + 1
        self._listener.stepped(step + 1, loss, rate, norm, wait_s)

    def _check(self, network: torch.nn.Module) -> bool:
        found = self.select_loss(network)
        is_better = found < self.memory["best_loss"]
        if is_better:
            step = self.memory["step"]
            self.memory.update(best_loss=found, best_step=step, best=_copy(network))
        self._listener.checked(self.memory["step"], found, is_better)
        return is_better

    def select_loss(self, network: torch.nn.Module) -> float:
        """Mean loss over all examples of the select list, whatever the batches."""
        trained, self._task.network = self._task.network, network
        self._task.eval()
        total = torch.zeros(2, dtype=torch.float64)
        with torch.inference_mode():
            for i in range(
                self._fabric.global_rank, self._feed.n_select(), self._fabric.world_size
            ):
                batch = tuple(torch.as_tensor(x) for x in self._feed.read_select(i))
                batch = self._fabric.to_device(batch)
                (piece,) = self._task.pieces(batch, 1)
                value, _ = self._task(piece, None)
                total += torch.tensor([float(value) * len(batch[0]), len(batch[0])])
        self._task.network = trained
        total = self._fabric.all_reduce(total, reduce_op="sum")
        return float(total[0] / total[1])

    def _save(self) -> None:
        if self._fabric.is_global_zero:
            save_checkpoint(self.memory, self._path)
        self._fabric.barrier()


def _copy(network: torch.nn.Module) -> dict[str, torch.Tensor]:
    return {name: w.detach().cpu().clone() for name, w in network.state_dict().items()}


def _move_average(average: torch.nn.Module, network: torch.nn.Module, decay: float) -> None:
    """average <- decay average + (1 - decay) network; what is no float is copied."""
    now = network.state_dict()
    for name, value in average.state_dict().items():
        if value.is_floating_point():
            value.lerp_(now[name].to(value.dtype), 1.0 - decay)
        else:
            value.copy_(now[name])
