"""The picture of a separation: what was heard, what each stem got, and the masks that decided it.

Needs matplotlib (extra `plot`), which is imported when a picture is drawn and never before; drawing
goes to a file without a window.
"""

from __future__ import annotations

import importlib.util
from pathlib import Path
from typing import Any

import numpy as np

from streamsep.errors import AudioFileError, MissingExtraError
from streamsep.spectrogram import HIGH_HZ, LOW_HZ, MaskCollector, SpectrogramCollector

_COLOURS = {
    "vocals": "#ff5d8f",
    "drums": "#ffb000",
    "bass": "#5b8cff",
    "piano": "#b07cff",
    "other": "#2fd0a5",
    "accompaniment": "#2fd0a5",
}
_FALLBACK_COLOURS = ("#e8e8e8", "#c08552", "#9bd1e5")
_INK, _PAPER, _FAINT = "#e8e6e3", "#14151a", "#8a8f98"
_RANGE_DB = 72.0
_TICKS_HZ = (50, 100, 200, 500, 1000, 2000, 5000, 10000)


def require_matplotlib() -> None:
    """Say what to install, before an hour of music has been separated.

    Raises:
        MissingExtraError: matplotlib is not installed.
    """
    if importlib.util.find_spec("matplotlib") is None:
        raise MissingExtraError("the picture", "matplotlib", "plot")


def save_plot(
    path: str | Path,
    title: str,
    stems: tuple[str, ...],
    spectrograms: SpectrogramCollector,
    masks: MaskCollector,
) -> None:
    """Draw mixture and stems (left), who owns what and the masks (right).

    Args:
        path: PNG, SVG or PDF; replaced.
        title: One line above.
        stems: Names of the stems.
        spectrograms: Of the stems and their sum.
        masks: Of the engine that made them.

    Raises:
        MissingExtraError: matplotlib is not installed.
        AudioFileError: The file cannot be written.
    """
    require_matplotlib()
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    seconds = spectrograms.n_samples / spectrograms.sample_rate
    levels = 10.0 * np.log10(spectrograms.power() + 1e-12)
    shares = masks.masks()
    top = float(np.max(levels))
    n_rows = 1 + len(stems)
    figure = Figure(figsize=(15, 1.0 + 1.9 * n_rows), dpi=110, facecolor=_PAPER)
    FigureCanvasAgg(figure)
    grid = figure.add_gridspec(
        n_rows, 2, left=0.055, right=0.985, top=0.925, bottom=0.06, hspace=0.12, wspace=0.06
    )
    colours = _colours(stems)
    for row in range(n_rows):
        left, right = figure.add_subplot(grid[row, 0]), figure.add_subplot(grid[row, 1])
        colour = _INK if row == 0 else colours[row - 1]
        name = "mixture" if row == 0 else stems[row - 1]
        _show(left, _glow(levels[row], top, colour), seconds)
        if row == 0:
            _show(right, _ownership(levels[0], top, shares, colours), seconds)
        else:
            _show(right, _tint(shares[row - 1], colour), seconds)
        _label(left, name, colour)
        _label(right, "who owns what" if row == 0 else f"mask of {name}", colour)
        right.set_yticklabels([])
        for axes in (left, right):
            if row < n_rows - 1:
                axes.set_xticklabels([])
            else:
                axes.set_xlabel("seconds", color=_FAINT, fontsize=9)
        left.set_ylabel("Hz", color=_FAINT, fontsize=9)
    figure.text(0.055, 0.965, title, color=_INK, fontsize=13, va="center")
    try:
        # Packing harder takes longer and saves a tenth of the file.
        figure.savefig(path, facecolor=_PAPER, pil_kwargs={"compress_level": 2})
    except (OSError, ValueError) as error:
        raise AudioFileError(f"picture {path} cannot be written ({error}); name a .png") from error


def _colours(stems: tuple[str, ...]) -> list[str]:
    spare = iter(_FALLBACK_COLOURS * len(stems))
    return [_COLOURS.get(stem) or next(spare) for stem in stems]


def _rgb(colour: str) -> np.ndarray:
    return np.array([int(colour[i : i + 2], 16) for i in (1, 3, 5)]) / 255.0


def _glow(level_db: np.ndarray, top_db: float, colour: str) -> np.ndarray:
    """Loudness as light: paper, then the colour, then white. [bands, columns, 3]."""
    x = np.clip(1.0 + (level_db - top_db) / _RANGE_DB, 0.0, 1.0)[..., None]
    body = _rgb(_PAPER) + (_rgb(colour) - _rgb(_PAPER)) * np.minimum(x / 0.82, 1.0) ** 1.7
    return body + (1.0 - body) * np.clip((x - 0.82) / 0.18, 0.0, 1.0) * 0.8


def _tint(share: np.ndarray, colour: str) -> np.ndarray:
    """A share of 0 to 1 as paper to colour. [bands, columns, 3]."""
    return _rgb(_PAPER) + (_rgb(colour) - _rgb(_PAPER)) * np.clip(share, 0.0, 1.0)[..., None]


def _ownership(
    level_db: np.ndarray, top_db: float, shares: np.ndarray, colours: list[str]
) -> np.ndarray:
    """The mixture's light in the stems' colours, each squared so that the winner shows."""
    columns = np.linspace(0, shares.shape[-1] - 1, level_db.shape[-1]).round().astype(int)
    weights = shares[..., columns] ** 2 + 1e-9
    weights /= weights.sum(axis=0)
    paint = np.einsum("jbt,jr->btr", weights, np.stack([_rgb(c) for c in colours]))
    x = np.clip(1.0 + (level_db - top_db) / _RANGE_DB, 0.0, 1.0)[..., None]
    return np.clip(_rgb(_PAPER) + (paint - _rgb(_PAPER)) * np.minimum(x * 1.25, 1.0) ** 1.4, 0, 1)


def _show(axes: Any, image: np.ndarray, seconds: float) -> None:
    """An image over time and musical frequency."""
    axes.imshow(
        image,
        origin="lower",
        aspect="auto",
        extent=(0.0, seconds, 0.0, 1.0),
        interpolation="bilinear",
    )
    axes.set_facecolor(_PAPER)
    places = [np.log(f / LOW_HZ) / np.log(HIGH_HZ / LOW_HZ) for f in _TICKS_HZ]
    axes.set_yticks(places, [f"{f // 1000}k" if f >= 1000 else str(f) for f in _TICKS_HZ])
    axes.tick_params(colors=_FAINT, labelsize=7.5, length=2)
    for side in axes.spines.values():
        side.set_visible(False)


def _label(axes: Any, text: str, colour: str) -> None:
    axes.text(
        0.008,
        0.94,
        text,
        transform=axes.transAxes,
        color=colour,
        fontsize=10,
        fontweight="bold",
        va="top",
        bbox={"facecolor": _PAPER, "edgecolor": "none", "alpha": 0.75, "pad": 2.5},
    )
