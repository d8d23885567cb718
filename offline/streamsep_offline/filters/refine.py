"""Which loops do the work: compiled bins or planes, for numpy or torch.

Compiled: one or two channels on the processor, numpy arrays and torch tensors alike (no copy). Planes:
more channels, and tensors on another device. Apple's GPU has no float64, which the statistics need, so
its tensors are brought to the processor, with which it shares its memory.

Conventions: as in `arrays`. Statistics are outer products as in `planes`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from streamsep_offline.filters import bins, planes
from streamsep_offline.filters.arrays import Array, namespace
from streamsep_offline.filters.compiled import over_bins

_PLANE_NUMBERS = 1 << 24
"""Complex numbers that planes may take at a time; bins are cut accordingly."""


@dataclass(frozen=True)
class Start:
    """Where expectation-maximisation starts: from magnitudes, or from estimates where they are None."""

    magnitudes: Array | None = None
    softmask: bool = False
    estimates: Array | None = None

    @property
    def n_targets(self) -> int:
        """Number of sources."""
        given = self.estimates if self.magnitudes is None else self.magnitudes
        return given.shape[0]

    def map(self, change: Callable[[Array], Array]) -> Start:
        """The same with its array changed."""
        if self.magnitudes is None:
            return Start(estimates=change(self.estimates))
        return Start(change(self.magnitudes), self.softmask)


def refine(start: Start, mixture: Array, outer: np.ndarray | None, iterations: int) -> Array:
    """Estimates after so many iterations; statistics of these frames where `outer` is None."""
    if not isinstance(mixture, np.ndarray):
        return _refine_tensors(start, mixture, outer, iterations)
    if mixture.shape[0] > 2:
        out = np.empty((start.n_targets, *mixture.shape), mixture.dtype)
        for some in _bin_slices(start, mixture):
            part = None if outer is None else outer[:, some]
            out[:, :, some] = _refine_planes(_cut(start, some), mixture[:, some], part, iterations)
        return out
    return _refine_compiled(start, mixture, outer, iterations)


def measure(start: Start, mixture: Array) -> np.ndarray:
    """Outer products of the start, sums over frames."""
    if not isinstance(mixture, np.ndarray):
        if mixture.device.type in ("cpu", "mps"):
            return measure(start.map(_to_numpy), _to_numpy(mixture))
    elif mixture.shape[0] <= 2:
        return _measure_compiled(start, mixture)
    parts = []
    for some in _bin_slices(start, mixture):
        estimates, weights = _begin(_cut(start, some), mixture[:, some])
        whole = planes.is_whole(mixture[:, some]).all(0)
        parts.append(planes.outer_products(estimates, weights & whole))
    return np.concatenate(parts, axis=1)


def _refine_tensors(
    start: Start, mixture: Array, outer: np.ndarray | None, iterations: int
) -> Array:
    torch = namespace(mixture)
    if mixture.device.type in ("cpu", "mps"):
        out = refine(start.map(_to_numpy), _to_numpy(mixture), outer, iterations)
        return torch.from_numpy(out).to(mixture.device)
    with torch.no_grad():
        parts = []
        for some in _bin_slices(start, mixture):
            part = None if outer is None else outer[:, some]
            parts.append(_refine_planes(_cut(start, some), mixture[:, some], part, iterations))
        return torch.cat(parts, 2)


def _to_numpy(tensor: Array) -> np.ndarray:
    return tensor.detach().resolve_conj().resolve_neg().cpu().numpy()


def _bin_slices(start: Start, mixture: Array) -> list[slice]:
    n_channels, n_bins, n_frames = mixture.shape
    per_bin = max(1, n_frames) * n_channels * (n_channels + 2 * start.n_targets)
    n_some = max(1, _PLANE_NUMBERS // per_bin)
    return [slice(first, first + n_some) for first in range(0, max(1, n_bins), n_some)]


def _cut(start: Start, some: slice) -> Start:
    return start.map(lambda array: array[:, :, some])


def _begin(start: Start, mixture: Array) -> tuple[Array, Array]:
    """Estimates to start from, and which of their samples are whole."""
    if start.magnitudes is None:
        return planes.repaired(start.estimates), planes.is_whole(start.estimates).all(1)
    magnitudes = planes.like(start.magnitudes, mixture.real)
    return planes.start(magnitudes, planes.repaired(mixture), start.softmask)


def _refine_planes(
    start: Start, mixture: Array, outer: np.ndarray | None, iterations: int
) -> Array:
    return planes.refine(*_begin(start, mixture), mixture, outer, iterations)


def _pairs(values: np.ndarray) -> np.ndarray:
    """Complex numbers as twice as many real ones, without a copy if they are contiguous."""
    values = np.ascontiguousarray(values)
    return values.view(values.real.dtype)


def _compiled_start(start: Start, mixture: np.ndarray) -> tuple[np.ndarray, bool, np.ndarray]:
    """Magnitudes, softmask and estimates as the kernels take them."""
    real = mixture.real.dtype
    if start.magnitudes is None:
        return np.empty((0, 1, 0, 0), real), False, _pairs(start.estimates)
    magnitudes = np.ascontiguousarray(start.magnitudes, real)
    return magnitudes, start.softmask, np.empty((0, 0, 0, 0), real)


def _refine_compiled(
    start: Start, mixture: np.ndarray, outer: np.ndarray | None, iterations: int
) -> np.ndarray:
    n_channels, n_bins, n_frames = mixture.shape
    out = np.empty((start.n_targets, *mixture.shape), mixture.dtype)
    given = np.empty((0, 0, 4))
    if n_channels == 1:  # has one direction only, whatever was measured
        given = np.tile((1.0, 0.0, 0.0, 0.0), (n_bins, start.n_targets, 1))
    elif outer is not None:
        cross = outer[..., 0, 1]
        numbers = outer[..., 0, 0].real, outer[..., 1, 1].real, cross.real, cross.imag
        given = np.ascontiguousarray(np.stack(numbers, -1).swapaxes(0, 1))
    begin, pairs, out_pairs = _compiled_start(start, mixture), _pairs(mixture), _pairs(out)

    def job(first_bin: int, last_bin: int) -> None:
        bins.refine(*begin, pairs, given, iterations, out_pairs, first_bin, last_bin)

    over_bins(job, n_bins, n_frames)
    return out


def _measure_compiled(start: Start, mixture: np.ndarray) -> np.ndarray:
    n_channels, n_bins, n_frames = mixture.shape
    moments = np.zeros((n_bins, start.n_targets, 4))
    begin, pairs = _compiled_start(start, mixture), _pairs(mixture)

    def job(first_bin: int, last_bin: int) -> None:
        bins.measure(*begin, pairs, moments, first_bin, last_bin)

    over_bins(job, n_bins, n_frames)
    outer = np.empty((start.n_targets, n_bins, n_channels, n_channels), np.complex128)
    left, right, re, im = np.moveaxis(moments, (2, 1), (0, 1))
    outer[..., 0, 0] = left
    if n_channels == 2:
        outer[..., 1, 1] = right
        outer[..., 0, 1], outer[..., 1, 0] = re + 1j * im, re - 1j * im
    return outer
