"""Learning curves: scores over the count of made songs, and over the count of weights.

Points are means over seeds, bars their standard deviations. Needs matplotlib (extra `plot`), imported when
a picture is drawn.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path
from statistics import fmean, stdev

from streamsep.errors import AudioFileError
from streamsep.plot import require_matplotlib
from streamsep_offline.training.ablation.plan import CURVES
from streamsep_offline.training.ablation.results import LOSS, SHARE, Result

_COLOURS = {"made": "#4c78a8", "recorded": "#f58518"}
_LABELS = {"songs": "made songs to learn from", "weights": "weights"}
_SCORES = {LOSS: ("loss in dB, upwards is better", 1.0), SHARE: ("share closed, %", 100.0)}


def save_curves(path: str | Path, results: Sequence[Result]) -> None:
    """Draw a panel for each curve, a row for each kind of score.

    Args:
        path: SVG, PNG or PDF; replaced.
        results: Those that are points of no curve are left out.

    Raises:
        MissingExtraError: matplotlib is not installed.
        AudioFileError: The file cannot be written.
    """
    require_matplotlib()
    import matplotlib as mpl
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    points = {curve: [one for one in results if curve in one.curves] for curve in CURVES}
    curves = [curve for curve in CURVES if points[curve]]
    kinds = [k for k in _SCORES if any(one.scores(k, m) for one in results for m in _COLOURS)]
    figure = Figure(figsize=(5.0 * len(curves), 3.4 * len(kinds)), dpi=100, layout="constrained")
    FigureCanvasAgg(figure)
    grid = figure.subplots(len(kinds), len(curves), squeeze=False, sharey="row")
    for axes_of_kind, kind in zip(grid, kinds, strict=True):
        label, scale = _SCORES[kind]
        for axes, curve in zip(axes_of_kind, curves, strict=True):
            found = sorted(points[curve], key=lambda one: getattr(one, curve))
            for music, colour in _COLOURS.items():
                line = [
                    (getattr(one, curve), *_bar(one.scores(kind, music), scale)) for one in found
                ]
                line = [point for point in line if not math.isnan(point[1])]
                if line:
                    x, y, spread = zip(*line, strict=True)
                    style = {"marker": "o", "markersize": 4, "capsize": 3, "color": colour}
                    axes.errorbar(x, y, spread, label=f"{music} songs", **style)
            _mark(axes, [getattr(one, curve) for one in found])
            axes.set_xlabel(_LABELS[curve])
            axes.grid(alpha=0.3)
        axes_of_kind[0].set_ylabel(label)
        if kind == LOSS:
            axes_of_kind[0].invert_yaxis()  # shared by the row
    grid[0][0].legend(frameon=False)
    # Text as text and no date: a small file that changes only when the figures do.
    with mpl.rc_context({"svg.fonttype": "none", "svg.hashsalt": "streamsep"}):
        dateless = {"metadata": {"Date": None}} if Path(path).suffix.lower() == ".svg" else {}
        try:
            figure.savefig(path, **dateless)
        except (OSError, ValueError) as error:
            raise AudioFileError(
                f"picture {path} cannot be written ({error}); name a .svg"
            ) from error


def _mark(axes, values: Sequence[int]) -> None:  # noqa: ANN001 - matplotlib is not imported yet
    """A logarithmic scale whose ticks are the points'."""
    ticks = sorted(set(values))
    axes.set_xscale("log")
    axes.set_xticks(ticks, [_short(x) for x in ticks])
    axes.minorticks_off()


def _short(count: int) -> str:
    """A count with two or three digits: 150, 82 k, 1.3 M."""
    for limit, scale, unit in ((1e6, 1e6, " M"), (1e4, 1e3, " k")):
        if count >= limit:
            return f"{count / scale:.3g}{unit}"
    return f"{count:,}"


def _bar(scores: Sequence[float], scale: float) -> tuple[float, float]:
    """Mean and standard deviation; NaN where there is no score."""
    if not scores:
        return math.nan, math.nan
    return scale * fmean(scores), scale * stdev(scores) if len(scores) > 1 else 0.0
