"""A cue model in training: the loss at a few bins of stored examples.

See `streamsep.models.cue_lstm`, and `streamsep.models.cue_bilstm` for the one that hears both ways. The
loss leaves the first half second out, in which memories of the past are empty; of the future, five
seconds at 'studio' end 0.4 s after the last whole piece that counts.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch

from streamsep.model import save_model
from streamsep.models import cue_bilstm, cue_lstm_weights
from streamsep.models.cue_bilstm import CueBilstm
from streamsep.models.cue_experts import check_symmetric
from streamsep.models.cue_lstm import CueLstm
from streamsep.spec import StreamSpec, find_profile
from streamsep_offline.losses.level_aligned import PIECE_S, mask_loss
from streamsep_offline.training.cues.kept_bins import bin_weights
from streamsep_offline.training.cues.shards import ONE_WAY, example_arrays
from streamsep_offline.training.feed import Batch
from streamsep_offline.training.optimise import Group

_GROUPS = {
    "tables": ("cue_logits", "bias", "slopes"),
    "context": ("context_", "lstm."),
    "local": ("local_", "position"),
}


@dataclass(frozen=True)
class CueDesign:
    """The table [model] of a cue model.

    Attributes:
        kind: "cue_lstm", or "cue_bilstm" for one that hears both ways.
        profile: Name of the window pair.
        n_input: Width of the layer before the LSTM.
        n_hidden: Width of the LSTM.
        local: Widths of the network shared by all bins; None has none.
        dropout: Share of inputs and outputs of the LSTM that are dropped in training.
        fine: Whether the LSTM hears and answers single bins below 8 kHz, too; see `features.fine_grid`.
        start: Preset or model folder whose weights it begins from; see `training.start`. None draws them.

    Raises:
        PresetError: There is no such profile.
        ParameterError: A model that hears both ways needs a symmetric window.
    """

    kind: str
    profile: str = "stage"
    n_input: int = 128
    n_hidden: int = 256
    local: tuple[int, int] | None = None
    dropout: float = 0.1
    fine: bool = False
    start: str | None = None

    def __post_init__(self) -> None:
        if self.bidirectional:
            check_symmetric(find_profile(self.profile))

    @property
    def bidirectional(self) -> bool:
        """Whether the model hears both ways in time, and so separates files only."""
        return self.kind == "cue_bilstm"

    @property
    def arrays(self) -> tuple[str, ...]:
        """Names of the arrays of a batch."""
        return example_arrays(self.bidirectional, self.fine)


class CueTask(torch.nn.Module):
    """Trains a cue model; a `Task`.

    Args:
        design: Sizes.
        spec: Windows, rate and stems.
        seed: Of the weights.
    """

    def __init__(self, design: CueDesign, spec: StreamSpec, seed: int) -> None:
        super().__init__()
        torch.manual_seed(seed)
        self.design = design
        network = CueBilstm if design.bidirectional else CueLstm
        self.network: CueLstm | CueBilstm = network(
            spec,
            design.n_input,
            design.n_hidden,
            design.local,
            dropout=design.dropout,
            fine=design.fine,
        )

    def groups(self) -> Mapping[str, Group]:
        """Tables per band (without decay), the LSTM, and the network shared by all bins.

        Both experts of a model that hears both ways learn at the same rates.
        """
        named = [
            (name.removeprefix("forwards.").removeprefix("backwards."), w)
            for name, w in self.network.named_parameters()
        ]
        return {
            group: Group(
                [w for name, w in named if name.startswith(prefixes)],
                has_decay=group != "tables",
                has_matrices=group != "tables",
            )
            for group, prefixes in _GROUPS.items()
        }

    def pieces(self, batch: Batch, n: int) -> list[Batch]:
        """The batch itself, whose five seconds fit the LSTM's memory; widened here, half is moved."""
        return [tuple(x.float() if x.is_floating_point() else x.long() for x in batch)]

    def forward(self, piece: Batch, state: None) -> tuple[torch.Tensor, None]:
        """Mean loss of a batch of stored examples, in dB."""
        features, bands, mixture, cross, references, bins, *more = piece
        heard = dict(zip(self.design.arrays[len(ONE_WAY) :], more, strict=True))
        network, spec = self.network, self.network.spec
        if isinstance(network, CueBilstm):
            logits = network.logits(features, bands, bins, **heard)
        else:
            logits = network.logits(features, bands, network.context(bands, **heard), bins)
        masks = torch.softmax(logits, dim=-1).transpose(2, 3)
        signed = cross.sign() * cross**2
        frames = round(PIECE_S / spec.hop_s)
        return mask_loss(
            masks, mixture**2, signed, references**2, bin_weights(bins, spec), frames
        ), None

    def export(self, folder: Path, card: dict[str, Any]) -> None:
        """Write a model folder."""
        network = self.network.eval()
        if isinstance(network, CueBilstm):
            save_model(cue_bilstm.to_model(network, card), folder)
        else:
            save_model(cue_lstm_weights.to_model(network, card), folder)
