"""A causal preset as a source: its stems stream out of the engine, and their spectra feed the filter.

The engine starts at the song's start wherever the run starts, since it remembers all that it heard; what
the filter adds is a look at the future and at the space between the channels. Works at the song's rate
(the engine resamples for itself) and needs no torch.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator, Sequence

import numpy as np

from streamsep.engine import HopEngine, create_engine
from streamsep.errors import ShapeError
from streamsep.model import Model
from streamsep.resample import nearest_rate
from streamsep.spec import StreamSpec
from streamsep.whole import separate_blocks
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

An engine's mask m is a share of the *amplitude*, the mean of what the stem may be: for Gaussian sources
that is v_j / sum v, so a stem's power spectral density is v_j = m |x|^2 and its magnitude m^0.5 |x|. Taken
as it is, m |x|, the filter would square the mask and lose 0.2 dB instead of gaining as much."""

BLOCK_S = 10.0
"""Length of a block's core in seconds where none is asked for; longer ones gain nothing."""

_PIECE = 65536
"""Samples that go through the engine at once."""


class CausalSource:
    """A model of the real-time engine behind the Wiener filter.

    Args:
        model: Any that the compiled engine runs.
        block_s: Length of a block's core in seconds; None is `BLOCK_S`.
        shifts_s: Delays of the test-time shifts; the mean of their stems is what is streamed.
    """

    batch = 1

    def __init__(self, model: Model, block_s: float | None, shifts_s: Sequence[float]) -> None:
        self._model, self._shifts_s = model, shifts_s
        self._block_s = BLOCK_S if block_s is None else block_s
        self.available = self.targets = model.targets
        self._engines: dict[tuple[int, int], HopEngine] = {}

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
        """Stems of a group in chunks of `_PIECE`, heard by the engine `delay` samples late."""
        late: Iterable[np.ndarray] = (chunk[list(group)] for chunk in chunks)
        if delay:
            late = itertools.chain([np.zeros((len(group), delay), np.float32)], late)
        engine = self._engine(sample_rate, len(group))
        stems = separate_blocks(engine, late, sample_rate, len(group))
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

    def _engine(self, sample_rate: int, channels: int) -> HopEngine:
        """The engine for so many channels at a song's rate, made once."""
        seen = channels if self._model.channels is None else self._model.channels
        if seen < channels:
            raise ShapeError(f"this model sees {seen} channel, not {channels}; mix the audio down")
        rate = nearest_rate(sample_rate, self._model.sample_rates)
        if (rate, seen) not in self._engines:
            spec = StreamSpec(self._model.profile, rate, seen, self._model.targets)
            self._engines[rate, seen] = create_engine("compiled", self._model, spec)
        return self._engines[rate, seen]


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
