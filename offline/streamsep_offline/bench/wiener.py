"""The multichannel Wiener filter side by side with norbert's and open-unmix's: same input, one run.

One iteration from the mixture's phase, four stereo stems, ten seconds, complex64. All take turns, and
medians are compared. Each gets the axes in the order it wants, made beforehand, and the threads that it
knows how to use. Peak memory is what a process of its own needs beyond input and imports, its result
included (`peak_memory`).
"""

from __future__ import annotations

import importlib.util
import types
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from rich.box import SIMPLE_HEAD
from rich.table import Table

from streamsep.bench.timing import Statistics, interleave
from streamsep_offline.bench.row import BenchRow
from streamsep_offline.filters import wiener
from streamsep_offline.filters.compiled import n_threads

N_TARGETS, N_CHANNELS, N_BINS = 4, 2, 2049
N_FRAMES, N_FRAMES_QUICK = 431, 44
"""Ten seconds, and one, at 44.1 kHz with windows of 4096 samples every 1024."""

OURS = "streamsep"

_MEGABYTE = 1e6


@dataclass(frozen=True)
class Input:
    """What all filters get.

    Attributes:
        magnitudes: float32 [targets, channels, bins, frames]
        mixture: complex64 [channels, bins, frames]
    """

    magnitudes: np.ndarray
    mixture: np.ndarray


@dataclass(frozen=True)
class Contestant:
    """A filter that is ready to run on an input.

    Attributes:
        run: Filter once.
        estimates: Result of `run` in our axes.
        remark: What people should know.
    """

    run: Callable[[], Any]
    estimates: Callable[[Any], np.ndarray]
    remark: str


@dataclass(frozen=True)
class WienerResult(BenchRow):
    """One row of the comparison.

    Attributes:
        times_ours: Median over our median.
        peak_bytes: Peak memory beyond input and imports; None where it cannot be measured.
        difference: Largest difference to our estimates, relative to the mixture's largest magnitude.
        remark: What people should know.
    """

    times_ours: float | None
    peak_bytes: int | None
    difference: float | None
    remark: str


def make_input(n_bins: int = N_BINS, n_frames: int = N_FRAMES) -> Input:
    """Noise, loud enough that the absolute numbers which the peers add to powers do not matter.

    Below 10, beyond which norbert would modify its argument.
    """
    rng = np.random.default_rng(0)
    shape = (N_CHANNELS, n_bins, n_frames)
    mixture = rng.standard_normal(shape) + 1j * rng.standard_normal(shape)
    magnitudes = np.abs(rng.standard_normal((N_TARGETS, *shape)))
    return Input(magnitudes.astype(np.float32), mixture.astype(np.complex64))


def _threads(count: int) -> str:
    return "1 thread" if count == 1 else f"{count} threads"


def _ours(given: Input) -> Contestant:
    threads = min(n_threads(), given.mixture.shape[1])
    return Contestant(
        lambda: wiener(given.magnitudes, given.mixture), lambda y: y, _threads(threads)
    )


def _norbert(given: Input) -> Contestant | None:
    if importlib.util.find_spec("norbert") is None:
        return None
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # it imports by a name scipy renamed
        import norbert
    v, x = (np.ascontiguousarray(values.T) for values in (given.magnitudes, given.mixture))
    return Contestant(lambda: norbert.wiener(v, x, 1, False), lambda y: y.T, _threads(1))


def _open_unmix(given: Input) -> Contestant | None:
    filtering = import_filtering()
    if filtering is None:
        return None
    import torch

    v, x = (
        torch.from_numpy(np.ascontiguousarray(values.T))
        for values in (given.magnitudes, given.mixture)
    )
    x = torch.view_as_real(x)
    return Contestant(
        lambda: filtering.wiener(v, x, 1),
        lambda y: torch.view_as_complex(y.permute(4, 2, 1, 0, 3).contiguous()).numpy(),
        _threads(torch.get_num_threads()),
    )


def import_filtering() -> types.ModuleType | None:
    """open-unmix's module `filtering` alone: its package would import torchaudio. None if not installed."""
    package = importlib.util.find_spec("openunmix")
    if package is None or package.submodule_search_locations is None:
        return None
    path = Path(package.submodule_search_locations[0]) / "filtering.py"
    spec = importlib.util.spec_from_file_location("openunmix_filtering", path)
    if spec is None or spec.loader is None or not path.is_file():
        return None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


CONTESTANTS: dict[str, Callable[[Input], Contestant | None]] = {
    OURS: _ours,
    "norbert": _norbert,
    "open-unmix": _open_unmix,
}
"""How to get a filter ready; None where its package is not installed."""


def compare_wiener(
    n_frames: int = N_FRAMES,
    rounds: int = 5,
    on_round: Callable[[], None] = lambda: None,
) -> list[WienerResult]:
    """Time all filters in turns, then measure the memory of each.

    Args:
        n_frames: Frames of the input.
        rounds: Timed runs of each; one untimed run goes before each of them.
        on_round: Called after each round.
    """
    from streamsep_offline.bench.peak_memory import peak_bytes

    given = make_input(n_frames=n_frames)
    ready = {name: make(given) for name, make in CONTESTANTS.items()}
    present = {name: contestant for name, contestant in ready.items() if contestant is not None}
    seconds = interleave({name: c.run for name, c in present.items()}, rounds, 1, on_round)
    ours = wiener(given.magnitudes, given.mixture)
    largest, median = np.abs(given.mixture).max(), np.median(seconds[OURS])

    def row(name: str, contestant: Contestant | None) -> WienerResult:
        if contestant is None:
            return WienerResult(name, None, None, None, None, "not installed")
        difference = np.abs(contestant.estimates(contestant.run()) - ours).max() / largest
        return WienerResult(
            name,
            seconds[name],
            float(np.median(seconds[name]) / median),
            peak_bytes(name, n_frames),
            float(difference),
            contestant.remark,
        )

    return [row(name, contestant) for name, contestant in ready.items()]


def wiener_table(results: list[WienerResult], n_frames: int) -> Table:
    """One row per filter."""
    megabytes = 8 * N_TARGETS * N_CHANNELS * N_BINS * n_frames / _MEGABYTE
    title = (
        f"Multichannel Wiener filter, one iteration, {N_TARGETS} stereo stems, "
        f"{n_frames * 1024 / 44100:.0f} s; the result takes {megabytes:.0f} MB"
    )
    table = Table(title=title, box=SIMPLE_HEAD)
    table.add_column("what", no_wrap=True)
    for heading in ("best ms", "median ms", "x ours", "peak MB", "without result", "differs"):
        table.add_column(heading, justify="right", no_wrap=True)
    table.add_column("")
    for r in results:
        s = None if r.seconds is None else Statistics.of(r.seconds)
        table.add_row(
            r.name,
            "" if s is None else f"{s.min_ms:.1f}",
            "" if s is None else f"{s.p50_ms:.1f}",
            "" if r.times_ours is None else f"{r.times_ours:.1f}",
            "" if r.peak_bytes is None else f"{r.peak_bytes / _MEGABYTE:.0f}",
            "" if r.peak_bytes is None else f"{r.peak_bytes / _MEGABYTE - megabytes:.0f}",
            "" if r.difference is None else f"{r.difference:.1e}",
            r.remark,
        )
    return table
