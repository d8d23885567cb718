"""The loss: error power of every stem in half-second pieces, on the scale of decibels.

With masks m, mixture X and stems S, the error power of stem j over a piece of time is

    E_j = sum over frames and bins of m^2 |X|^2 - 2 m Re(X* S_j) + |S_j|^2

and the loss the mean of 10 log10(E_j / E_mixture + 0.01), floored at -20 dB, weighted by
clip(E_Sj / (0.02 E_mixture), 0.1, 1): a stem below -17 dB of the mixture weighs less, down to a tenth.
Level-free: no piece is louder than another.
"""

from __future__ import annotations

import math

import torch

PIECE_S = 0.5
"""Length of a piece in seconds."""

_FLOOR = 0.01
_QUIET = 0.02


def mask_loss(
    masks: torch.Tensor,
    mixture: torch.Tensor,
    cross: torch.Tensor,
    references: torch.Tensor,
    weights: torch.Tensor,
    frames_per_piece: int,
) -> torch.Tensor:
    """The loss in dB, lower is better; 0 where the estimate of every stem is silence or worse luck.

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
    n = masks.shape[1] // frames_per_piece

    def per_piece(power: torch.Tensor) -> torch.Tensor:
        summed = torch.einsum("bt...s,bs->bt...", power, weights)[:, : n * frames_per_piece]
        return summed.unflatten(1, (n, frames_per_piece)).sum(dim=2)[:, 1:]

    error = per_piece(masks**2 * mixture[:, :, None] - 2.0 * masks * cross + references).clamp_min(
        0.0
    )
    stem, whole = per_piece(references), per_piece(mixture)[..., None] + 1e-6
    importance = (stem / (_QUIET * whole)).clamp(0.1, 1.0)
    # Pieces 30 dB below the example's mean are pauses.
    importance = importance * (whole > 1e-3 * whole.mean(dim=1, keepdim=True))
    decibels = 10.0 / math.log(10.0) * torch.log(error / whole + _FLOOR)
    return (decibels * importance).sum() / importance.sum()
