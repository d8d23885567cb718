"""Causal Open-Unmix as a mask model: one network per target, gains turned into masks that sum to 1.

Under the contract of `streamsep.models`. The networks see magnitudes of the profile's own analysis
window, unscaled: |sum_n a[n] x[n] exp(-2 pi i k n / N)|, samples in -1 to 1.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import cast

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from streamsep.errors import ShapeError
from streamsep.masking import TARGETS_AXIS, ratio_masks, residual_gain, softmax_masks
from streamsep.model import Model
from streamsep.models.open_unmix import OpenUnmix, OpenUnmixState
from streamsep.models.open_unmix_weights import OpenUnmixSettings, network_weights
from streamsep.spec import StreamSpec


@dataclass(frozen=True)
class OpenUnmixMasksState:
    """The states of the networks, in the order of `OpenUnmixMasks.networks`."""

    networks: tuple[OpenUnmixState, ...]


class OpenUnmixMasks(nn.Module):
    """Networks of several targets and the mask that joins them.

    Args:
        networks: Causal networks by target, in the order of the targets axis.
        n_targets: Targets; one more than networks where the residual has none.
        mask: "ratio" or "softmax".
        exponent: Exponent of the mask, > 0.
    """

    latency_samples = 0

    def __init__(
        self, networks: dict[str, OpenUnmix], n_targets: int, mask: str, exponent: float
    ) -> None:
        super().__init__()
        self.networks = nn.ModuleDict(networks)
        self.n_targets = n_targets
        self.mask = mask
        self.exponent = exponent

    def init_state(self, batch: int) -> OpenUnmixMasksState:
        """State before the first frame."""
        return OpenUnmixMasksState(tuple(n.init_state(batch) for n in self._in_order))

    def step(
        self, spectrum: Tensor, state: OpenUnmixMasksState
    ) -> tuple[Tensor, OpenUnmixMasksState]:
        """Masks of the next frames, any count of them.

        Args:
            spectrum: Mixture, complex. [batch, channels, bins, frames]
            state: From `init_state` or the previous step.

        Returns:
            Masks in 0 to 1, sum 1 over targets [batch, targets, channels, bins, frames]; the new
            state.

        Raises:
            ShapeError: The spectrum has not four axes, or not the networks' channels and bins.
        """
        if spectrum.ndim != 4:
            raise ShapeError(
                f"spectrum has shape {tuple(spectrum.shape)}, "
                "expected [batch, channels, bins, frames]; add the missing axes"
            )
        magnitude = spectrum.abs()
        stepped = [
            network.gain(magnitude, memory)
            for network, memory in zip(self._in_order, state.networks, strict=True)
        ]
        gains = torch.stack([gain for gain, _ in stepped], TARGETS_AXIS)
        return self._masks(gains), OpenUnmixMasksState(tuple(memory for _, memory in stepped))

    def offline(self, spectrum: Tensor) -> Tensor:
        """Masks of a whole signal; see `step`."""
        return self.step(spectrum, self.init_state(spectrum.shape[0]))[0]

    @property
    def _in_order(self) -> list[OpenUnmix]:
        return [cast(OpenUnmix, network) for network in self.networks.values()]

    def _masks(self, gains: Tensor) -> Tensor:
        """Masks of all targets from the networks' gains before their ReLU."""
        has_residual_network = len(self.networks) == self.n_targets
        if self.mask == "softmax":
            if not has_residual_network:
                reference = torch.zeros_like(gains.narrow(TARGETS_AXIS, 0, 1))
                gains = torch.cat([gains, reference], TARGETS_AXIS)
            return softmax_masks(gains, self.exponent)
        gains = F.relu(gains)
        if not has_residual_network:
            gains = torch.cat([gains, residual_gain(gains)], TARGETS_AXIS)
        return ratio_masks(gains, self.exponent)


def from_model(model: Model, spec: StreamSpec) -> OpenUnmixMasks:
    """The PyTorch module of a model of kind "open_unmix".

    Raises:
        CheckpointError: Settings are damaged, keys missing or foreign, or shapes differ.
        EngineError: The model was made for another profile, channel count or stem set.
    """
    settings = OpenUnmixSettings.of(model)
    networks = {}
    for target, weights in network_weights(model, spec).items():
        network = OpenUnmix(
            nb_bins=spec.profile.n_bins,
            nb_channels=spec.channels,
            hidden_size=settings.hidden_size,
            nb_layers=settings.nb_layers,
            unidirectional=True,
            max_bin=settings.max_bin,
        )
        network.load_state_dict({key: torch.from_numpy(w.copy()) for key, w in weights.items()})
        networks[target] = network
    return OpenUnmixMasks(networks, len(spec.targets), settings.mask, settings.exponent)
