"""A model whose stems stream out of it as a source: their spectra feed the filter.

The model starts at the song's start wherever the run starts, since it remembers all that it heard; what
the filter adds is the space between the channels, and to a causal model a look at the future. Works at
the song's rate (the model resamples for itself) and needs no torch.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator, Sequence
from typing import Protocol

import numpy as np

from streamsep.errors import ShapeError
from streamsep.model import Model
from streamsep.resample import nearest_rate
from streamsep.spec import StreamSpec
from streamsep_offline.separation.blocks import Segment, segments
from streamsep_offline.separation.grid import Grid
from streamsep_offline.separation.groups import Group
from streamsep_offline.separation.source import View
from streamsep_offline.separation.stft import Stft

FRAME_S = 8192 / 44100
"""Length of the filter's frames in seconds, about; the nearest power of two samples is taken. What is
known of the future allows longer frames than the stream's; on music, 8192 gains 0.05 dB over 4096."""

MASK_EXPONENT = 0.5
"""Power to which the model's mask is taken for the filter.

A model's mask m is a share of the *amplitude*, the mean of what the stem may be: for Gaussian sources
that is v_j / sum v, so a stem's power spectral density is v_j = m |x|^2 and its magnitude m^0.5 |x|. Taken
as it is, m |x|, the filter would square the mask and lose 0.2 dB instead of gaining as much."""

BLOCK_S = 10.0
"""Length of a block's core in seconds where none is asked for; longer ones gain nothing."""

_PIECE = 65536
"""Samples that go through the model at once."""


class StemStream(Protocol):
    """A model that makes stems of blocks as they come.

    Attributes:
        targets: Names of its stems.
    """

    targets: tuple[str, ...]

    def separate(
        self, blocks: Iterable[np.ndarray], sample_rate: int, channels: int
    ) -> Iterator[np.ndarray]:
        """Stems of a song from its start, aligned with it and together as long.

        Args:
            blocks: Fresh arrays, float32 [channels, n], any n.
            sample_rate: Of the song, in Hz.
            channels: Of the song: 1 or 2.

        Yields:
            float32 [targets, channels, m].

        Raises:
            ShapeError: The model sees fewer channels.
        """


def song_spec(model: Model, sample_rate: int, channels: int) -> StreamSpec:
    """At what rate and with how many channels a model hears a song.

    Args:
        model: Any.
        sample_rate: Of the song, in Hz.
        channels: Of the song.

    Raises:
        ShapeError: The model sees fewer channels.
    """
    seen = channels if model.channels is None else model.channels
    if seen < channels:
        raise ShapeError(f"this model sees {seen} channel, not {channels}; mix the audio down")
    rate = nearest_rate(sample_rate, model.sample_rates)
    return StreamSpec(model.profile, rate, seen, model.targets)


