"""Whole recordings through a window pair in numpy: every frame's spectrum, changed, and back to samples.

What the real-time engine does hop by hop, for those who hold the whole sound: ideal masks, oracles.
Frame t ends at (t + 1) hop and sees zeros before the start, as in `stft`; what comes back is aligned with
what went in. Conventions: audio [..., samples], spectra [..., frames, bins]. Out of scope: torch, state.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np

from streamsep.spec import Profile
from streamsep.windows import window_pair

_FRAMES_AT_ONCE = 512


def each_spectra(audio: np.ndarray, profile: Profile) -> Iterator[np.ndarray]:
    """Spectra of some frames after the other, in order.

    Args:
        audio: [..., n]
        profile: Window pair.

    Yields:
        complex128 [..., frames, bins]; in all as many frames as finish every sample.
    """
    analysis = window_pair(profile)[0]
    n_fft, hop = profile.n_fft, profile.hop
    n, n_frames = audio.shape[-1], _n_frames(audio.shape[-1], profile)
    edges = [(0, 0)] * (audio.ndim - 1)
    padded = np.pad(audio, [*edges, (n_fft - hop, n_frames * hop - n)]).astype(np.float32)
    frames = np.lib.stride_tricks.sliding_window_view(padded, n_fft, axis=-1)[..., ::hop, :]
    for start in range(0, n_frames, _FRAMES_AT_ONCE):
        yield np.fft.rfft(frames[..., start : start + _FRAMES_AT_ONCE, :] * analysis)


def change_spectra(
    audio: np.ndarray, profile: Profile, change: Callable[[np.ndarray], np.ndarray]
) -> np.ndarray:
    """Samples whose spectra were changed, by analysis, `change` and overlap-add.

    Args:
        audio: [..., n]
        profile: Window pair.
        change: Gets spectra [..., frames, bins] of some frames, returns as many; other leading axes are
            the leading axes of the result.

    Returns:
        Aligned with the audio, float32 [..., n].
    """
    synthesis = window_pair(profile)[1]
    n_fft, hop, length = profile.n_fft, profile.hop, profile.synthesis_length
    n, n_frames = audio.shape[-1], _n_frames(audio.shape[-1], profile)
    out, t = np.zeros(0, np.float32), 0
    for spectra in each_spectra(audio, profile):
        pieces = np.fft.irfft(change(spectra), n_fft)[..., -length:] * synthesis
        if not t:
            # A frame is synthesised over its last samples, of which the first may lie before the start.
            out = np.zeros((*pieces.shape[:-2], (n_frames - 1) * hop + length), np.float32)
        for k in range(pieces.shape[-2]):
            out[..., t * hop : t * hop + length] += pieces[..., k, :]
            t += 1
    early = length - hop
    return out[..., early : early + n]


def _n_frames(n_samples: int, profile: Profile) -> int:
    """Frames after which every sample is finished."""
    return -(-n_samples // profile.hop) + profile.synthesis_length // profile.hop - 1
