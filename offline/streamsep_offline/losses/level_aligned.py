"""The error power of every stem in half-second pieces, on the scale of decibels.

Over a piece of time, stem j of a mixture X has the error power E_j = sum over frames and bins of
|Z_j - S_j|^2; with a mask, Z = m X, and

    E_j = sum over frames and bins of m^2 |X|^2 - 2 m Re(X* S_j) + |S_j|^2

The loss is the mean of 10 lg(E_j / E_mixture + 0.01), floored at -20 dB, weighted by
clip(E_Sj / (0.02 E_mixture), 0.1, 1): a stem below -17 dB of the mixture weighs less, down to a tenth.
Level-free: no piece is louder than another. Pieces 30 dB below their example's mean are pauses and do
not count; nor does the first piece, in which a causal model's memories are empty.

Source: ours; measured against others when the first models were made.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import ClassVar

import torch

from streamsep.errors import ParameterError
from streamsep_offline.losses.heard import Heard
from streamsep_offline.losses.spectra import squared_modulus
from streamsep_offline.tables import check_numbers, number

PIECE_S = 0.5
"""Length of a piece in seconds."""

_FLOOR = 0.01
_QUIET = 0.02


def piece_loss(error: torch.Tensor, stem: torch.Tensor, whole: torch.Tensor) -> torch.Tensor:
    """The loss in dB from powers of pieces; see the module's docstring.

    Args:
        error: E_j. [batch, pieces, targets]
        stem: Power of the true stems. Same shape.
        whole: Power of the mixture, > 0. [batch, pieces, 1]

    Returns:
        A scalar, -20 to about 0; 0 where the estimate of every stem is silence or worse luck.
    """
    importance = (stem / (_QUIET * whole)).clamp(0.1, 1.0)
    # Pieces 30 dB below the example's mean are pauses.
    importance = importance * (whole > 1e-3 * whole.mean(dim=1, keepdim=True))
    decibels = 10.0 / math.log(10.0) * torch.log(error / whole + _FLOOR)
    return (decibels * importance).sum() / importance.sum()


def mask_loss(
    masks: torch.Tensor,
    mixture: torch.Tensor,
    cross: torch.Tensor,
    references: torch.Tensor,
    weights: torch.Tensor,
    frames_per_piece: int,
) -> torch.Tensor:
    """The loss in dB of masks in chosen bins, from powers that were prepared.

    Args:
        masks: [batch, frames, targets, bins]
        mixture: |X|^2, summed over channels. [batch, frames, bins]
        cross: Re X* S. [batch, frames, targets, bins]
        references: |S|^2. [batch, frames, targets, bins]
        weights: How many bins each bin stands for. [batch, bins]
        frames_per_piece: Frames of a piece; frames beyond the last whole piece and the first piece,
            in which memories are empty, do not count.

    Returns:
        A scalar.
    """

    def per_piece(power: torch.Tensor) -> torch.Tensor:
        summed = torch.einsum("bt...s,bs->bt...", power, weights)
        return _pieces(summed, frames_per_piece)[:, 1:]

    error = per_piece(masks**2 * mixture[:, :, None] - 2.0 * masks * cross + references).clamp_min(
        0.0
    )
    return piece_loss(error, per_piece(references), per_piece(mixture)[..., None] + 1e-6)


@dataclass(frozen=True)
class LevelAligned:
    """The same from whole spectra of any estimates; degree 0.

    Attributes:
        piece_s: Length of a piece in seconds, 0.05 to 10.
        skip: Pieces at the start that do not count, 0 to 100: 1 for causal models, 0 for others.
    """

    degree: ClassVar[float] = 0.0

    piece_s: float = number(PIECE_S, 0.05, 10.0)
    skip: int = number(1, 0, 100)

    def __post_init__(self) -> None:
        check_numbers(self, "loss LevelAligned")

    def __call__(self, heard: Heard) -> torch.Tensor:
        """See `Loss`.

        Raises:
            ParameterError: An example has no piece that counts.
        """
        n = max(1, round(self.piece_s * heard.sample_rate / heard.profile.hop))
        n_frames = heard.mixture.shape[-1]
        if n_frames // n <= self.skip:
            raise ParameterError(
                f"loss LevelAligned: an example of {n_frames} frames has {n_frames // n} pieces of "
                f"{self.piece_s} s, of which {self.skip} do not count; use longer examples"
            )
        scale = 1.0 / heard.level**2

        def per_piece(power: torch.Tensor) -> torch.Tensor:
            """[batch, ..., channels, bins, frames] -> [batch, pieces, ...]"""
            summed = power.sum(dim=(-3, -2)).movedim(-1, 1)
            summed = summed * scale.view(-1, *[1] * (summed.ndim - 1))
            return _pieces(summed, n)[:, self.skip :]

        error = per_piece(squared_modulus(heard.estimates, heard.references))
        stem = per_piece(heard.reference_magnitudes.square())
        whole = per_piece(heard.mixture_magnitude.square())[..., None] + 1e-6
        return piece_loss(error, stem, whole)


def _pieces(power: torch.Tensor, frames_per_piece: int) -> torch.Tensor:
    """Sums over whole pieces. [batch, frames, ...] -> [batch, pieces, ...]"""
    n = power.shape[1] // frames_per_piece
    whole = power[:, : n * frames_per_piece]
    return whole.unflatten(1, (n, frames_per_piece)).sum(dim=2)
