"""Open-Unmix in training: causal, frame by frame, as masks; or bidirectional, as published.

It learns either *magnitudes*, each network its own target from |X| to |S_j|, as the original does, or
*masks*, all networks together, from the stems that their masks make of X. A causal network that is cut
into pieces of time carries its state from one to the next.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch

from streamsep.errors import ParameterError
from streamsep.models.open_unmix import OpenUnmix, OpenUnmixState
from streamsep.models.open_unmix_masks import OpenUnmixMasks, OpenUnmixMasksState
from streamsep.models.open_unmix_random import BANDWIDTH_HZ
from streamsep.models.open_unmix_weights import MASKS
from streamsep.spec import StreamSpec
from streamsep.stft import Analysis
from streamsep_offline.losses.heard import Heard
from streamsep_offline.separation.stft import Stft
from streamsep_offline.tables import check_known
from streamsep_offline.training.feed import Batch
from streamsep_offline.training.optimise import Group
from streamsep_offline.training.tasks.open_unmix_export import export_causal, export_offline

LEARNS = ("masks", "magnitudes")


@dataclass(frozen=True)
class OpenUnmixDesign:
    """The table [model] of an Open-Unmix.

    Attributes:
        kind: "open_unmix".
        profile: Name of the window pair of a causal one; a bidirectional one has Hann windows of
            that profile's length and hop.
        bidirectional: Whether it hears the future; then it separates files, not streams.
        hidden_size: Width of the networks.
        layers: LSTM layers.
        bandwidth_hz: Highest frequency that the networks see.
        learns: "masks" (causal only) or "magnitudes".
        mask: "softmax" or "ratio", how a causal one's gains become masks; those that learned
            magnitudes have "ratio".
        exponent: Of the mask.
        statistics: Excerpts that mean and deviation of the input are measured on.
    """

    kind: str
    profile: str = "stage"
    bidirectional: bool = False
    hidden_size: int = 512
    layers: int = 3
    bandwidth_hz: float = BANDWIDTH_HZ
    learns: str = "masks"
    mask: str = "softmax"
    exponent: float = 1.0
    statistics: int = 64

    def __post_init__(self) -> None:
        if self.learns not in LEARNS or (self.bidirectional and self.learns != "magnitudes"):
            raise ParameterError(
                f'model.learns is \'{self.learns}\'; write "magnitudes", or "masks" for a causal network'
            )
        check_known(self.mask, MASKS, "model.mask")
        if not self.bidirectional and (self.learns, self.mask) == ("magnitudes", "softmax"):
            raise ParameterError(
                "model.mask is 'softmax', which is of networks that learn masks; write \"ratio\" for "
                "magnitudes"
            )


class OpenUnmixTask(torch.nn.Module):
    """Trains one network per stem; a `Task`.

    Args:
        design: Sizes.
        spec: Windows, rate, channels and stems.
        loss: Of what was heard; see `streamsep_offline.losses`.
        seed: Of the weights.
    """

    def __init__(self, design: OpenUnmixDesign, spec: StreamSpec, loss: Any, seed: int) -> None:
        super().__init__()
        torch.manual_seed(seed)
        self.design, self.spec, self._loss = design, spec, loss
        n_seen = int(design.bandwidth_hz * spec.profile.n_fft / spec.sample_rate) + 1
        networks = {
            name: OpenUnmix(
                spec.profile.n_bins,
                spec.channels,
                design.hidden_size,
                design.layers,
                not design.bidirectional,
                max_bin=min(n_seen, spec.profile.n_bins),
            )
            for name in spec.targets
        }
        if design.bidirectional:
            self.network: torch.nn.Module = torch.nn.ModuleDict(networks)
            self._analysis = Stft(spec.profile.n_fft, spec.profile.hop).spectra
        else:
            self.network = OpenUnmixMasks(networks, len(networks), design.mask, design.exponent)
            self.analysis = Analysis(spec.profile, spec.channels)
            self._analysis = self._analyse

    @property
    def networks(self) -> Mapping[str, OpenUnmix]:
        """The network of each stem."""
        network = self.network
        return network.networks if isinstance(network, OpenUnmixMasks) else network  # type: ignore

    def groups(self) -> Mapping[str, Group]:
        """One group: all weights."""
        return {"all": Group(list(self.network.parameters()))}

    @torch.no_grad()
    def pieces(self, batch: Batch, n: int) -> list[Batch]:
        """Spectra of mixture and stems, stretches of time one after the other.

        Args:
            batch: Mixtures [batch, channels, samples] and stems [batch, targets, channels, samples].
            n: How many at most; 1 is the whole.
        """
        hop, (mixture, stems) = self.spec.profile.hop, batch
        whole = mixture.shape[-1] // hop * hop
        spectra = [self._analysis(audio[..., :whole].float()) for audio in (mixture, stems)]
        return list(zip(*(x.chunk(n, dim=-1) for x in spectra), strict=True))

    def forward(self, piece: Batch, state: Any) -> tuple[torch.Tensor, Any]:
        """Loss of a piece; the state without its past."""
        mixture, references = piece
        estimates, state = self._estimate(mixture, state)
        heard = Heard(mixture, references, estimates, self.spec.profile, self.spec.sample_rate)
        return self._loss(heard), state

    def measure_input(self, mixtures: list[np.ndarray]) -> None:
        """Set mean and deviation of the input's magnitude in each bin, as the original does.

        Args:
            mixtures: [channels, samples] each.
        """
        total, squares, n_frames = 0.0, 0.0, 0
        for mixture in mixtures:
            whole = mixture.shape[-1] // self.spec.profile.hop * self.spec.profile.hop
            audio = torch.from_numpy(np.ascontiguousarray(mixture[None, :, :whole]))
            magnitude = self._analysis(audio).abs().mean(dim=(0, 1)).double()
            total = total + magnitude.sum(dim=-1)
            squares = squares + magnitude.square().sum(dim=-1)
            n_frames += magnitude.shape[-1]
        mean = total / n_frames
        deviation = (squares / n_frames - mean**2).clamp_min(0.0).sqrt()
        deviation = deviation.clamp_min(1e-4 * float(deviation.max()))
        for network in self.networks.values():
            seen = network.nb_bins
            network.input_mean.data.copy_(-mean[:seen])
            network.input_scale.data.copy_(1.0 / deviation[:seen])

    def export(self, folder: Path, card: dict[str, Any]) -> None:
        """Write a model folder, or for a bidirectional one a folder in Open-Unmix's own layout."""
        write = export_offline if self.design.bidirectional else export_causal
        write(folder, self.spec, self.design, dict(self.networks), card)

    def _analyse(self, audio: torch.Tensor) -> torch.Tensor:
        flat = audio.reshape(-1, *audio.shape[-2:])
        return self.analysis.offline(flat).unflatten(0, audio.shape[:-2])

    def _estimate(self, mixture: torch.Tensor, state: Any) -> tuple[torch.Tensor, Any]:
        """Stems' spectra, or their magnitudes where these are learned."""
        if self.design.bidirectional:
            magnitude = mixture.abs()
            return torch.stack([n(magnitude) for n in self.networks.values()], 1), None
        network = self.network
        assert isinstance(network, OpenUnmixMasks)
        memory = network.init_state(len(mixture))
        if state is not None:
            memory = OpenUnmixMasksState(tuple(OpenUnmixState(*one) for one in state))
        if self.design.learns == "masks":
            masks, memory = network.step(mixture, memory)
            return masks * mixture[:, None], _without_past(memory)
        magnitude = mixture.abs()
        stepped = [
            n.step(magnitude, one)
            for n, one in zip(self.networks.values(), memory.networks, strict=True)
        ]
        memory = OpenUnmixMasksState(tuple(one for _, one in stepped))
        return torch.stack([estimate for estimate, _ in stepped], 1), _without_past(memory)


def _without_past(state: OpenUnmixMasksState) -> tuple[tuple[torch.Tensor, torch.Tensor], ...]:
    """The state as plain tensors, which Fabric can move, cut off from what led to them."""
    return tuple((one.hidden.detach(), one.cell.detach()) for one in state.networks)
