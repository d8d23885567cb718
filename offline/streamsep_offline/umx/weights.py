"""Weights of one Open-Unmix network: keys and shapes checked strictly, sizes read from them.

The original loader ignores whatever does not fit (`strict=False`) and never learns that a network is
unidirectional or has another count of layers. Here all of that is in the keys, three keys of files from
2019 and 2020 are known to be superfluous, and anything else is refused.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor

from streamsep.errors import CheckpointError
from streamsep.models.open_unmix import OpenUnmix

SUPERFLUOUS_KEYS = ("sample_rate", "stft.window", "transform.0.window")
"""Left in old files by networks that held their own transform."""

_NORM = ("weight", "bias", "running_mean", "running_var", "num_batches_tracked")
_N_NAMED = 6  # keys in a message; more would hide the rest of it


def build_network(state: Mapping[str, Any], source: str) -> OpenUnmix:
    """The network that a state belongs to, ready to separate.

    Args:
        state: What the file holds.
        source: Name of the file, for messages.

    Returns:
        The network in eval mode, float32, without gradients.

    Raises:
        CheckpointError: Keys are missing or foreign, or shapes do not fit each other.
    """
    state = {key: value for key, value in state.items() if key not in SUPERFLUOUS_KEYS}
    layers, is_causal = _layers(state)
    expected = _keys(layers, is_causal)
    _check_keys(state, expected, source)
    weights = {key: _as_weight(key, state[key], source) for key in expected}
    network = _empty_network(weights, layers, is_causal, source)
    for key, tensor in network.state_dict().items():
        if tensor.shape != weights[key].shape:
            raise CheckpointError(
                f"{source}: {key} has shape {tuple(weights[key].shape)}, the other weights ask for "
                f"{tuple(tensor.shape)}; the file is damaged, get it again"
            )
    network.load_state_dict(weights, assign=True)
    return network.requires_grad_(False).eval()


def _layers(state: Mapping[str, Any]) -> tuple[int, bool]:
    """Count of LSTM layers, and whether they know only the past."""
    names = [key for key in state if key.startswith("lstm.weight_ih_l")]
    numbers = {name.removeprefix("lstm.weight_ih_l").removesuffix("_reverse") for name in names}
    layers = max((int(n) + 1 for n in numbers if n.isdecimal()), default=1)
    # A key of the layers that exist decides, so that one foreign key more is named as such.
    return layers, "lstm.weight_ih_l0_reverse" not in state and "lstm.weight_ih_l0" in state


def _keys(layers: int, is_causal: bool) -> list[str]:
    keys = ["input_mean", "input_scale", "output_scale", "output_mean"]
    for stage in (1, 2, 3):
        keys += [f"fc{stage}.weight", *(f"bn{stage}.{name}" for name in _NORM)]
    sides = ("",) if is_causal else ("", "_reverse")
    for name in ("weight_ih", "weight_hh", "bias_ih", "bias_hh"):
        keys += [f"lstm.{name}_l{layer}{side}" for layer in range(layers) for side in sides]
    return keys


def _check_keys(state: Mapping[str, Any], expected: list[str], source: str) -> None:
    missing, foreign = sorted(set(expected) - set(state)), sorted(set(state) - set(expected))
    if missing or foreign:
        raise CheckpointError(
            f"{source} is not an Open-Unmix network: missing {_list(missing)}; foreign "
            f"{_list(foreign)}; name a folder with the best weights of each target, <target>.pth"
        )


def _list(keys: list[str]) -> str:
    more = f" and {len(keys) - _N_NAMED} more" if len(keys) > _N_NAMED else ""
    return (", ".join(keys[:_N_NAMED]) or "none") + more


def _as_weight(key: str, value: Any, source: str) -> Tensor:
    if not isinstance(value, Tensor):
        raise CheckpointError(
            f"{source}: {key} is of type {type(value).__name__}, not a tensor; get the file again"
        )
    if key.endswith("num_batches_tracked"):
        return value.long()
    weight = value.float().contiguous()
    if not bool(torch.isfinite(weight).all()):
        raise CheckpointError(
            f"{source}: {key} holds NaN or infinity; the training failed, take another checkpoint"
        )
    return weight


def _empty_network(
    weights: Mapping[str, Tensor], layers: int, is_causal: bool, source: str
) -> OpenUnmix:
    """A network of these sizes, with weights to be replaced."""
    if any(weights[key].ndim != 1 for key in ("input_mean", "output_mean")) or (
        weights["fc1.weight"].ndim != 2
    ):
        raise CheckpointError(
            f"{source}: input_mean, output_mean or fc1.weight have wrong axes; get the file again"
        )
    hidden_size, n_inputs = weights["fc1.weight"].shape
    bins, max_bin = weights["output_mean"].numel(), weights["input_mean"].numel()
    if not max_bin or n_inputs % max_bin or max_bin > bins or hidden_size % 2 > is_causal:
        raise CheckpointError(
            f"{source}: fc1.weight has shape {(hidden_size, n_inputs)}, which does not fit {max_bin} "
            f"of {bins} bins; the file is damaged, get it again"
        )
    # Not on torch's device "meta": the mathematics of the constructor would import half of torch there.
    with torch.random.fork_rng(devices=[]):
        return OpenUnmix(bins, n_inputs // max_bin, hidden_size, layers, is_causal, max_bin=max_bin)
