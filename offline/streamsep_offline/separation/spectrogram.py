"""A spectrogram network as a source: batches of blocks through the network, rates and channels fitted.

Blocks are batched by their place on the grid, so the batches, and with them the rounding of the network,
are the same wherever a run starts.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from streamsep.file_resample import FileResampler
from streamsep_offline.separation.blocks import Segment
from streamsep_offline.separation.estimator import Estimator
from streamsep_offline.separation.grid import FrameWindow, Grid
from streamsep_offline.separation.groups import Group
from streamsep_offline.separation.source import View
from streamsep_offline.separation.stft import Stft

BATCH = 2
"""Blocks (times groups of channels) that pass through the network at once."""

BLOCK_S = 20.0
"""Length of a block's core in seconds where none is asked for. With 3 s of context on either side, half of
it would make the network work a quarter longer."""


@dataclass(frozen=True)
class _Position:
    """Where the frames of a view lie: their window, the block's index and the frames' offset."""

    window: FrameWindow
    index: int
    offset: int


class SpectrogramSource:
    """An `Estimator` behind the transform, for any rate and any channels.

    Args:
        estimator: The network.
        available: Targets that its model has, of which the estimator may have loaded a part.
        block_s: Length of a block's core in seconds; None is `BLOCK_S`.
        shifts_s: Delays of the test-time shifts. A delay by whole hops changes nothing but where a block's
            context ends, so what remains of it after whole hops is taken.
    """

    def __init__(
        self,
        estimator: Estimator,
        available: tuple[str, ...],
        block_s: float | None,
        shifts_s: Sequence[float],
    ) -> None:
        self.estimator, self.available, self.targets = estimator, available, estimator.targets
        self.batch = BATCH
        self._block_s = BLOCK_S if block_s is None else block_s
        self._stft = Stft(estimator.n_fft, estimator.hop)
        self._offsets = [round(s * estimator.sample_rate) % estimator.hop for s in shifts_s]

    def grid(self, sample_rate: int) -> Grid:
        """See `Source`."""
        e = self.estimator
        return Grid(sample_rate, e.sample_rate, e.n_fft, e.hop, e.context_frames, self._block_s)

    def streams(
        self, pieces: Iterable[np.ndarray], sample_rate: int, groups: Sequence[Group]
    ) -> Iterator[np.ndarray]:
        """See `Source`: the song and nothing beside it."""
        return (piece[None] for piece in pieces)

    def views(
        self, batch: Sequence[Segment], grid: Grid, groups: Sequence[Group]
    ) -> Iterator[View]:
        """See `Source`."""
        at_once = max(1, self.batch // len(groups))
        for offset in self._offsets:
            for begin in range(0, len(batch), at_once):
                part = batch[begin : begin + at_once]
                yield from self._heard(part, begin, grid, groups, offset)

    def sound(self, estimates: Any, view: View, grid: Grid) -> np.ndarray:
        """See `Source`."""
        # One target at a time, to save memory.
        return np.stack([self._sound_of_one(target, view.position, grid) for target in estimates])

    def _sound_of_one(self, estimate: Any, position: _Position, grid: Grid) -> np.ndarray:
        """Sound of one target: [channels, bins, frames] -> [channels, core + overlap]."""
        window = position.window
        signal = self._stft.signal(estimate)
        if not isinstance(signal, np.ndarray):
            signal = signal.cpu().numpy()
        begin, n = grid.region
        at = (window.first + window.start) * grid.hop - position.offset - grid.n_fft // 2
        at -= grid.model_start(position.index)
        made = _cut(signal, begin - at, n)
        if grid.sample_rate != grid.model_rate:
            made = _resample(made, grid.model_rate, grid.sample_rate)
        margin = grid.margin[0]
        return made[..., margin : margin + grid.core + grid.overlap]

    def _heard(
        self,
        part: Sequence[Segment],
        begin: int,
        grid: Grid,
        groups: Sequence[Group],
        offset: int,
    ) -> Iterator[View]:
        """The network's view of a few blocks, all groups in one batch."""
        windows = [grid.frame_window(s.index, s.n_song, offset) for s in part]
        spectra = [
            self._spectra(segment, window, grid, offset)
            for segment, window in zip(part, windows, strict=True)
        ]
        items = [(i, group) for i in range(len(part)) for group in groups]
        magnitudes = self._magnitudes([self._fit(spectra[i][list(g)]) for i, g in items])
        for (i, group), targets in zip(items, magnitudes, strict=True):
            window = windows[i]
            frames = slice(window.start, window.stop)
            if len(group) == 1:  # a network of two heard the channel on both sides
                targets = targets.mean(1, keepdims=True)
            yield View(
                block=begin + i,
                group=group,
                spectra=spectra[i][list(group)][..., frames],
                magnitudes=targets[..., frames],
                own=window.own,
                weight=1.0 / len(self._offsets),
                position=_Position(window, part[i].index, offset),
            )

    def _spectra(self, segment: Segment, window: FrameWindow, grid: Grid, offset: int) -> Any:
        """Spectra of the frames that the network sees, all channels. [channels, bins, frames]"""
        period, model_period = grid.period
        first = window.first * grid.hop - offset - grid.n_fft // 2 - grid.model_start(segment.index)
        n = (window.count - 1) * grid.hop + grid.n_fft
        # Whole periods around them, so that both clocks agree where the piece begins.
        a = (first - grid.margin[1]) // model_period
        b = -(-(first + n + grid.margin[1]) // model_period)
        piece = segment.samples[0, :, grid.before + a * period : grid.before + b * period]
        if grid.sample_rate != grid.model_rate:
            piece = _resample(piece, grid.sample_rate, grid.model_rate)
        audio = piece[:, first - a * model_period :][:, :n]
        if self.estimator.device == "cpu":
            return self._stft.spectra(audio)
        import torch

        return self._stft.spectra(torch.from_numpy(audio.copy()).to(self.estimator.device))

    def _fit(self, spectra: Any) -> Any:
        """A group's spectra with as many channels as the network sees."""
        if self.estimator.channels == 1 and len(spectra) > 1:
            return abs(spectra).mean(0)[None] + 0j  # as Open-Unmix; the phase does not matter
        if self.estimator.channels == 2 and len(spectra) == 1:
            return spectra[[0, 0]]
        return spectra

    def _magnitudes(self, spectra: list[Any]) -> Any:
        """One call of the network: [batch, targets, channels, bins, frames], arrays as the spectra."""
        import torch

        if not isinstance(spectra[0], np.ndarray):
            return self.estimator.magnitudes(torch.stack(spectra))
        # Stacked as they lie in memory, bins last, so that nothing is transposed.
        stacked = np.stack([s.swapaxes(-1, -2) for s in spectra])
        return self.estimator.magnitudes(torch.from_numpy(stacked).transpose(-1, -2)).numpy()


def _cut(signal: np.ndarray, start: int, n: int) -> np.ndarray:
    """[start, start + n) of a signal, zeros where it has nothing."""
    out = np.zeros((*signal.shape[:-1], n), signal.dtype)
    a, b = max(start, 0), min(start + n, signal.shape[-1])
    if b > a:
        out[..., a - start : b - start] = signal[..., a:b]
    return out


def _resample(audio: np.ndarray, rate_in: int, rate_out: int) -> np.ndarray:
    """A piece at another rate, as if silence lay around it. [..., n]"""
    rows = audio.reshape(-1, audio.shape[-1])
    stream = FileResampler(rate_in, rate_out, len(rows))
    out = np.concatenate([stream.push(rows), stream.finish()], axis=-1)
    return out.reshape(*audio.shape[:-1], -1)
