"""AdamW or Muon with a rate per group of weights, and how the rates go over a stage.

Muon replaces the momentum M = U S V^T of a matrix by about U V^T: directions in which few examples pull count
as much as those in which all do. Vectors and tables stay with AdamW. Its step times 0.2 sqrt(longer side) is
as long as AdamW's, so one rate suits both.

With d steps of a stage of n done, and a warm-up of w steps, a rate is multiplied by

    min(1, (d + 1) / w) x s,    s = max(0.02, (1 + cos(pi d / n)) / 2)    "cosine"
                                s = factor^(times it was lowered)         "plateau"
                                s = 1                                     "constant"

Sources: Jordan et al., "Muon: An optimizer for hidden layers in neural networks", 2024; the step's length:
Liu et al., "Muon is scalable for LLM training", 2025.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import torch

from streamsep.errors import ParameterError
from streamsep_offline.tables import suggest
from streamsep_offline.training.settings import Stage, Training

_LEAST_COSINE = 0.02


@dataclass(frozen=True)
class Group:
    """Weights that share a learning rate.

    Attributes:
        weights: The parameters.
        has_decay: Whether weight decay is for them.
        has_matrices: Whether those of two axes are products' matrices, which Muon is for.
    """

    weights: list[torch.nn.Parameter]
    has_decay: bool = True
    has_matrices: bool = True


@dataclass
class Plateau:
    """Memory of the schedule "plateau", and of early stopping.

    Attributes:
        factor: What rates are multiplied by.
        n_bad: Checks since the best one.
        n_waited: Checks since the best one or the last lowering.
    """

    factor: float = 1.0
    n_bad: int = 0
    n_waited: int = 0

    def hear(self, is_better: bool, training: Training) -> None:
        """Take in the result of a check."""
        if is_better:
            self.n_bad = self.n_waited = 0
            return
        self.n_bad += 1
        self.n_waited += 1
        if self.n_waited >= training.plateau_patience:
            self.factor *= training.plateau_factor
            self.n_waited = 0


def make_optimizers(
    groups: Mapping[str, Group], stage: Stage, training: Training
) -> list[torch.optim.Optimizer]:
    """The optimizers of a stage, each of its own weights; those of groups without a rate get no gradient.

    Raises:
        ParameterError: The stage names a group that the model has not.
    """
    for name in stage.rates:
        if name not in groups:
            raise ParameterError(f"stages.rates names '{name}'; {suggest(name, groups)}")
    one_by_one, matrices = [], []
    for name, group in groups.items():
        rate = stage.rate_of(name)
        for weight in group.weights:
            weight.requires_grad_(rate > 0.0)
        facts = {"lr": rate, "weight_decay": training.weight_decay * group.has_decay, "rate": rate}
        has_muon = training.optimizer == "muon" and group.has_matrices
        for chosen, is_muon in ((one_by_one, False), (matrices, True)):
            weights = [w for w in group.weights if (has_muon and w.ndim == 2) == is_muon]
            if rate > 0.0 and weights:
                chosen.append({"params": weights, **facts})
    optimizers: list[torch.optim.Optimizer] = []
    if one_by_one:
        optimizers.append(torch.optim.AdamW(one_by_one, betas=training.betas))
    if matrices:
        optimizers.append(torch.optim.Muon(matrices, adjust_lr_fn="match_rms_adamw"))
    if not optimizers:
        raise ParameterError("a stage has no rate above 0; write rate = 1e-3 or [rates]")
    return optimizers


def set_rates(
    optimizers: Sequence[torch.optim.Optimizer],
    stage: Stage,
    training: Training,
    done: int,
    plateau: Plateau,
) -> float:
    """Set the rates of a step; returns what they were multiplied by.

    Args:
        optimizers: From `make_optimizers`.
        stage: Of the step.
        training: Settings.
        done: Steps of the stage before this one.
        plateau: Of the stage.
    """
    shape = 1.0
    if stage.schedule == "cosine":
        shape = max(_LEAST_COSINE, 0.5 + 0.5 * math.cos(math.pi * (done / stage.steps)))
    elif stage.schedule == "plateau":
        shape = plateau.factor
    factor = min(1.0, (done + 1) / max(1, training.warm_up_steps)) * shape
    for group in (group for optimizer in optimizers for group in optimizer.param_groups):
        group["lr"] = group["rate"] * factor
    return factor
