"""A stage on its way: optimizer, schedule, clipping, average of the weights; one step at a time.

Nothing random is carried from step to step: dropout starts anew from the seed and the step's number.
"""

from __future__ import annotations

import copy
import math
import time
from collections.abc import Iterator
from typing import Any, NamedTuple

import torch
from lightning_fabric import Fabric

from streamsep.errors import CheckpointError
from streamsep_offline.training.clip import Clip
from streamsep_offline.training.errors import DivergedError
from streamsep_offline.training.feed import Batch
from streamsep_offline.training.optimise import Plateau, make_optimizers, set_rates
from streamsep_offline.training.settings import Stage, Training

STATE = ("module", "optimizers", "plateau", "average")
"""Keys of what a checkpoint holds of a stage."""


class Step(NamedTuple):
    """What a step was like.

    Attributes:
        loss: Mean over the batch, of all devices.
        rate: Learning rate, the largest of the groups'.
        norm: Of the gradient before it was clipped.
        wait_s: Seconds of it that went by waiting for the batch.
    """

    loss: float
    rate: float
    norm: float
    wait_s: float


class StageRun:
    """See the module's docstring.

    Args:
        task: What is trained; its network holds the weights to start from.
        stage: Steps and rates.
        training: Settings.
        seed: Of dropout.
        fabric: Devices and precision.
        norms: Of the gradient in every step so far, where clipping asks for them; gets more.
        kept: What `state` told at a checkpoint within the stage; None at its start.

    Attributes:
        plateau: Memory of the schedule and of early stopping.
    """

    def __init__(
        self,
        task: Any,
        stage: Stage,
        training: Training,
        seed: int,
        fabric: Fabric,
        norms: list[float],
        kept: dict[str, Any] | None,
    ) -> None:
        self._task, self._stage, self._training = task, stage, training
        self._seed, self._fabric = seed, fabric
        if kept is not None:
            task.network.load_state_dict(kept["module"])
        optimizers = make_optimizers(task.groups(), stage, training)
        self._average = None
        if training.average:
            self._average = copy.deepcopy(task.network).requires_grad_(False)
        self._module, *self._optimizers = fabric.setup(task, *optimizers)
        if self._average is not None:
            self._average = fabric.to_device(self._average)
        self.plateau, self._clip = Plateau(), Clip(training, norms)
        if kept is not None:
            for optimizer, state in zip(self._optimizers, _states(kept, optimizers), strict=True):
                optimizer.load_state_dict(state)
            self.plateau = Plateau(**kept["plateau"])
            if self._average is not None:
                self._average.load_state_dict(kept["average"])

    @property
    def network(self) -> torch.nn.Module:
        """What is checked and kept: the average of the weights, or the weights themselves."""
        return self._task.network if self._average is None else self._average

    @property
    def is_exhausted(self) -> bool:
        """Whether patience is at its end."""
        return 0 < self._training.patience <= self.plateau.n_bad

    def state(self) -> dict[str, Any]:
        """All that decides the steps to come, for a checkpoint."""
        state = {
            "module": copied_weights(self._task.network),
            "optimizers": [optimizer.state_dict() for optimizer in self._optimizers],
            "plateau": vars(self.plateau),
        }
        if self._average is not None:
            state["average"] = copied_weights(self._average)
        return state

    def step(self, number: int, done: int, batches: Iterator[Batch]) -> Step:
        """Learn from one batch.

        Args:
            number: Of the step, from 0, in the whole training.
            done: Steps of the stage before this one.
            batches: The next ones are this step's parts.

        Raises:
            DivergedError: Its loss or gradient is not finite; the weights stay as they were.
            StreamsepError: As the feed says.
        """
        factor = set_rates(self._optimizers, self._stage, self._training, done, self.plateau)
        rate = factor * max(g["rate"] for one in self._optimizers for g in one.param_groups)
        torch.manual_seed(self._seed + 7919 * (number + 1) + self._fabric.global_rank)
        self._task.train()
        for optimizer in self._optimizers:
            optimizer.zero_grad()
        loss, wait_s, n_parts = 0.0, 0.0, self._training.accumulate
        for part in range(n_parts):
            before_s = time.perf_counter()
            batch = next(batches)
            wait_s += time.perf_counter() - before_s
            loss += self._backward(batch, n_parts, is_last=part == n_parts - 1)
        loss = float(self._fabric.all_reduce(torch.tensor(loss), reduce_op="mean"))
        if not math.isfinite(loss):
            raise DivergedError(
                f"the loss of step {number + 1} is {loss}; lower the rates, or look for broken music "
                "with 'streamsep data check'"
            )
        norm = self._clip.apply(self._task.network.parameters())
        if not math.isfinite(norm):
            raise DivergedError(f"the gradient of step {number + 1} is {norm}; lower the rates")
        for optimizer in self._optimizers:
            optimizer.step()
        if self._average is not None:
            _move_average(self._average, self._task.network, self._training.average)
        return Step(loss, rate, norm, wait_s)

    def _backward(self, batch: Batch, n_parts: int, is_last: bool) -> float:
        """Add the gradient of a part of the batch; its share of the step's loss."""
        pieces = self._task.pieces(self._fabric.to_device(batch), self._training.pieces)
        scale, loss, state = n_parts * len(pieces), 0.0, None
        for i, piece in enumerate(pieces, 1):
            is_more = not is_last or i < len(pieces)
            with self._fabric.no_backward_sync(self._module, enabled=is_more):
                value, state = self._module(piece, state)
                self._fabric.backward(value / scale)
            loss += float(value.detach()) / scale
        return loss


def _states(kept: dict[str, Any], optimizers: list[torch.optim.Optimizer]) -> list[dict[str, Any]]:
    """States of the optimizers in a checkpoint."""
    states = kept.get("optimizers", [])
    if len(states) != len(optimizers):
        raise CheckpointError(
            f"the checkpoint holds {len(states)} optimizers, expected {len(optimizers)}: it was written "
            "with another recipe or version; train anew, with another -o"
        )
    return states


def copied_weights(network: torch.nn.Module) -> dict[str, torch.Tensor]:
    """Weights and statistics of a network as they are now, on the CPU."""
    return {name: w.detach().cpu().clone() for name, w in network.state_dict().items()}


def _move_average(average: torch.nn.Module, network: torch.nn.Module, decay: float) -> None:
    """average <- decay average + (1 - decay) network; what is no float is copied."""
    now = network.state_dict()
    for name, value in average.state_dict().items():
        if value.is_floating_point():
            value.lerp_(now[name].to(value.dtype), 1.0 - decay)
        else:
            value.copy_(now[name])
