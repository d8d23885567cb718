"""Pictures' raw material in bounded memory: log-frequency spectrograms and masks of a stream.

However long the stream is, at most `MAX_COLUMNS` columns are kept: when they are full, neighbours
are averaged and each column stands for twice the time.
"""

from __future__ import annotations

import numpy as np

MAX_COLUMNS = 1600
"""Columns of a picture; a multiple of two."""

N_BANDS = 240
"""Rows of a picture."""

LOW_HZ, HIGH_HZ = 40.0, 16000.0
"""Range of a picture's frequency axis."""

N_FFT, _HOP = 4096, 1024


class Columns:
    """Mean of successive frames, never more than `MAX_COLUMNS` of them.

    Attributes:
        frames_per_column: Frames that each column stands for.
    """

    def __init__(self) -> None:
        self.frames_per_column = 1
        self._columns: list[np.ndarray] = []
        self._sum: np.ndarray | None = None
        self._count = 0

    def add(self, frame: np.ndarray) -> None:
        """Take the next frame, of any shape but always the same; copied."""
        self._sum = frame.copy() if self._sum is None else self._sum + frame
        self._count += 1
        if self._count == self.frames_per_column:
            self._columns.append(self._sum / self._count)
            self._sum, self._count = None, 0
            if len(self._columns) == MAX_COLUMNS:
                pairs = zip(self._columns[::2], self._columns[1::2], strict=True)
                self._columns = [0.5 * (a + b) for a, b in pairs]
                self.frames_per_column *= 2

    def stacked(self) -> np.ndarray:
        """All whole columns, time last; a stream shorter than one column gives that one."""
        columns = self._columns or ([] if self._sum is None else [self._sum / self._count])
        return np.stack(columns, axis=-1) if columns else np.zeros((0, 0, 0))


class LogBands:
    """Mean over `N_BANDS` bands of equal musical width, none narrower than a bin.

    Bins count as boxes side by side; a band is the difference of two sums over them, taken between
    whole bins where its edges lie so. A band of one bin's width thus interpolates between two.

    Args:
        n_bins: n_fft / 2 + 1.
        sample_rate: In Hz.
    """

    def __init__(self, n_bins: int, sample_rate: int) -> None:
        edges = np.geomspace(LOW_HZ, HIGH_HZ, N_BANDS + 1) * 2 * (n_bins - 1) / sample_rate
        centre, half = 0.5 * (edges[1:] + edges[:-1]), 0.5 * np.diff(edges)
        half = np.maximum(half, 0.5)
        self._n_valid = np.count_nonzero(centre + half <= n_bins - 0.5)
        self._width = (2.0 * half)[: self._n_valid]
        self._low, self._low_rest = self._split(centre - half + 0.5)
        self._high, self._high_rest = self._split(centre + half + 0.5)

    def _split(self, position: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        position = position[: self._n_valid]
        whole = np.floor(position).astype(np.int64)
        return whole, position - whole

    def __call__(self, spectrum: np.ndarray) -> np.ndarray:
        """From [..., bins] to [..., bands]; bands above half the sample rate are zero."""
        total = np.zeros((*spectrum.shape[:-1], spectrum.shape[-1] + 2))
        np.cumsum(spectrum, axis=-1, out=total[..., 1:-1])
        total[..., -1] = total[..., -2]
        step = np.diff(total, axis=-1)
        high = total[..., self._high] + self._high_rest * step[..., self._high]
        low = total[..., self._low] + self._low_rest * step[..., self._low]
        bands = np.zeros((*spectrum.shape[:-1], N_BANDS), np.float32)
        bands[..., : self._n_valid] = (high - low) / self._width
        return bands


class SpectrogramCollector:
    """Power spectrograms of stems and of their sum.

    Args:
        n_stems: Stems in every block.
        channels: Of every block.
        sample_rate: In Hz.

    Attributes:
        columns: Power in bands, the sum first. [1 + stems, bands] per frame
        n_samples: Samples per channel seen.
    """

    def __init__(self, n_stems: int, channels: int, sample_rate: int) -> None:
        self.sample_rate, self.n_samples, self.columns = sample_rate, 0, Columns()
        self._bands = LogBands(N_FFT // 2 + 1, sample_rate)
        self._window = np.hanning(N_FFT + 1)[:-1].astype(np.float32)
        # Half a window of silence in front centres the first frame on the first sample.
        self._known = np.zeros((n_stems, channels, N_FFT // 2), np.float32)

    def add(self, stems: np.ndarray) -> None:
        """Take a block, float32 [stems, channels, n]."""
        self.n_samples += stems.shape[-1]
        self._known = np.concatenate([self._known, stems], axis=-1)
        start = 0
        while start + N_FFT <= self._known.shape[-1]:
            frame = self._known[..., start : start + N_FFT] * self._window
            both = np.concatenate([frame.sum(axis=0, keepdims=True), frame])
            power = np.mean(np.abs(np.fft.rfft(both)) ** 2, axis=1)
            self.columns.add(self._bands(power))
            start += _HOP
        self._known = self._known[..., start:]

    def power(self) -> np.ndarray:
        """Power relative to a full-scale sine, [1 + stems, bands, columns]."""
        return self.columns.stacked() / (0.5 * self._window.sum()) ** 2


class MaskCollector:
    """Masks of an engine, hop by hop; the listener of a `MaskTap`.

    Args:
        n_bins: Bins of the engine's frames.
        sample_rate: Of the engine, in Hz.
    """

    def __init__(self, n_bins: int, sample_rate: int) -> None:
        self.columns = Columns()
        self._bands = LogBands(n_bins, sample_rate)

    def __call__(self, masks: np.ndarray) -> None:
        """Take the masks of a frame, float32 [stems, channels, bins]."""
        self.columns.add(self._bands(masks.mean(axis=1)))

    def masks(self) -> np.ndarray:
        """Share of each stem, 0 to 1. [stems, bands, columns]."""
        return self.columns.stacked()
