"""A `cue_bilstm` as what streams stems: block by block, in constant memory, without PyTorch.

The expert that hears forwards remembers the song from its start. The other one begins `AHEAD_S` behind
each block: its LSTM forgets in 0.5 s and its features in 4 s, so what it says of the block is what it would
say of the whole song, within -60 dB of the mixture (docs/both-ways.md).
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator

import numpy as np

from streamsep.engine.compiled.cue_frames import hear
from streamsep.engine.compiled.cue_lstm import (
    CueLstmPlan,
    CueLstmState,
    make_plan,
    make_state,
)
from streamsep.model import Model
from streamsep.models.cue_experts import check_symmetric, split_experts
from streamsep.spec import StreamSpec
from streamsep.whole import separate_resampled
from streamsep.windows import window_pair
from streamsep_offline.separation.blocks import segments
from streamsep_offline.separation.streamed import song_spec

AHEAD_S = 12.0
"""Seconds behind a block from which the expert that hears backwards begins."""

CORE_S = 15.0
"""Seconds of a block; the backward expert hears each second (CORE_S + AHEAD_S) / CORE_S times."""

_CHUNK = 64
"""Frames that are transformed at once: what fits the cache."""


class BothWaysStems:
    """A `StemStream` of a model that hears the song forwards and backwards.

    Args:
        model: Of kind "cue_bilstm".

    Attributes:
        targets: Names of its stems.

    Raises:
        CheckpointError: Its weights are missing, foreign or have the wrong shape.
        ParameterError: Its window is not symmetric.
    """

    def __init__(self, model: Model) -> None:
        check_symmetric(model.profile)
        self._model, self.targets = model, model.targets
        self._experts = split_experts(model)
        self._plans: dict[int, tuple[CueLstmPlan, CueLstmPlan]] = {}
        self._plans_at(song_spec(model, model.sample_rates[0], 2))

    def separate(
        self, blocks: Iterable[np.ndarray], sample_rate: int, channels: int
    ) -> Iterator[np.ndarray]:
        """See `StemStream`."""
        spec = song_spec(self._model, sample_rate, channels)
        plans = self._plans_at(spec)
        return separate_resampled(
            lambda heard: _separate(heard, spec, plans), spec, blocks, sample_rate, channels
        )

    def _plans_at(self, spec: StreamSpec) -> tuple[CueLstmPlan, CueLstmPlan]:
        """Constants of both experts at a rate, made once."""
        rate = spec.sample_rate
        if rate not in self._plans:
            forwards, backwards = (make_plan(one, spec, "float32") for one in self._experts)
            self._plans[rate] = forwards, backwards
        return self._plans[rate]


def _separate(
    heard: Iterable[np.ndarray], spec: StreamSpec, plans: tuple[CueLstmPlan, CueLstmPlan]
) -> Iterator[np.ndarray]:
    """Stems at the model's rate. [targets, channels, m]"""
    hop, late = spec.profile.hop, spec.profile.n_fft - spec.profile.hop
    n_core, n_ahead = (round(s / spec.hop_s) for s in (CORE_S, AHEAD_S))
    # What a hop of the song is made of ends with the frames `late` samples behind it.
    song = itertools.chain(heard, [np.zeros((spec.channels, late), np.float32)])
    memory = make_state(plans[0], spec).views
    overlaps = np.zeros((len(spec.estimated), spec.channels, late), np.float32)
    n_early = late
    for segment in segments(song, n_core * hop, late, n_ahead * hop):
        n_frames = n_core + n_ahead
        if segment.n_song is not None:
            n_frames = min(n_frames, -(-segment.n_song // hop) - segment.index * n_core)
        re, im = _spectra(segment.samples, n_frames, spec)
        masks = _masks(re, im, min(n_core, n_frames), memory, spec, plans)
        mixture = segment.samples[..., : len(masks) * hop]  # as late as what is made of it
        stems = np.empty((len(spec.targets), *mixture.shape), np.float32)
        stems[-1] = mixture
        for stem, overlap, mask in zip(stems, overlaps, masks.swapaxes(0, 1), strict=False):
            stem[:] = _sound(re, im, mask, overlap, spec)
            stems[-1] -= stem
        del re, im, masks  # before the filter works: they are large
        yield stems[..., n_early : segment.n_valid]
        n_early = max(0, n_early - segment.n_valid)


def _spectra(samples: np.ndarray, n_frames: int, spec: StreamSpec) -> tuple[np.ndarray, np.ndarray]:
    """Real and imaginary parts of the first frames of samples. float32 [frames, channels, bins]"""
    profile = spec.profile
    window = window_pair(profile)[0].astype(np.float32)
    cut = np.lib.stride_tricks.sliding_window_view(samples, profile.n_fft, axis=-1)
    frames = cut[:, :: profile.hop][:, :n_frames]
    re, im = (np.empty((n_frames, spec.channels, profile.n_bins), np.float32) for _ in range(2))
    for at in range(0, n_frames, _CHUNK):
        spectra = np.fft.rfft(frames[:, at : at + _CHUNK] * window).swapaxes(0, 1)
        re[at : at + _CHUNK], im[at : at + _CHUNK] = spectra.real, spectra.imag
    return re, im


def _masks(
    re: np.ndarray,
    im: np.ndarray,
    n: int,
    memory: CueLstmState,
    spec: StreamSpec,
    plans: tuple[CueLstmPlan, CueLstmPlan],
) -> np.ndarray:
    """Masks of the first n frames: the normalised geometric mean of what both experts say.

    Args:
        re: Real part of the mixture. [frames, channels, bins]
        im: Imaginary part.
        n: Frames of the block; those behind them are heard backwards only.
        memory: Of the expert that hears forwards; goes on to the end of the block.
        spec: Windows and stems.
        plans: Of both experts.

    Returns:
        float32 [n, targets, 1, bins], sums to 1 over targets.
    """
    shape = (n, len(spec.targets), 1, re.shape[2])
    masks, future = np.empty(shape, np.float32), np.empty(shape, np.float32)
    hear(re, im, np.arange(n), plans[0], memory, masks)
    ahead = make_state(plans[1], spec).views
    hear(re, im, np.arange(len(re))[::-1].copy(), plans[1], ahead, future)
    # Roots first: the product of two masks may be too small for a number.
    for factor in (masks, future):
        np.sqrt(factor, out=factor)
    masks *= future
    masks /= masks.sum(axis=1, keepdims=True)
    return masks


def _sound(
    re: np.ndarray, im: np.ndarray, mask: np.ndarray, overlap: np.ndarray, spec: StreamSpec
) -> np.ndarray:
    """Sound of a stem by overlap-add, n_fft - hop samples late.

    Args:
        re: Real part of the mixture. [at least frames, channels, bins]
        im: Imaginary part.
        mask: Of the stem. [frames, 1, bins]
        overlap: What earlier frames have added to the samples to come; goes on. [channels, n_fft - hop]
        spec: Windows.

    Returns:
        float32 [channels, frames hop].
    """
    profile, n = spec.profile, len(mask)
    window = window_pair(profile)[1].astype(np.float32)
    made = np.zeros((spec.channels, n * profile.hop + overlap.shape[-1]), np.float32)
    made[:, : overlap.shape[-1]] = overlap
    spectrum = np.empty((min(n, _CHUNK), *re.shape[1:]), np.complex64)
    for at in range(0, n, _CHUNK):
        end = min(at + _CHUNK, n)
        part = spectrum[: end - at]
        np.multiply(re[at:end], mask[at:end], out=part.real)
        np.multiply(im[at:end], mask[at:end], out=part.imag)
        frames = np.fft.irfft(part, profile.n_fft) * window
        for t, frame in enumerate(frames, at):
            made[:, t * profile.hop : t * profile.hop + profile.n_fft] += frame
    overlap[:] = made[:, n * profile.hop :]
    return made[:, : n * profile.hop]