class StreamedSource:
    """Such a model behind the Wiener filter.

    Args:
        model: Makes the stems.
        block_s: Length of a block's core in seconds; None is `BLOCK_S`.
        shifts_s: Delays of the test-time shifts; the mean of their stems is what is streamed.
    """

    batch = 1

    def __init__(self, model: StemStream, block_s: float | None, shifts_s: Sequence[float]) -> None:
        self.model, self._shifts_s = model, shifts_s
        self._block_s = BLOCK_S if block_s is None else block_s
        self.available = self.targets = model.targets

    def grid(self, sample_rate: int) -> Grid:
        """See `Source`."""
        n_fft = 2 ** round(np.log2(FRAME_S * sample_rate))
        return Grid(sample_rate, sample_rate, n_fft, n_fft // 4, 0, self._block_s)

    def streams(
        self, pieces: Iterable[np.ndarray], sample_rate: int, groups: Sequence[Group]
    ) -> Iterator[np.ndarray]:
        """See `Source`: the song, and beside it every stem, aligned."""
        chunks = (s.samples[..., : s.n_valid] for s in segments(pieces, _PIECE, 0, 0))
        copies = itertools.tee(chunks, 1 + len(groups) * len(self._shifts_s))
        runs = iter(copies[1:])
        shifted = [
            [
                self._stems(next(runs), sample_rate, group, round(s * sample_rate))
                for group in groups
            ]
            for s in self._shifts_s
        ]
        for song, *shifts in zip(
            copies[0], *(zip(*run, strict=True) for run in shifted), strict=True
        ):
            stems = np.zeros((len(self.targets), *song.shape), np.float32)
            for parts in shifts:
                for group, part in zip(groups, parts, strict=True):
                    stems[:, list(group)] += part / np.float32(len(shifts))
            yield np.concatenate([song[None], stems])

    def _stems(
        self, chunks: Iterable[np.ndarray], sample_rate: int, group: Group, delay: int
    ) -> Iterator[np.ndarray]:
        """Stems of a group in chunks of `_PIECE`, heard by the model `delay` samples late."""
        late: Iterable[np.ndarray] = (chunk[list(group)] for chunk in chunks)
        if delay:
            late = itertools.chain([np.zeros((len(group), delay), np.float32)], late)
        stems = self.model.separate(late, sample_rate, len(group))
        for segment in segments(_without_start(stems, delay), _PIECE, 0, 0):
            yield segment.samples[..., : segment.n_valid]

    def views(
        self, batch: Sequence[Segment], grid: Grid, groups: Sequence[Group]
    ) -> Iterator[View]:
        """See `Source`."""
        stft = Stft(grid.n_fft, grid.hop)
        for i, segment in enumerate(batch):
            window = grid.frame_window(segment.index, segment.n_song)
            at = (window.first + window.start) * grid.hop - grid.n_fft // 2
            at -= grid.model_start(segment.index)
            n = (window.stop - window.start - 1) * grid.hop + grid.n_fft
            heard = segment.samples[..., grid.before + at :][..., :n]
            for group in groups:
                spectra = stft.spectra(heard[0, list(group)])
                stems = (stft.spectra(stem[list(group)]) for stem in heard[1:])
                magnitudes = _magnitudes(spectra, stems, len(self.targets))
                yield View(i, group, spectra, magnitudes, window.own, 1.0, at)

    def sound(self, estimates: np.ndarray, view: View, grid: Grid) -> np.ndarray:
        """See `Source`."""
        stft = Stft(grid.n_fft, grid.hop)
        n = grid.core + grid.overlap
        made = np.zeros((*estimates.shape[:2], n), np.float32)
        for out, target in zip(made, estimates, strict=True):  # one at a time, to save memory
            signal = stft.signal(target)[..., -view.position :][..., :n]
            out[..., : signal.shape[-1]] = signal
        return made


def _magnitudes(mixture: np.ndarray, stems: Iterable[np.ndarray], n_stems: int) -> np.ndarray:
    """|s|^p |x|^(1 - p), with p the `MASK_EXPONENT`, one stem at a time to save memory.

    Args:
        mixture: x. [channels, bins, frames]
        stems: s, one by one. [channels, bins, frames]
        n_stems: How many there are.

    Returns:
        float32 [stems, channels, bins, frames].
    """
    rest = np.abs(mixture) ** (1.0 - MASK_EXPONENT)
    magnitudes = np.empty((n_stems, *mixture.shape), np.float32)
    for magnitude, stem in zip(magnitudes, stems, strict=True):
        np.abs(stem, out=magnitude)
        magnitude **= MASK_EXPONENT
        magnitude *= rest
    return magnitudes


def _without_start(pieces: Iterable[np.ndarray], n: int) -> Iterator[np.ndarray]:
    """Pieces from sample n on; the first ones may be left empty."""
    for piece in pieces:
        skipped = min(n, piece.shape[-1])
        n -= skipped
        yield piece[..., skipped:]
