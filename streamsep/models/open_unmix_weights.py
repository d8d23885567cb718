"""Causal Open-Unmix as data: settings, the table of keys and shapes, strict checks.

Weights are named "<target>.<open-unmix key>". Imports no torch: the compiled engine reads this too.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from streamsep.errors import CheckpointError, EngineError
from streamsep.model import Model
from streamsep.spec import Profile, StreamSpec

MASKS = ("ratio", "softmax")
"""Kinds of masks; the equations are in `streamsep.masking`."""


@dataclass(frozen=True)
class OpenUnmixSettings:
    """`Model.settings` of kind "open_unmix", checked.

    Attributes:
        hidden_size: Width of the hidden layers.
        nb_layers: LSTM layers.
        max_bin: Bins that the networks see; None is all.
        networks: Targets with a network: all, or all but the residual.
        mask: One of `MASKS`.
        exponent: Exponent of the mask, > 0.
    """

    hidden_size: int
    nb_layers: int
    max_bin: int | None
    networks: tuple[str, ...]
    mask: str
    exponent: float

    @classmethod
    def of(cls, model: Model) -> OpenUnmixSettings:
        """Settings of a model.

        Raises:
            CheckpointError: A setting is missing or out of range.
        """
        try:
            settings = cls(
                hidden_size=int(model.settings["hidden_size"]),
                nb_layers=int(model.settings["nb_layers"]),
                max_bin=model.settings["max_bin"] and int(model.settings["max_bin"]),
                networks=tuple(model.settings["networks"]),
                mask=str(model.settings["mask"]),
                exponent=float(model.settings["exponent"]),
            )
        except (KeyError, TypeError, ValueError) as error:
            raise CheckpointError(
                f"open_unmix settings are damaged ({error!r}); export the model again"
            ) from error
        settings._check(model)
        return settings

    def _check(self, model: Model) -> None:
        expectations = {
            "hidden_size": (self.hidden_size, self.hidden_size >= 1, "at least 1"),
            "nb_layers": (self.nb_layers, self.nb_layers >= 1, "at least 1"),
            "max_bin": (
                self.max_bin,
                self.max_bin is None or 1 <= self.max_bin <= model.profile.n_bins,
                f"none or 1 to {model.profile.n_bins}",
            ),
            "networks": (
                self.networks,
                self.networks in (model.targets, model.targets[:-1]) and len(self.networks) > 0,
                f"{model.targets} or all but the last",
            ),
            "mask": (self.mask, self.mask in MASKS, f"one of {MASKS}"),
            "exponent": (self.exponent, 0.0 < self.exponent < np.inf, "finite and above 0"),
            "channels": (model.channels, model.channels in (1, 2), "1 or 2"),
        }
        for name, (value, holds, expected) in expectations.items():
            if not holds:
                raise CheckpointError(
                    f"open_unmix model has {name}={value}, expected {expected}; "
                    "export the model again"
                )


def network_shapes(
    n_bins: int, channels: int, hidden_size: int, nb_layers: int, max_bin: int | None
) -> dict[str, tuple[int, ...]]:
    """Keys and shapes of one unidirectional network, in the order of its state_dict."""
    seen, gates, out = max_bin or n_bins, 4 * hidden_size, n_bins * channels
    shapes: dict[str, tuple[int, ...]] = {
        "input_mean": (seen,),
        "input_scale": (seen,),
        "output_scale": (n_bins,),
        "output_mean": (n_bins,),
        "fc1.weight": (hidden_size, seen * channels),
        **_batch_norm_shapes("bn1", hidden_size),
    }
    for layer in range(nb_layers):
        shapes[f"lstm.weight_ih_l{layer}"] = (gates, hidden_size)
        shapes[f"lstm.weight_hh_l{layer}"] = (gates, hidden_size)
        shapes[f"lstm.bias_ih_l{layer}"] = (gates,)
        shapes[f"lstm.bias_hh_l{layer}"] = (gates,)
    return shapes | {
        "fc2.weight": (hidden_size, 2 * hidden_size),
        **_batch_norm_shapes("bn2", hidden_size),
        "fc3.weight": (out, hidden_size),
        **_batch_norm_shapes("bn3", out),
    }


def _batch_norm_shapes(name: str, size: int) -> dict[str, tuple[int, ...]]:
    vectors = ("weight", "bias", "running_mean", "running_var")
    return {f"{name}.{v}": (size,) for v in vectors} | {f"{name}.num_batches_tracked": ()}


def network_weights(model: Model, spec: StreamSpec) -> dict[str, dict[str, np.ndarray]]:
    """Weights of each network by the original's keys, after strict checks.

    Returns:
        {target: {key: array}}, float32 except the batch counters.

    Raises:
        CheckpointError: Keys are missing or foreign, or shapes differ.
        EngineError: The model was made for another profile, channel count or stem set.
    """
    settings = OpenUnmixSettings.of(model)
    _check_fits(model, spec)
    shapes = network_shapes(
        spec.profile.n_bins,
        spec.channels,
        settings.hidden_size,
        settings.nb_layers,
        settings.max_bin,
    )
    expected = {
        f"{target}.{key}": shape for target in settings.networks for key, shape in shapes.items()
    }
    _check_keys(model.weights, expected)
    return {
        target: {key: _as_float32(model.weights[f"{target}.{key}"]) for key in shapes}
        for target in settings.networks
    }


def _as_float32(array: np.ndarray) -> np.ndarray:
    return array.astype(np.float32, copy=False) if array.dtype.kind == "f" else array


def _check_fits(model: Model, spec: StreamSpec) -> None:
    for name, has, wanted in (
        ("windows", _windows(model.profile), _windows(spec.profile)),
        ("channels", model.channels, spec.channels),
        ("targets", model.targets, spec.targets),
    ):
        if has != wanted:
            raise EngineError(
                f"the open_unmix model was made for {name} {has}, the stream has {wanted}; "
                "choose a preset whose model matches"
            )


def _windows(profile: Profile) -> tuple[int, int, int]:
    return profile.n_fft, profile.synthesis_length, profile.hop


def _check_keys(weights: Mapping[str, np.ndarray], expected: Mapping[str, tuple[int, ...]]) -> None:
    missing = sorted(expected.keys() - weights.keys())
    foreign = sorted(weights.keys() - expected.keys())
    if missing or foreign:
        raise CheckpointError(
            f"open_unmix weights do not match: missing {_few(missing)}, foreign {_few(foreign)}; "
            "export the model again"
        )
    for key, shape in expected.items():
        if weights[key].shape != shape:
            raise CheckpointError(
                f"open_unmix weight {key} has shape {weights[key].shape}, expected {shape}; "
                "export the model again"
            )


def _few(names: list[str], shown: int = 4) -> str:
    if not names:
        return "none"
    more = f" and {len(names) - shown} more" if len(names) > shown else ""
    return ", ".join(names[:shown]) + more
