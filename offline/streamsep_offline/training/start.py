"""Weights to begin from: those of a model, grown to the network's sizes, and the way back to them.

Growing changes nothing of what the model says. With H units where it had h, the first h are its own; what
the others send to these, and to what follows, starts at zero, and what they hear is drawn as ever. A stem
that the model does not know was a part of its residual: k stems that come from it start with its tables and
with ln(k) less, so that their masks are equal and sum to the mask it had.

A model that learned from other music forgets what it knew. Half way between both is often better than
either (Wortsman et al., "Robust fine-tuning of zero-shot models", CVPR 2022):

    weights = (1 - a) start + a trained
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import torch

from streamsep.errors import CheckpointError, ParameterError
from streamsep.model import Model, load_model, save_model
from streamsep.models.cue_bilstm import CueBilstm
from streamsep.models.cue_experts import split_experts
from streamsep.models.cue_lstm import CueLstm
from streamsep.models.cue_lstm_weights import from_model
from streamsep.presets import find_preset
from streamsep.spec import StreamSpec
from streamsep_offline.training.run import Run
from streamsep_offline.training.tasks.cue_lstm import CueDesign, CueTask

Weights = Mapping[str, torch.Tensor]
"""Of a network, by name."""

START = "start"
"""Folder of a run: the model that it began from."""

_GATES = 4
_GROWN: dict[str, tuple[int, ...]] = {
    "context_input.weight": (),
    "context_input.bias": (),
    "lstm.weight_ih_l0": (_GATES, -1),
    "lstm.weight_hh_l0": (_GATES, -1),
    "lstm.bias_ih_l0": (_GATES, -1),
    "lstm.bias_hh_l0": (_GATES, -1),
    "context_output.weight": (),
    "context_output.bias": (),
}
"""Weights that may be larger than the model's, and what their first axis consists of."""

_HEARS_NEW = (
    "context_input.weight",
    "lstm.weight_ih_l0",
    "lstm.weight_hh_l0",
    "context_output.weight",
)
"""Of these, those whose last axis is of units that may be new."""


def keep_start(run: Run) -> None:
    """Copy the model that a run begins from into its folder, but for a run that has begun.

    Raises:
        PresetError: There is no model of that name.
        CheckpointError: Its folder is damaged.
    """
    name = run.recipe.model.start if isinstance(run.recipe.model, CueDesign) else None
    if name is not None and not run.is_begun:
        save_model(find_preset(name).load(), run.folder / START)


def started_task(run: Run, seed: int) -> CueTask:
    """The network of a cue model as a seed's training begins with it.

    Raises:
        ParameterError: The model that it begins from does not fit.
        CheckpointError: That model is missing or damaged.
    """
    assert isinstance(run.recipe.model, CueDesign)
    task, name = CueTask(run.recipe.model, run.spec, seed), run.recipe.model.start
    if name is not None:
        folder = run.folder / START
        begin_from(
            task.network, load_model(folder) if folder.is_dir() else find_preset(name).load()
        )
    return task


def blend_with_start(run: Run, task: Any, seed: int, share: float) -> None:
    """Take a trained network a part of the way back; see `blend`.

    Args:
        run: It began from a model.
        task: Its best network, which changes.
        seed: Whose it is.
        share: Of the way to the trained weights.

    Raises:
        ParameterError: The run began from no model, or the share is out of range.
        CheckpointError: The model that it began from is missing or damaged.
    """
    if not isinstance(run.recipe.model, CueDesign) or run.recipe.model.start is None:
        raise ParameterError(
            f"--blend goes back towards the weights that a run began from; {run.folder} began from none"
        )
    start = started_task(run, seed).network.state_dict()
    task.network.load_state_dict(blend(start, task.network.state_dict(), share))


