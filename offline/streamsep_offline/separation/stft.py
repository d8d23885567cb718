"""Whole-signal STFT and its inverse, the same mathematics for numpy arrays and torch tensors.

    X[k, t] = sum_n w[n] x[t hop + n] exp(-2 pi i k n / n_fft),    w the periodic Hann window

The inverse weights every frame by the window again and divides by the sum of the squared windows, which
is the same for each hop because the frames go on beyond whatever is kept. Conventions: audio
[..., samples], spectra complex [..., bins, frames]. No padding here: whoever calls brings what lies
around. numpy serves the presets, which need no torch; tensors stay on their device.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

import numpy as np

from streamsep.errors import ParameterError

if TYPE_CHECKING:
    import torch

    Array = TypeVar("Array", np.ndarray, torch.Tensor)


class Stft:
    """A window and the transforms by it.

    Args:
        n_fft: Length of a frame.
        hop: Advance; n_fft must be a multiple of it, at least twice.

    Raises:
        ParameterError: The hop does not divide the frame.
    """

    def __init__(self, n_fft: int, hop: int) -> None:
        if n_fft % hop or n_fft < 2 * hop:
            raise ParameterError(
                f"n_fft={n_fft} must be a multiple of hop={hop}, at least twice of it"
            )
        self.n_fft, self.hop = n_fft, hop
        window = 0.5 - 0.5 * np.cos(2.0 * np.pi * np.arange(n_fft) / n_fft)
        power = np.sum(window.reshape(-1, hop) ** 2, axis=0)
        self._analysis = window.astype(np.float32)
        self._synthesis = (window / np.tile(power, n_fft // hop)).astype(np.float32)

    def spectra(self, audio: Array) -> Array:
        """Frames that lie wholly within the audio: [..., n] -> complex [..., bins, frames]."""
        if isinstance(audio, np.ndarray):
            cut = np.lib.stride_tricks.sliding_window_view(audio, self.n_fft, axis=-1)
            frames = cut[..., :: self.hop, :] * self._analysis
            return np.fft.rfft(frames).astype(np.complex64, copy=False).swapaxes(-1, -2)
        import torch

        frames = audio.unfold(-1, self.n_fft, self.hop)
        window = torch.from_numpy(self._analysis).to(audio.device)
        return torch.fft.rfft(frames * window).transpose(-1, -2)

    def signal(self, spectra: Array) -> Array:
        """Overlap-add: [..., bins, frames] -> [..., (frames - 1) hop + n_fft].

        The first and last n_fft - hop samples lack frames of their neighbours and fade.
        """
        if isinstance(spectra, np.ndarray):
            frames = np.fft.irfft(spectra.swapaxes(-1, -2), self.n_fft)
            frames = frames.astype(np.float32, copy=False) * self._synthesis
            return self._overlap_add(frames)
        import torch

        frames = torch.fft.irfft(spectra.transpose(-1, -2), self.n_fft)
        window = torch.from_numpy(self._synthesis).to(spectra.device)
        return self._overlap_add(frames * window)

    def _overlap_add(self, frames: Array) -> Array:
        """[..., frames, n_fft] -> [..., samples]; piece k of frame t falls on hop t + k."""
        *leading, n_frames, _ = frames.shape
        n_pieces = self.n_fft // self.hop
        pieces = frames.reshape(*leading, n_frames, n_pieces, self.hop)
        zeros = np.zeros if isinstance(frames, np.ndarray) else frames.new_zeros
        summed = zeros((*leading, n_frames + n_pieces - 1, self.hop), dtype=frames.dtype)
        for k in range(n_pieces):
            summed[..., k : k + n_frames, :] += pieces[..., k, :]
        return summed.reshape(*leading, -1)
