"""How much of what is in a folder of songs: hours, levels and activity by stem, formats, splits."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from streamsep.errors import AudioFileError, MissingExtraError
from streamsep_offline.data.inventory import Inventory
from streamsep_offline.data.measure import FLOOR_DB, Measured, measure_stem
from streamsep_offline.data.piece import Facts, Piece, look
from streamsep_offline.data.settings import DataSettings
from streamsep_offline.data.song import order_stems


@dataclass(frozen=True)
class StemStats:
    """One stem over all songs.

    Attributes:
        stem: Its name.
        songs: How many have it.
        hours: Of it.
        rms_db: Median over songs of its level while it sounds; `FLOOR_DB` where it never does.
        low_db: The tenth part of songs is below this.
        high_db: The tenth part of songs is above this.
        active: Share of seconds in which it sounds, 0 to 1.
    """

    stem: str
    songs: int
    hours: float
    rms_db: float
    low_db: float
    high_db: float
    active: float


@dataclass(frozen=True)
class Stats:
    """A folder of songs.

    Attributes:
        layout: How it lies.
        songs: By split.
        hours: Of songs (of files, where songs are single stems).
        stems: By stem.
        formats: Count of files by format, rate in Hz and channels.
        cache_gb: About what the copies of files that have to be decoded or resampled will take.
    """

    layout: str
    songs: dict[str, int]
    hours: float
    stems: tuple[StemStats, ...]
    formats: dict[tuple[str, int, int], int]
    cache_gb: float


def compute_stats(
    inventory: Inventory,
    settings: DataSettings,
    n_jobs: int = 1,
    advance: Callable[[int, int], None] = lambda done, total: None,
) -> Stats:
    """Read every stem once.

    Args:
        inventory: What is there.
        settings: `sample_rate` counts.
        n_jobs: Threads.
        advance: Told after every stem how many of how many are done.

    Raises:
        AudioFileError: A file is unreadable.
    """
    stems = list(inventory.stems())
    by_stem: dict[str, list[Measured]] = defaultdict(list)
    longest: dict[int, float] = defaultdict(float)
    with ThreadPoolExecutor(n_jobs) as pool:
        results = pool.map(lambda job: measure_stem(*job), stems)
        for done, ((song, stem), measured) in enumerate(zip(stems, results, strict=True), 1):
            by_stem[stem].append(measured)
            longest[id(song)] = max(longest[id(song)], measured.seconds)
            advance(done, len(stems))
    facts = _facts(inventory)
    return Stats(
        inventory.layout.name,
        {split: len(songs) for split, songs in inventory.splits.items()},
        sum(longest.values()) / 3600.0,
        tuple(_of_stem(stem, by_stem[stem]) for stem in order_stems(list(by_stem))),
        dict(Counter((f.format_name, f.sample_rate, f.channels) for f in facts.values())),
        _cache_gb(facts, settings),
    )


def _of_stem(stem: str, group: list[Measured]) -> StemStats:
    seconds = sum(m.seconds for m in group)
    levels = [m.rms_db for m in group if m.active > 0.0] or [FLOOR_DB]
    low, median, high = np.percentile(levels, (10, 50, 90))
    active = sum(m.active * m.seconds for m in group) / max(seconds, 1e-9)
    return StemStats(
        stem, len(group), seconds / 3600.0, float(median), float(low), float(high), active
    )


def _facts(inventory: Inventory) -> dict[Piece, Facts]:
    pieces = {
        Piece(piece.path, piece.stream)
        for song in inventory.songs
        for group in (song.mixture, *song.pieces.values())
        for piece in group
    }
    return {piece: look(piece) for piece in sorted(pieces, key=str)}


def _cache_gb(facts: dict[Piece, Facts], settings: DataSettings) -> float:
    copied = (f for p, f in facts.items() if settings.store.is_copied(p, f, settings.sample_rate))
    seconds = sum((f.n_frames or 0) / f.sample_rate * f.channels for f in copied)
    return seconds * settings.sample_rate * 2 / 1e9


def save_picture(path: Path, stats: Stats) -> None:
    """Draw hours, levels and activity by stem.

    Args:
        path: PNG, SVG or PDF; replaced.
        stats: What to draw.

    Raises:
        MissingExtraError: matplotlib is not installed.
        AudioFileError: The file cannot be written.
    """
    try:
        from matplotlib.backends.backend_agg import FigureCanvasAgg
        from matplotlib.figure import Figure
    except ImportError as error:
        raise MissingExtraError("the picture", "matplotlib", "plot") from error
    figure = Figure(figsize=(11, 1.2 + 0.5 * len(stats.stems)), layout="constrained")
    FigureCanvasAgg(figure)
    hours, levels, activity = figure.subplots(1, 3, sharey=True)
    names = [s.stem for s in stats.stems]
    hours.barh(names, [s.hours for s in stats.stems])
    hours.set_xlabel("hours")
    medians = np.array([s.rms_db for s in stats.stems])
    spread = [medians - [s.low_db for s in stats.stems], [s.high_db for s in stats.stems] - medians]
    levels.errorbar(medians, names, xerr=np.abs(spread), fmt="o", capsize=4)
    levels.set_xlabel("dB RMS while it sounds\n(median, 10 % to 90 % of songs)")
    activity.barh(names, [100.0 * s.active for s in stats.stems])
    activity.set_xlabel("% of seconds\nin which it sounds")
    hours.invert_yaxis()
    figure.suptitle(f"songs: {sum(stats.songs.values())}, hours: {stats.hours:.2f}")
    try:
        figure.savefig(path)
    except (OSError, ValueError) as error:
        raise AudioFileError(f"picture {path} cannot be written ({error}); name a .png") from error
