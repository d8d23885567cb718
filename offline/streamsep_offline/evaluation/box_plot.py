"""Box plots as museval's users draw them: a panel per figure, a box per stem and run over songs.

Box: quartiles; line: median; triangle: mean; whiskers: 1.5 times the box; rings: songs beyond. Needs
matplotlib (extra `plot`), imported when a picture is drawn.
"""

from __future__ import annotations

import io
import math
from collections.abc import Sequence
from pathlib import Path

from streamsep.errors import AudioFileError
from streamsep.plot import require_matplotlib
from streamsep_offline.evaluation.figures import FIGURES
from streamsep_offline.evaluation.results import Run

_COLOURS = ("#4c78a8", "#f58518", "#54a24b", "#e45756", "#72b7b2", "#b279a2", "#9d755d")
_PANELS = ("bss_sdr_db", "bss_isr_db", "bss_sir_db", "bss_sar_db", "sdr_db", "si_sdr_db")
_WIDTH = 0.8


def save_box_plot(path: str | Path, runs: Sequence[Run]) -> None:
    """Draw runs to a file.

    Args:
        path: PNG, SVG or PDF; replaced.
        runs: At least one.

    Raises:
        MissingExtraError: matplotlib is not installed.
        AudioFileError: The file cannot be written.
    """
    suffix = Path(path).suffix.lower().removeprefix(".") or "png"
    try:
        Path(path).write_bytes(draw_box_plot(runs, suffix))
    except (OSError, ValueError) as error:
        raise AudioFileError(f"picture {path} cannot be written ({error}); name a .png") from error


def draw_box_plot(runs: Sequence[Run], file_format: str = "png") -> bytes:
    """The picture's file.

    Raises:
        MissingExtraError: matplotlib is not installed.
        ValueError: The format is unknown.
    """
    require_matplotlib()
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure
    from matplotlib.patches import Patch

    stems = list(dict.fromkeys(s.stem for run in runs for song in run.songs for s in song.stems))
    panels = [
        key for key in _PANELS if any(_values(run, stem, key) for run in runs for stem in stems)
    ]
    n_columns = 2 if len(panels) > 1 else 1
    n_rows = max(1, math.ceil(len(panels) / n_columns))
    figure = Figure(figsize=(6.0 * n_columns, 3.2 * n_rows + 0.4 * len(runs)), dpi=100)
    FigureCanvasAgg(figure)
    for place, key in enumerate(panels):
        axes = figure.add_subplot(n_rows, n_columns, place + 1)
        for r, run in enumerate(runs):
            width = _WIDTH / len(runs)
            for k, stem in enumerate(stems):
                values = _values(run, stem, key)
                if values:
                    axes.boxplot(
                        [values],
                        positions=[k - _WIDTH / 2 + (r + 0.5) * width],
                        widths=0.85 * width,
                        showmeans=True,
                        patch_artist=True,
                        boxprops={"facecolor": _colour(r), "alpha": 0.6},
                        medianprops={"color": "black"},
                        manage_ticks=False,
                    )
        axes.set_xticks(range(len(stems)), stems)
        axes.set_xlim(-0.6, len(stems) - 0.4)
        axes.set_ylabel(f"{FIGURES[key].heading} in dB")
        axes.grid(axis="y", alpha=0.3)
    handles = [
        Patch(color=_colour(r), alpha=0.6, label=_plain(run.title)) for r, run in enumerate(runs)
    ]
    figure.legend(handles=handles, loc="upper center", frameon=False)
    figure.tight_layout(
        rect=(0.0, 0.0, 1.0, 1.0 - (0.3 + 0.22 * len(runs)) / figure.get_figheight())
    )
    file = io.BytesIO()
    figure.savefig(file, format=file_format)
    return file.getvalue()


def _values(run: Run, stem: str, key: str) -> list[float]:
    """Figures of all songs, as far as they are defined."""
    values = [
        s.figures.get(key, math.nan) for song in run.songs for s in song.stems if s.stem == stem
    ]
    return [x for x in values if not math.isnan(x)]


def _colour(index: int) -> str:
    return _COLOURS[index % len(_COLOURS)]


def _plain(title: str) -> str:
    """A title that matplotlib does not take for mathematics."""
    return title.replace("$", r"\$")
