"""A `CueLstm` as a model, and back."""

from __future__ import annotations

import torch

from streamsep.errors import CheckpointError
from streamsep.features.fine_grid import points_heard
from streamsep.model import Model
from streamsep.models.cue_lstm import CueLstm
from streamsep.spec import StreamSpec


def to_model(module: CueLstm, card: dict[str, object] | None = None) -> Model:
    """The model that `from_model` reads; weights are float32 copies.

    Args:
        module: Trained.
        card: Licence, sources, scores.
    """
    weights = {name: w.detach().float().numpy().copy() for name, w in module.state_dict().items()}
    # Two biases of one sum are PyTorch's habit, not the model's.
    weights["lstm.bias"] = weights.pop("lstm.bias_ih_l0") + weights.pop("lstm.bias_hh_l0")
    weights["lstm.weight_input"] = weights.pop("lstm.weight_ih_l0")
    weights["lstm.weight_hidden"] = weights.pop("lstm.weight_hh_l0")
    return Model(
        kind="cue_lstm",
        profile=module.spec.profile,
        targets=module.spec.targets,
        weights=weights,
        card=card or {},
    )


def from_model(model: Model, spec: StreamSpec) -> CueLstm:
    """The module of a model of kind "cue_lstm"; the widths follow from the weights.

    Raises:
        CheckpointError: Weights are missing, foreign or have the wrong shape, or the model is for
            other stems.
    """
    if model.targets != spec.targets:
        raise CheckpointError(
            f"the model separates {', '.join(model.targets)}, the stream wants "
            f"{', '.join(spec.targets)}; see Model.at, or choose a model of that stem set"
        )
    weights = {name: torch.from_numpy(w.copy()) for name, w in model.weights.items()}
    try:
        n_input, local = len(weights["context_input.weight"]), None
        fine = points_heard(weights["context_input.weight"].shape[1]) > 0
        if "local_input.weight" in weights:
            local = (len(weights["local_input.weight"]), len(weights["local_middle.weight"]))
        bias = weights.pop("lstm.bias")
        weights["lstm.bias_ih_l0"], weights["lstm.bias_hh_l0"] = bias, torch.zeros_like(bias)
        weights["lstm.weight_ih_l0"] = weights.pop("lstm.weight_input")
        weights["lstm.weight_hh_l0"] = weights.pop("lstm.weight_hidden")
        n_hidden, n_classes = weights["lstm.weight_hh_l0"].shape[1], len(model.classes)
        module = CueLstm(spec, n_input, n_hidden, local, n_classes=n_classes, fine=fine)
        module.load_state_dict(weights)
    except (KeyError, RuntimeError, IndexError) as error:
        reason = " ".join(str(error).split())
        raise CheckpointError(
            f"weights of this cue_lstm model do not fit ({reason}); export it again"
        ) from error
    return module.eval()
