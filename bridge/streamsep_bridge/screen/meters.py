"""A level meter and a fader as characters of one line."""

from __future__ import annotations

import itertools

from rich.segment import Segment
from rich.style import Style

LOWEST_DB, HIGHEST_DB = -60.0, 0.0
"""Ends of a meter."""

_ZONES = tuple(
    (end_db, Style.parse(color)) for end_db, color in ((-18.0, "green"), (-6.0, "yellow"))
)
"""Upper ends in dBFS; what is above is hot."""

_HOT = Style.parse("red")

_LOUD, _PEAK, _HELD, _EMPTY = range(4)
_CHARACTERS, _ASCII_CHARACTERS = "█░│ ", "#-| "

FADER_CELLS = 15
"""Characters of a fader's track."""

FADER_ENDS_DB = (-60.0, 24.0)
"""Levels at its ends."""


def draw_meter(
    rms_db: float, peak_db: float, held_db: float, width: int, is_ascii: bool = False
) -> list[Segment]:
    """A line that fills up: solid to the mean power, shaded to the peak, a mark at the held peak.

    Args:
        rms_db: Mean power in dBFS.
        peak_db: Peak in dBFS.
        held_db: Held peak in dBFS.
        width: Characters.
        is_ascii: Whether the terminal knows only ASCII.
    """
    loud, peak, held = (cells_up_to(level_db, width) for level_db in (rms_db, peak_db, held_db))
    cells = [_LOUD if i < loud else _PEAK if i < peak else _EMPTY for i in range(width)]
    if held:
        cells[held - 1] = _HELD
    characters = _ASCII_CHARACTERS if is_ascii else _CHARACTERS
    styled = ((cell, _zone(i, width)) for i, cell in enumerate(cells))
    return [
        Segment(characters[cell] * len(list(run)), style)
        for (cell, style), run in itertools.groupby(styled)
    ]


def cells_up_to(level_db: float, width: int) -> int:
    """How many of so many cells a level fills."""
    share = (level_db - LOWEST_DB) / (HIGHEST_DB - LOWEST_DB)
    return round(width * min(max(share, 0.0), 1.0))


def draw_fader(gain_db: float, is_ascii: bool = False) -> str:
    """Where a fader is on its track. [FADER_CELLS characters]"""
    track, knob = ("-", "O") if is_ascii else ("─", "●")
    low_db, high_db = FADER_ENDS_DB
    share = (min(max(gain_db, low_db), high_db) - low_db) / (high_db - low_db)
    at = round((FADER_CELLS - 1) * share)
    return track * at + knob + track * (FADER_CELLS - 1 - at)


def show_db(level_db: float, decimals: int = 1) -> str:
    """A level as people read it; what is below every meter is a dash."""
    # Adding 0 makes 0 of -0.
    return "-" if level_db <= -100.0 else f"{round(level_db, decimals) + 0.0:.{decimals}f}"


def _zone(cell: int, width: int) -> Style:
    level_db = LOWEST_DB + (HIGHEST_DB - LOWEST_DB) * (cell + 0.5) / width
    return next((style for end_db, style in _ZONES if level_db < end_db), _HOT)
