"""What an evaluation found: figures by stem, by song, by run."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class StemResult:
    """Figures of one stem of one song.

    Attributes:
        stem: Name.
        figures: By key of `figures.FIGURES`; NaN where a figure is not defined.
        frames: BSSEval by second, by name ("SDR", "ISR", "SIR", "SAR"); empty if it was not asked for.
    """

    stem: str
    figures: Mapping[str, float]
    frames: Mapping[str, Sequence[float]] = field(default_factory=dict)

    @property
    def share_closed(self) -> float:
        """Of this song alone; NaN where one of the three figures is not defined."""
        return share(self.figures)


@dataclass(frozen=True)
class SongResult:
    """Figures of one song.

    Attributes:
        song: Name.
        kind: Of music; "" if unknown.
        seconds: What was scored.
        stems: In the song's order.
        checks: Figures of `checks` by stem; empty if none was asked for.
    """

    song: str
    kind: str
    seconds: float
    stems: tuple[StemResult, ...]
    checks: Mapping[str, Mapping[str, float]] = field(default_factory=dict)


@dataclass(frozen=True)
class Run:
    """What one model did on all songs.

    Attributes:
        title: One line for people.
        settings: What decides the figures: JSON values.
        metrics: What was asked for; of `figures.METRICS`.
        songs: Those that were scored.
        is_complete: False where it was stopped, or a song failed.
        checks: What was asked for; of `checks.CHECKS`.
    """

    title: str
    settings: Mapping[str, Any]
    metrics: tuple[str, ...]
    songs: tuple[SongResult, ...]
    is_complete: bool = True
    checks: tuple[str, ...] = ()


def share(figures: Mapping[str, float]) -> float:
    """(SDR - nothing) / (ideal - nothing) of such figures."""
    nothing = figures.get("nothing_db", math.nan)
    whole = figures.get("ideal_db", math.nan) - nothing
    return (figures["sdr_db"] - nothing) / whole if whole else math.nan
