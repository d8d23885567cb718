"""Streaming STFT and overlap-add in PyTorch: the reference for every engine, differentiable for training.

Conventions: audio [batch, channels, samples], spectra complex [..., channels, bins, frames], time last.
Frame t covers the n_fft samples that end at (t + 1) hop; samples before the start are zero. The state is
explicit: `step` takes any whole number of hops, and `offline` is one step with a fresh state.
Out of scope: centred frames and reflection padding (they look into the future).
"""

from __future__ import annotations

from dataclasses import dataclass

import torch

from streamsep.errors import ShapeError
from streamsep.spec import Profile
from streamsep.windows import window_pair


@dataclass(frozen=True)
class AnalysisState:
    """Past samples that the next frame still sees. [batch, channels, n_fft - hop], zeros at the start."""

    history: torch.Tensor


class Analysis(torch.nn.Module):
    """Samples to spectra, X[k, t] = sum_n a[n] x[(t + 1) hop - n_fft + n] exp(-2 pi i k n / n_fft).

    Args:
        profile: Window pair.
        channels: Channels of the audio.
        dtype: float32, or float64 where a test wants no rounding.

    Latency: 0 samples (the delay arises in the overlap-add). In place: no.
    """

    latency_samples = 0
    window: torch.Tensor

    def __init__(self, profile: Profile, channels: int, dtype: torch.dtype = torch.float32) -> None:
        super().__init__()
        self.profile, self.channels = profile, channels
        self.register_buffer(
            "window", torch.tensor(window_pair(profile)[0], dtype=dtype), persistent=False
        )

    def init_state(self, batch: int) -> AnalysisState:
        """Silence before the first sample."""
        shape = (batch, self.channels, self.profile.n_fft - self.profile.hop)
        return AnalysisState(self.window.new_zeros(shape))

    def step(self, audio: torch.Tensor, state: AnalysisState) -> tuple[torch.Tensor, AnalysisState]:
        """Any whole number of hops to as many frames.

        Args:
            audio: [batch, channels, n hop]
            state: From `init_state` or the previous step.

        Returns:
            Spectra [batch, channels, bins, n]; new state.

        Raises:
            ShapeError: The samples are not a whole number of hops.
        """
        n_fft, hop = self.profile.n_fft, self.profile.hop
        if audio.shape[-1] % hop:
            raise ShapeError(
                f"{audio.shape[-1]} samples are no whole number of hops of {hop}; pad or rebuffer"
            )
        known = torch.cat([state.history, audio], dim=-1)
        frames = known.unfold(-1, n_fft, hop) * self.window
        spectrum = torch.fft.rfft(frames).transpose(-1, -2)
        return spectrum, AnalysisState(known[..., known.shape[-1] - (n_fft - hop) :])

    def offline(self, audio: torch.Tensor) -> torch.Tensor:
        """Whole signal: one step with a fresh state."""
        return self.step(audio, self.init_state(audio.shape[0]))[0]


@dataclass(frozen=True)
class SynthesisState:
    """Unfinished samples that wait for later frames. [..., S - hop], zeros at the start."""

    overlap: torch.Tensor


class Synthesis(torch.nn.Module):
    """Spectra to samples by overlap-add of the short synthesis window.

    Args:
        profile: Window pair.
        dtype: float32 or float64.

    Latency: S - hop samples after `Analysis`. In place: no.
    """

    window: torch.Tensor

    def __init__(self, profile: Profile, dtype: torch.dtype = torch.float32) -> None:
        super().__init__()
        self.profile = profile
        self.register_buffer(
            "window", torch.tensor(window_pair(profile)[1], dtype=dtype), persistent=False
        )

    @property
    def latency_samples(self) -> int:
        """Delay of the samples behind those that `Analysis` was given."""
        return self.profile.synthesis_length - self.profile.hop

    def init_state(self, *leading: int) -> SynthesisState:
        """Silence before the first sample, for spectra [*leading, bins, frames]."""
        return SynthesisState(self.window.new_zeros((*leading, self.latency_samples)))

    def step(
        self, spectrum: torch.Tensor, state: SynthesisState
    ) -> tuple[torch.Tensor, SynthesisState]:
        """n frames to n hops of samples.

        Args:
            spectrum: [..., bins, n]
            state: From `init_state` or the previous step.

        Returns:
            Samples [..., n hop]; new state.
        """
        hop, n_frames = self.profile.hop, spectrum.shape[-1]
        frames = torch.fft.irfft(spectrum.transpose(-1, -2), n=self.profile.n_fft)
        frames = frames[..., -self.profile.synthesis_length :] * self.window
        # Cut every frame into pieces of a hop: piece k of frame t falls on hop t + k of the output.
        pieces = frames.unflatten(-1, (-1, hop))
        summed = torch.nn.functional.pad(
            state.overlap.unflatten(-1, (-1, hop)), (0, 0, 0, n_frames)
        )
        for k in range(pieces.shape[-2]):
            before, after = k, summed.shape[-2] - n_frames - k
            summed = summed + torch.nn.functional.pad(pieces[..., k, :], (0, 0, before, after))
        finished, waiting = summed[..., :n_frames, :], summed[..., n_frames:, :]
        return finished.flatten(-2), SynthesisState(waiting.flatten(-2))

    def offline(self, spectrum: torch.Tensor) -> torch.Tensor:
        """Whole spectrogram: one step with a fresh state."""
        return self.step(spectrum, self.init_state(*spectrum.shape[:-2]))[0]
