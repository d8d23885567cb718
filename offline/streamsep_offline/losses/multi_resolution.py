"""Magnitudes of the stems' sound at several resolutions: what one window smears another shows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import torch

from streamsep.errors import ParameterError
from streamsep_offline.losses.heard import FLOOR, Heard
from streamsep_offline.losses.loss import PerStem

_QUIET = 1000.0


def spectral_distance(
    estimate: torch.Tensor, reference: torch.Tensor, floor: torch.Tensor
) -> torch.Tensor:
    """|| Y - V || / max(|| Y ||, || 1000 e ||) + mean |ln(Y + e) - ln(V + e)| of magnitudes.

    Source: Yamamoto, Song, Kim, "Parallel WaveGAN", ICASSP 2020 (spectral convergence and log magnitude).
    The floor is new: without it a whisper in a silent stem outweighs everything else.

    Args:
        estimate: V >= 0. [batch, targets, bins]
        reference: Y. Same shape.
        floor: e, magnitude that counts as none, 80 dB below the mixture; a stem 20 dB below the mixture
            weighs as much as one that is silent. [batch, 1, 1]

    Returns:
        [batch, targets]
    """
    n = reference.shape[-1]
    # The norm of nothing has no slope; the floor's square gives it one.
    error = ((estimate - reference).square().sum(dim=-1) + floor[..., 0] ** 2).sqrt()
    least = _QUIET * floor[..., 0] * n**0.5
    norm = torch.maximum(reference.square().sum(dim=-1).sqrt(), least)
    logarithms = torch.log((reference + floor) / (estimate + floor)).abs().mean(dim=-1)
    return error / norm + logarithms


@dataclass(frozen=True)
class MultiResolution(PerStem):
    """Mean of `spectral_distance` over window lengths, Hann windows, hops of a quarter; degree 0.

    Attributes:
        n_fft: Window lengths in samples, each at most an example's length.
    """

    degree: ClassVar[float] = 0.0

    n_fft: tuple[int, ...] = (512, 1024, 2048)

    def __post_init__(self) -> None:
        super().__post_init__()
        if not self.n_fft or any(not isinstance(n, int) or n < 4 for n in self.n_fft):
            raise ParameterError(
                f"loss MultiResolution: n_fft={list(self.n_fft)} must be whole numbers, each at least 4"
            )

    def figures(self, heard: Heard) -> torch.Tensor:
        """See `PerStem`.

        Raises:
            ParameterError: An example is shorter than a window.
        """
        distances = [self._distance(heard, n) for n in self.n_fft]
        return torch.stack(distances).mean(dim=0)

    def _distance(self, heard: Heard, n_fft: int) -> torch.Tensor:
        n_samples = heard.estimate_audio.shape[-1]
        if n_samples < n_fft:
            raise ParameterError(
                f"loss MultiResolution: n_fft={n_fft} is longer than an example of {n_samples} samples; "
                "use shorter windows or longer examples"
            )
        window = torch.hann_window(
            n_fft, dtype=heard.estimate_audio.dtype, device=heard.estimate_audio.device
        )
        floor = FLOOR * heard.audio_level[:, None, None] * window.square().sum().sqrt()

        def magnitudes(audio: torch.Tensor) -> torch.Tensor:
            frames = audio.unfold(-1, n_fft, n_fft // 4) * window
            return torch.fft.rfft(frames).abs().flatten(2)

        return spectral_distance(
            magnitudes(heard.estimate_audio), magnitudes(heard.reference_audio), floor
        )
