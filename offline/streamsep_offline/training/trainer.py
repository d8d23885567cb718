"""Training in stages with AdamW and a cosine per stage; what is best on the select list is kept.

A stage names the learning rate of each group of weights: *tables* (log-linear, per band), *context*
(the LSTM) and *local* (the network shared by all bins). A group with rate 0 stays as it is; a local
network exists from the first stage that trains it.
"""

from __future__ import annotations

import math
import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch

from streamsep.models.cue_lstm import CueLstm
from streamsep.spec import StreamSpec
from streamsep_offline.training.batches import Pool, batch_loss, draw_batch, gather
from streamsep_offline.training.shards import Examples

_GROUPS = {
    "tables": ("cue_logits", "bias", "slopes"),
    "context": ("context_", "lstm."),
    "local": ("local_", "position"),
}
_WEIGHT_DECAY = 0.02
_WARM_UP_STEPS = 20


@dataclass(frozen=True)
class Stage:
    """A part of the training.

    Attributes:
        steps: Count of steps.
        tables: Learning rate of the tables.
        context: Learning rate of the LSTM and its layers.
        local: Learning rate of the network shared by all bins.
    """

    steps: int
    tables: float
    context: float
    local: float = 0.0

    def rate(self, group: str) -> float:
        """Learning rate of a group of weights."""
        return float(getattr(self, group))


@dataclass(frozen=True)
class TrainingSettings:
    """What a recipe says about training.

    Attributes:
        n_input: Width of the layer before the LSTM.
        n_hidden: Width of the LSTM.
        local: Widths of the local network.
        batch: Examples per step.
        seed: Of weights, batches and dropout.
        check_every: Steps between looks at the select list, which are also checkpoints.
        stages: In order.
    """

    n_input: int
    n_hidden: int
    local: tuple[int, int]
    batch: int
    seed: int
    check_every: int
    stages: tuple[Stage, ...]


def train(
    spec: StreamSpec,
    settings: TrainingSettings,
    pools: Sequence[Pool],
    select: Sequence[Examples],
    checkpoint: Path,
    report: Callable[[str], None],
    stop_after: int | None = None,
) -> CueLstm:
    """Train, or go on from the checkpoint.

    Args:
        spec: Of the model.
        settings: Of the training.
        pools: Examples to learn from.
        select: Examples that decide which weights are kept.
        checkpoint: File to resume from, written at every check.
        report: Called with a line at every check.
        stop_after: Stop at this step as an interruption would; None runs to the end.

    Returns:
        The module with the best weights so far, in evaluation mode.
    """
    memory: dict[str, Any] = {"step": 0, "best_loss": math.inf, "best": {}, "losses": []}
    if checkpoint.is_file():
        memory = torch.load(checkpoint, weights_only=True)
    first = 0
    for index, stage in enumerate(settings.stages):
        last = first + stage.steps
        if memory["step"] < last:
            _run_stage(
                spec, settings, index, first, pools, select, checkpoint, memory, report, stop_after
            )
        if stop_after is not None and memory["step"] >= stop_after:
            break
        first = last
    module = _build(spec, settings, is_local="local_output.weight" in memory["best"])
    module.load_state_dict(memory["best"])
    return module.eval()


def select_loss(module: CueLstm, shards: Sequence[Examples], batch: int = 8) -> float:
    """Mean loss over all examples of the shards."""
    module.eval()
    total = 0.0
    with torch.inference_mode():
        for shard in shards:
            for start in range(0, len(shard), batch):
                drawn = [(shard, i) for i in range(start, min(start + batch, len(shard)))]
                total += len(drawn) * float(batch_loss(module, gather(drawn)))
    return total / sum(len(shard) for shard in shards)


def _build(spec: StreamSpec, settings: TrainingSettings, is_local: bool) -> CueLstm:
    torch.manual_seed(settings.seed)
    return CueLstm(spec, settings.n_input, settings.n_hidden, settings.local if is_local else None)


def _run_stage(
    spec: StreamSpec,
    settings: TrainingSettings,
    index: int,
    first: int,
    pools: Sequence[Pool],
    select: Sequence[Examples],
    checkpoint: Path,
    memory: dict[str, Any],
    report: Callable[[str], None],
    stop_after: int | None,
) -> None:
    stage = settings.stages[index]
    module = _build(spec, settings, any(s.local > 0 for s in settings.stages[: index + 1]))
    optimizer, rates = _optimizer(module, stage)
    if memory["step"] > first:
        module.load_state_dict(memory["module"])
        optimizer.load_state_dict(memory["optimizer"])
    elif memory["best"]:
        module.load_state_dict(memory["best"], strict=False)
    while memory["step"] < first + stage.steps:
        step = memory["step"]
        if stop_after is not None and step >= stop_after:
            return
        done = (step - first) / stage.steps
        factor = min(1.0, (step - first + 1) / _WARM_UP_STEPS) * max(
            0.02, 0.5 + 0.5 * math.cos(math.pi * done)
        )
        for group, rate in zip(optimizer.param_groups, rates, strict=True):
            group["lr"] = rate * factor
        torch.manual_seed(settings.seed + 7919 * (step + 1))
        module.train()
        loss = batch_loss(module, draw_batch(pools, settings.batch, settings.seed, step))
        optimizer.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(module.parameters(), 1.0)
        optimizer.step()
        memory["step"] = step + 1
        memory["losses"].append(float(loss.detach()))
        is_last = memory["step"] == first + stage.steps
        if is_last or memory["step"] % settings.check_every == 0:
            found = select_loss(module, select)
            weights = {k: v.detach().clone() for k, v in module.state_dict().items()}
            if found < memory["best_loss"]:
                memory.update(best_loss=found, best=weights)
            memory.update(module=weights, optimizer=optimizer.state_dict())
            _save(memory, checkpoint)
            recent = memory["losses"][-settings.check_every :]
            report(
                f"step {memory['step']}: train {sum(recent) / len(recent):.3f} dB, select {found:.3f} dB"
            )


def _optimizer(module: CueLstm, stage: Stage) -> tuple[torch.optim.AdamW, list[float]]:
    groups, rates = [], []
    for name, prefixes in _GROUPS.items():
        weights = [w for n, w in module.named_parameters() if n.startswith(prefixes)]
        for w in weights:
            w.requires_grad_(stage.rate(name) > 0)
        if weights and stage.rate(name) > 0:
            decay = 0.0 if name == "tables" else _WEIGHT_DECAY
            groups.append({"params": weights, "lr": stage.rate(name), "weight_decay": decay})
            rates.append(stage.rate(name))
    return torch.optim.AdamW(groups, betas=(0.9, 0.98)), rates


def _save(memory: dict[str, Any], checkpoint: Path) -> None:
    checkpoint.parent.mkdir(parents=True, exist_ok=True)
    unfinished = checkpoint.with_name(f"{checkpoint.name}.part{os.getpid()}")
    torch.save(memory, unfinished)
    unfinished.rename(checkpoint)
