"""`cue_lstm` for the graph: what does not depend on the sound is computed once, not in every frame.

The reference interpolates its tables from bands to bins in each step; here they are held per bin. Axes
of what is per bin are [streams, features, bins], the order in which the cues come.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor
from torch.nn.functional import linear

from streamsep.engine.graph.layout import Memory, StateNames
from streamsep.engine.graph.products import Product, lstm_cell
from streamsep.features.cue_state import CueState, choose
from streamsep.features.cue_tables import BAND_CUES, CUES
from streamsep.features.fine_grid import FINE_ROWS
from streamsep.masking import with_residual
from streamsep.model import Model
from streamsep.models.cue_lstm import N_POSITION
from streamsep.models.cue_lstm_weights import from_model
from streamsep.models.six_masks import six_masks
from streamsep.spec import StreamSpec

_STATE = StateNames(CueState)


class CueNetwork(torch.nn.Module):
    """Masks of one frame; see `program.Network`."""

    weights: Tensor
    slopes: Tensor
    bias: Tensor
    all_shares: Tensor
    fine_reading: Tensor

    @torch.no_grad()
    def __init__(self, model: Model, spec: StreamSpec, dtype: torch.dtype) -> None:
        super().__init__()
        reference = from_model(model, spec)
        self.spec, self.cues = spec, reference.cues
        self.n_hidden = reference.lstm.hidden_size
        shares: Any = reference.shares
        lstm: Any = reference.lstm
        fine_shares: Any = reference.fine_shares
        self.has_fine = reference.has_fine
        self.register_buffer("all_shares", torch.cat([shares, fine_shares]))
        self.register_buffer("fine_reading", reference.fine_reading)
        logits = torch.einsum("njc,ns->sjc", reference.cue_logits, shares)
        self.register_buffer("weights", torch.softmax(logits, 1))
        self.register_buffer("slopes", torch.einsum("njk,ns->sjk", reference.slopes, shares))
        self.register_buffer("bias", torch.einsum("nj,ns->js", reference.bias, shares))
        recurrent = torch.cat([lstm.weight_ih_l0, lstm.weight_hh_l0], 1)
        self.read = Product(*_weights(reference.context_input), dtype)
        self.layer = Product(recurrent, lstm.bias_ih_l0 + lstm.bias_hh_l0, dtype)
        self.say = Product(*_weights(reference.context_output), dtype)
        self.local = _Local(reference, shares, dtype) if reference.has_local else None

    def examples(self) -> Memory:
        """See `program.Network`."""
        zeros = torch.zeros(1, self.n_hidden)
        return _STATE.memory(self.cues.init_state(1)) | {"hidden": zeros, "cell": zeros}

    def forward(self, spectrum: Tensor, memory: Memory) -> tuple[Tensor, Memory]:
        """See `program.Network`."""
        hidden, cell = memory["hidden"], memory["cell"]
        old = _STATE.state(memory)
        features, bands, counts, new = self.cues.frame(spectrum, old)
        cues = _STATE.memory(choose(counts, new, old))
        inputs = bands.transpose(1, 2).flatten(1)
        if self.has_fine:
            inputs = torch.cat(
                [inputs, (features[:, FINE_ROWS] @ self.fine_reading.T).flatten(1)], 1
            )
        heard = torch.relu(self.read(inputs))
        said, changed = lstm_cell(self.layer, heard, hidden, cell, self.cues.tables.memory)
        delta = self.say(said).unflatten(-1, (-1, self.bias.shape[0])).transpose(1, 2)
        six = six_masks(features.transpose(1, 2)).transpose(1, 2)
        logits = torch.log(self._per_bin(six, self.weights) + 1e-3)
        logits = (
            logits + self._per_bin(features, self.slopes) + (delta @ self.all_shares + self.bias)
        )
        if self.local is not None:
            logits = logits + self.local(features, bands)
        masks = with_residual(torch.softmax(logits, 1), len(self.spec.targets))
        masks = masks[:, :, None].expand(-1, -1, spectrum.shape[1], -1)
        hears = counts[:, None]
        lasting = {
            "n_loud": new.n_loud,  # goes on, or an outburst that lasts would never be believed
            "hidden": torch.where(hears, said, hidden),
            "cell": torch.where(hears, changed, cell),
        }
        return masks, cues | lasting

    def _per_bin(self, x: Tensor, table: Tensor) -> Tensor:
        """sum_k table[s, j, k] x[b, k, s] -> [b, j, s], by the form that the products have."""
        if self.read.is_summed:
            return (x[:, None] * table.permute(1, 2, 0)).sum(2)
        return torch.einsum("bks,sjk->bjs", x, table)


class _Local(torch.nn.Module):
    """The network with the same weights in every bin."""

    around: Tensor
    shares: Tensor

    def __init__(self, reference: Any, shares: Tensor, dtype: torch.dtype) -> None:
        super().__init__()
        first = reference.local_input
        per_bin, per_band, per_place = first.weight.split(
            (len(CUES), len(BAND_CUES), N_POSITION), 1
        )
        self.register_buffer("shares", shares)
        place = linear(reference.position, per_place, first.bias)
        self.register_buffer("around", torch.einsum("nh,ns->sh", place, shares))
        nothing = torch.zeros(len(per_bin))
        self.of_bins, self.of_bands = (Product(w, nothing, dtype) for w in (per_bin, per_band))
        self.middle = Product(*_weights(reference.local_middle), dtype)
        self.output = Product(*_weights(reference.local_output), dtype)

    def forward(self, features: Tensor, bands: Tensor) -> Tensor:
        """Features [streams, CUES, bins] and inputs of the bands to logits [streams, targets, bins]."""
        near = self.of_bands(bands.transpose(1, 2)).transpose(1, 2) @ self.shares
        seen = self.of_bins(features.transpose(1, 2)) + near.transpose(1, 2) + self.around
        return self.output(torch.relu(self.middle(torch.relu(seen)))).transpose(1, 2)


def _weights(layer: torch.nn.Module) -> tuple[Tensor, Tensor]:
    """Matrix and bias of a linear layer."""
    weight, bias = layer.weight, layer.bias
    assert isinstance(weight, Tensor)
    assert isinstance(bias, Tensor)
    return weight, bias
