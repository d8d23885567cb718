"""A picture of the measurements: how long hops and steps took, as histograms. Needs matplotlib."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from streamsep.bench.hops import HopResult
from streamsep.bench.networks import NetworkResult
from streamsep.errors import AudioFileError

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_MOST_BINS = 80


def write_plot(
    path: str | Path, networks: Sequence[NetworkResult], hops: Sequence[HopResult]
) -> None:
    """Two panels: durations of whole hops, and of the networks' steps; medians marked.

    Args:
        path: Picture to write; its suffix says which kind.
        networks: Rows without durations are left out.
        hops: Each with the time that its hop lasts in the label.

    Raises:
        AudioFileError: The picture cannot be written.
    """
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=(11, 8), layout="constrained")
    FigureCanvasAgg(figure)
    upper, lower = figure.subplots(2, 1)
    for row in hops:
        budget = f"{1000.0 * row.spec.hop_s:.1f} ms of sound"
        label = f"{row.name}, {row.spec.profile.name}, {row.precision} ({budget})"
        _draw(upper, row.seconds, label)
    for network in networks:
        if network.seconds is not None:
            _draw(lower, network.seconds, f"{network.name}, {network.precision}")
    _finish(upper, "whole hops of the compiled engine", "duration of a hop, ms")
    _finish(lower, "networks only", "duration of a step, ms")
    try:
        figure.savefig(path, dpi=120)
    except (OSError, ValueError) as error:  # ValueError: a suffix that is no picture's
        raise AudioFileError(f"plot {path} cannot be written ({error}); try a .png") from error


def _draw(axes: Axes, seconds: np.ndarray, label: str) -> None:
    ms = 1000.0 * seconds
    n_bins = int(np.clip(ms.size // 4, 8, _MOST_BINS))
    counts, edges = np.histogram(ms, np.geomspace(0.95 * ms.min(), 1.05 * ms.max(), n_bins + 1))
    outline = axes.stairs(counts, edges, label=label)
    axes.axvline(float(np.median(ms)), color=outline.get_edgecolor(), linestyle=":", linewidth=1.0)


def _finish(axes: Axes, title: str, label: str) -> None:
    axes.set_xscale("log")
    axes.set_yscale("log")
    axes.set(title=title, xlabel=label, ylabel="count")
    if axes.get_legend_handles_labels()[0]:
        axes.legend(fontsize="small")