def begin_from(network: CueLstm | CueBilstm, model: Model) -> None:
    """Give a new network the weights of a model.

    Args:
        network: As it was drawn; at least as wide as the model. Changes.
        model: Its profile may be another one. Of kind "cue_lstm", or "cue_bilstm" for a network that hears
            both ways; from the former both of its experts begin as the same.

    Raises:
        ParameterError: The model is of another kind or wider, or it knows stems that the network does not.
    """
    if isinstance(network, CueBilstm):
        both = split_experts(model) if model.kind == "cue_bilstm" else (model, model)
        begin_from(network.forwards, both[0])
        begin_from(network.backwards, both[1])
        return
    stems = network.spec.targets
    if model.kind != "cue_lstm":
        raise ParameterError(
            f"model.start names a model of kind '{model.kind}'; a cue model that hears one way begins from a "
            "cue_lstm"
        )
    sources = [s if s in model.classes else model.classes[-1] for s in stems]
    if set(sources) != set(model.classes):
        raise ParameterError(
            f"model.start separates {', '.join(model.classes)}, which are no parts of {', '.join(stems)}; "
            "begin from a model of these stems or fewer"
        )
    spec = StreamSpec(model.profile, model.sample_rates[0], 2, model.targets)
    known = from_model(model, spec).state_dict()
    drawn = network.state_dict()
    if ("local_input.weight" in known) > network.has_local:
        raise ParameterError("model.start has a network shared by all bins; set model.local, too")
    known = _split_stems(known, [model.classes.index(s) for s in sources])
    grown = {name: _grow(name, drawn[name], known[name]) for name in drawn if name in known}
    network.load_state_dict({**drawn, **grown})


def blend(start: Weights, trained: Weights, share: float) -> dict[str, torch.Tensor]:
    """A part of the way from the weights that a training began from to those it came to.

    Args:
        start: Before.
        trained: After; the same names and shapes.
        share: a, from 0 (start) to 1 (trained).

    Raises:
        ParameterError: The share is out of range.
        CheckpointError: The networks differ.
    """
    if not 0.0 <= share <= 1.0:
        raise ParameterError(
            f"--blend {share:g} is out of range; expected 0 (start) to 1 (trained)"
        )
    shapes = [{k: tuple(w.shape) for k, w in weights.items()} for weights in (start, trained)]
    if shapes[0] != shapes[1]:
        raise CheckpointError("the weights at the start are of another network; train again")
    return {
        name: torch.lerp(start[name], w, share) if w.is_floating_point() else w
        for name, w in trained.items()
    }


def _split_stems(known: Weights, sources: list[int]) -> dict[str, torch.Tensor]:
    """Weights with an entry for each wanted stem on the axis of stems."""
    split, n_known = dict(known), known["bias"].shape[1]
    less = torch.tensor([math.log(sources.count(s)) for s in sources])
    for name in ("bias", "slopes", "cue_logits"):
        split[name] = known[name][:, sources]
    # The shares of the cue masks are a softmax of their own.
    split["cue_logits"] = split["cue_logits"] - less[:, None]
    for name in ("context_output.weight", "context_output.bias"):
        split[name] = known[name].unflatten(0, (-1, n_known))[:, sources].flatten(0, 1)
    for name in ("local_output.weight", "local_output.bias"):
        if name in known:
            split[name] = known[name][sources]
    return split


def _grow(name: str, drawn: torch.Tensor, known: torch.Tensor) -> torch.Tensor:
    """A weight as drawn, with the model's own in its first rows and columns."""
    if drawn.shape == known.shape:
        return known
    rows = _GROWN.get(name)
    is_wider = rows is not None and all(
        n >= m for n, m in zip(drawn.shape, known.shape, strict=True)
    )
    if rows is None or not is_wider:
        raise ParameterError(
            f"model.start has {name} of {tuple(known.shape)}, the recipe {tuple(drawn.shape)}; set "
            "model.n_input and model.n_hidden to the model's sizes or larger, model.fine and model.local to "
            "its own"
        )
    grown = drawn.clone()
    new, old = (w.unflatten(0, rows) if rows else w for w in (grown, known))
    if name in _HEARS_NEW:
        own_rows = tuple(slice(n) for n in old.shape[:-1])
        new[(*own_rows, slice(old.shape[-1], None))] = 0.0
    new[tuple(slice(n) for n in old.shape)] = old
    return grown
