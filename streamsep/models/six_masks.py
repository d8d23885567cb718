"""Six masks from three cues, a partition of unity that the tables of `cue_lstm` mix into stems."""

from __future__ import annotations

import torch


def six_masks(features: torch.Tensor) -> torch.Tensor:
    """{percussive, tonal, neither} x {centre, side} of bins. [..., CUES] -> [..., 6], sums to 1."""
    contrast = 2.0 * (features[..., 0] - features[..., 1])
    tonal = torch.sigmoid(1.5 * (contrast - 1.0))
    percussive = torch.sigmoid(1.5 * (-contrast - 1.0))
    neither = 1.0 - tonal - percussive
    centre = features[..., 3].clamp(0.0, 1.0)
    # The root of 0 has no derivative; features are constants here, so nothing flows through it.
    centre = centre * torch.sqrt(centre)
    parts = (percussive, tonal, neither)
    return torch.stack([part * side for part in parts for side in (centre, 1.0 - centre)], -1)
