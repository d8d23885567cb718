"""`cue_lstm`: masks from physical cues, corrected by few weights and by an LSTM over bands.

With the features phi_k and six cue masks (a partition of unity, see `six_masks`) of every bin,

    logit_j = ln(sum_c w_jc mask_c + 1e-3) + beta_j + sum_k alpha_jk phi_k + delta_j + local_j
    masks   = softmax over stems of the logits

w = softmax over stems of g. The tables g, beta and alpha are per band and interpolated to the bins;
they start as the separator without weights. delta comes from a unidirectional LSTM that sees the
inputs of all bands and says which stem holds how much of a band *now*; the features place it in the
bins. With `fine` the LSTM also hears single bins below 8 kHz (`features.fine_grid`) and says the same of
each of them: so it can tell the partials of a voice from those beside them. local is a small network
with the same weights in every bin; it sees the bin's features, the band inputs around it and where the
bin lies. All of them start at zero.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch.nn.functional import linear

from streamsep.features.cue_state import CueState
from streamsep.features.cue_tables import BAND_CUES, CUES, N_BAND_INPUTS, N_BANDS
from streamsep.features.cues import Cues
from streamsep.features.fine_grid import FINE_CUES, FINE_ROWS, N_FINE, fine_grid
from streamsep.masking import with_residual
from streamsep.models.cue_prior import prior_logits
from streamsep.models.leaky_lstm import run_sequence
from streamsep.models.six_masks import six_masks
from streamsep.spec import StreamSpec

N_POSITION = 12
"""Numbers that tell the local network where a bin lies."""


@dataclass(frozen=True)
class CueLstmState:
    """Zeros at the start.

    Attributes:
        cues: Memory of the features.
        hidden: Output of the LSTM. [batch, n_hidden]
        cell: Its cell. [batch, n_hidden]
    """

    cues: CueState
    hidden: torch.Tensor
    cell: torch.Tensor


class CueLstm(torch.nn.Module):
    """Masks from cues, tables and an LSTM; see the module's docstring.

    Args:
        spec: Windows, rate, channels and stems.
        n_input: Width of the layer before the LSTM.
        n_hidden: Width of the LSTM.
        local: Widths of the two hidden layers of the network shared by all bins; None has none.
        dropout: Share of inputs and outputs of the LSTM that are dropped in training.
        n_classes: Stems that the weights know, where the residual is the sum of several; None is those
            of the spec.
        fine: Whether the LSTM hears and answers the points of the fine grid, too.
    """

    latency_samples = 0
    shares: torch.Tensor
    fine_shares: torch.Tensor
    fine_reading: torch.Tensor

    def __init__(
        self,
        spec: StreamSpec,
        n_input: int = 128,
        n_hidden: int = 256,
        local: tuple[int, int] | None = None,
        dropout: float = 0.1,
        n_classes: int | None = None,
        fine: bool = False,
    ) -> None:
        super().__init__()
        prior = torch.from_numpy(prior_logits(spec.targets))
        if n_classes is not None:
            prior = prior.new_zeros((len(prior), n_classes, prior.shape[-1]))
        n_targets = prior.shape[1]
        self.spec, self.cues = spec, Cues(spec)
        shares = torch.from_numpy(self.cues.tables.interpolation())
        self.register_buffer("shares", shares, persistent=False)
        self.has_fine, n_points = fine, N_FINE if fine else 0
        grid = fine_grid(spec, n_points)
        for name, table in (("fine_shares", grid.shares()), ("fine_reading", grid.reading())):
            self.register_buffer(name, torch.from_numpy(table), persistent=False)
        n_heard = N_BAND_INPUTS + len(FINE_CUES) * n_points
        self.cue_logits = torch.nn.Parameter(prior)
        self.bias = torch.nn.Parameter(torch.zeros(N_BANDS, n_targets))
        self.slopes = torch.nn.Parameter(torch.zeros(N_BANDS, n_targets, len(CUES)))
        self.context_input = torch.nn.Linear(n_heard, n_input)
        self.lstm = torch.nn.LSTM(n_input, n_hidden, batch_first=True)
        self.context_output = torch.nn.Linear(n_hidden, (N_BANDS + n_points) * n_targets)
        torch.nn.init.zeros_(self.context_output.weight)
        torch.nn.init.zeros_(self.context_output.bias)
        self.dropout = torch.nn.Dropout(dropout)
        self.has_local = local is not None
        if local is not None:
            self.position = torch.nn.Parameter(0.3 * torch.randn(N_BANDS, N_POSITION))
            n_seen = len(CUES) + len(BAND_CUES) + N_POSITION
            self.local_input = torch.nn.Linear(n_seen, local[0])
            self.local_middle = torch.nn.Linear(local[0], local[1])
            self.local_output = torch.nn.Linear(local[1], n_targets)
            torch.nn.init.zeros_(self.local_output.weight)
            torch.nn.init.zeros_(self.local_output.bias)

    def init_state(self, batch: int) -> CueLstmState:
        """Nothing heard yet."""
        flat = self.bias.new_zeros((batch, self.lstm.hidden_size))
        return CueLstmState(self.cues.init_state(batch), flat, flat)

    def step(
        self, spectrum: torch.Tensor, state: CueLstmState
    ) -> tuple[torch.Tensor, CueLstmState]:
        """Masks of any number of frames.

        Args:
            spectrum: Mixture, complex [batch, channels, bins, frames].
            state: From `init_state` or the previous step.

        Returns:
            Masks [batch, targets, channels, bins, frames], summing to 1 over targets; new state.
        """
        frames, cues = self.cues.step(spectrum, state.cues)
        hidden, cell, masks = state.hidden, state.cell, []
        for t in range(spectrum.shape[-1]):
            bands = frames.bands[..., t].transpose(1, 2)
            features = frames.bins[..., t].transpose(1, 2)
            heard = [bands.flatten(1)]
            if self.has_fine:
                heard.append(self.read_fine(features).flatten(1))
            driven = self._drive(torch.cat(heard, 1))
            new_hidden, new_cell = self._recur(driven, hidden, cell)
            delta = self.context_output(new_hidden).unflatten(-1, (-1, self.bias.shape[1]))
            logits = self.logits(features[:, None], bands[:, None], delta[:, None])
            masks.append(torch.softmax(logits, -1)[:, 0].transpose(1, 2))
            counts = frames.counts[:, t, None]
            hidden, cell = (
                torch.where(counts, new_hidden, hidden),
                torch.where(counts, new_cell, cell),
            )
        stacked = with_residual(torch.stack(masks, -1), len(self.spec.targets))[:, :, None]
        channels = spectrum.shape[1]
        return stacked.expand(-1, -1, channels, -1, -1), CueLstmState(cues, hidden, cell)

    def offline(self, spectrum: torch.Tensor) -> torch.Tensor:
        """Whole spectrogram: one step with a fresh state."""
        return self.step(spectrum, self.init_state(spectrum.shape[0]))[0]

    def read_fine(self, features: torch.Tensor) -> torch.Tensor:
        """What the points of the fine grid hear. [..., bins, CUES] -> [..., FINE_CUES, points]"""
        return features[..., FINE_ROWS].transpose(-1, -2) @ self.fine_reading.T

    def context(self, bands: torch.Tensor, fine: torch.Tensor | None = None) -> torch.Tensor:
        """What the LSTM says about whole sequences, for training.

        Args:
            bands: Inputs of the bands. [batch, frames, bands, BAND_CUES]
            fine: Of the points of the fine grid, if it hears them. [batch, frames, FINE_CUES, points]

        Returns:
            Additions to the logits. [batch, frames, bands and points, targets]
        """
        heard = [bands.flatten(2)] if fine is None else [bands.flatten(2), fine.flatten(2)]
        driven = self._drive(self.dropout(torch.cat(heard, -1)))
        lstm, memory = self.lstm, self.cues.tables.memory
        hidden = run_sequence(driven, lstm.weight_hh_l0, lstm.bias_hh_l0, memory)
        delta = self.context_output(self.dropout(hidden))
        return delta.unflatten(-1, (-1, self.bias.shape[1]))

    def logits(
        self,
        features: torch.Tensor,
        bands: torch.Tensor,
        delta: torch.Tensor,
        bins: torch.Tensor | None = None,
    ) -> torch.Tensor:
        """Logits of the masks of any bins.

        Args:
            features: [batch, frames, n, CUES]
            bands: Inputs of the bands. [batch, frames, bands, BAND_CUES]
            delta: From the LSTM. [batch, frames, bands and points, targets]
            bins: Indices of the n bins; None is all of them. [batch, n]

        Returns:
            [batch, frames, n, targets]
        """
        shares = _of_bins(self.shares, bins)
        weights = torch.softmax(torch.einsum("njc,bns->bsjc", self.cue_logits, shares), dim=2)
        slopes = torch.einsum("njk,bns->bsjk", self.slopes, shares)
        shared = torch.einsum("btsc,bsjc->btsj", six_masks(features), weights)
        logits = torch.log(shared + 1e-3) + torch.einsum("btsk,bsjk->btsj", features, slopes)
        said = delta[:, :, :N_BANDS] + self.bias
        logits = logits + torch.einsum("btnj,bns->btsj", said, shares)
        if self.has_fine:
            fine_shares = _of_bins(self.fine_shares, bins)
            logits = logits + torch.einsum("btnj,bns->btsj", delta[:, :, N_BANDS:], fine_shares)
        if self.has_local:
            logits = logits + self._local(features, bands, shares)
        return logits

    def _local(
        self, features: torch.Tensor, bands: torch.Tensor, shares: torch.Tensor
    ) -> torch.Tensor:
        # The layer is linear, so what is per band goes through it before it is interpolated.
        n_cues, n_bands = len(CUES), len(BAND_CUES)
        per_bin, per_band, per_place = self.local_input.weight.split(
            (n_cues, n_bands, N_POSITION), 1
        )
        around = linear(bands, per_band) + linear(self.position, per_place, self.local_input.bias)
        seen = linear(features, per_bin) + torch.einsum("btnh,bns->btsh", around, shares)
        return self.local_output(torch.relu(self.local_middle(torch.relu(seen))))

    def _drive(self, heard: torch.Tensor) -> torch.Tensor:
        """What all that is heard adds to the gates. [..., heard] -> [..., 4 n_hidden]"""
        seen = torch.relu(self.context_input(heard))
        return linear(seen, self.lstm.weight_ih_l0, self.lstm.bias_ih_l0)

    def _recur(
        self, driven: torch.Tensor, hidden: torch.Tensor, cell: torch.Tensor
    ) -> tuple[torch.Tensor, torch.Tensor]:
        """One step of the LSTM, gates in PyTorch's order: input, forget, cell, output.

        The cell also forgets in 0.5 s whatever its gates say. Without that a network that learned
        from five seconds remembers a gap or a burst for minutes; with it the loss is the same.
        """
        gates = driven + linear(hidden, self.lstm.weight_hh_l0, self.lstm.bias_hh_l0)
        write, forget, candidate, read = gates.chunk(4, dim=-1)
        cell = self.cues.tables.memory * torch.sigmoid(forget) * cell
        cell = cell + torch.sigmoid(write) * torch.tanh(candidate)
        return torch.sigmoid(read) * torch.tanh(cell), cell


def _of_bins(shares: torch.Tensor, bins: torch.Tensor | None) -> torch.Tensor:
    """Shares in the chosen bins. [places, bins] -> [batch, places, n]; in all: [1, places, bins]"""
    return shares[None] if bins is None else shares[:, bins].transpose(0, 1)
