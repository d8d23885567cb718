"""What the pipeline asks of a spectrogram network: magnitudes of every target from a mixture's spectra.

Conventions: spectra complex64 [batch, channels, bins, frames], time last. The frames are those of a
periodic Hann window of `n_fft` samples that advances by `hop`; frame t is centred on sample t hop of the
song (at the model's rate), and beyond both ends of the song there is silence. The pipeline owns the
transform, the rates, the blocks and the filter; an estimator owns its weights and nothing of the song.

Out of scope: presets, which stream (see `streamed`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol, runtime_checkable

if TYPE_CHECKING:
    import torch


@runtime_checkable
class Estimator(Protocol):
    """A network that hears a stretch of a song at once, both ways in time.

    Attributes:
        name: For people.
        targets: What it estimates, order of the targets axis.
        sample_rate: Rate in Hz that it was trained at; the pipeline resamples.
        channels: Channels that it sees, 1 or 2. A network of one hears the mean magnitude of a pair.
        n_fft: Window in samples.
        hop: Advance in samples; n_fft must be a multiple of it.
        context_frames: Frames that a block needs on either side, so that what it estimates in between is
            within -60 dB of what it would estimate from the whole song.
        device: Where it computes; "cpu", "cuda" or "mps".
    """

    name: str
    targets: tuple[str, ...]
    sample_rate: int
    channels: int
    n_fft: int
    hop: int
    context_frames: int
    device: str

    def magnitudes(self, spectra: torch.Tensor) -> torch.Tensor:
        """Magnitudes of the targets, without gradients; the phase of the spectra must not matter.

        Args:
            spectra: On `device`, not modified. complex64 [batch, channels, bins, frames]

        Returns:
            On `device`, >= 0 and finite, 0 where the mixture is. float32 [batch, targets, channels, bins,
            frames]
        """
