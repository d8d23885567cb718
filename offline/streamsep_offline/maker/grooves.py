"""Human drum performances (Groove MIDI): reading the files, and looping whole bars of one.

Only what these files contain is read of the MIDI standard: note-ons of format 0 and 1; tempo is in
the file's name.
"""

from __future__ import annotations

import re
import struct
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from streamsep_offline.maker.notes import Hit
from streamsep_offline.maker.plan import Genre, Plan
from streamsep_offline.maker.splits import split_of
from streamsep_offline.maker.studio import Studio

SOURCE = "Groove MIDI Dataset (Google)"

PIECES = {
    **dict.fromkeys((35, 36), "kick"),
    **dict.fromkeys((38, 40), "snare"),
    37: "ghost",
    **dict.fromkeys((41, 43, 45, 47, 48, 50, 58), "tom"),
    **dict.fromkeys((22, 42, 44), "hat"),
    **dict.fromkeys((26, 46), "open"),
    **dict.fromkeys((49, 52, 55, 57), "crash"),
    **dict.fromkeys((51, 59), "ride"),
    53: "bell",
    39: "clap",
    **dict.fromkeys((54, 56), "perc"),
}
"""Piece of the kit of each MIDI key that the drummers' kit sends."""

_TOMS = {48: 0, 50: 0, 45: 1, 47: 1, 41: 2, 43: 2, 58: 2}
_FEWEST_STROKES = 40


@dataclass(frozen=True)
class Performance:
    """A drummer's performance.

    Attributes:
        name: The file's name: drummer, session, number, style, tempo.
        bpm: Its tempo.
        strokes: (quarter notes from the start, MIDI key, velocity 0 to 1), in order.
    """

    name: str
    bpm: float
    strokes: tuple[tuple[float, int, float], ...]


def _variable_length(data: bytes, position: int) -> tuple[int, int]:
    value = 0
    while True:
        byte = data[position]
        position += 1
        value = value << 7 | byte & 127
        if byte < 128:
            return value, position


def read_strokes(data: bytes) -> list[tuple[float, int, float]]:
    """Note-ons of a MIDI file: (quarter notes, key, velocity 0 to 1), in order of time."""
    ticks_per_quarter = struct.unpack(">H", data[12:14])[0]
    strokes = []
    track = 14
    while track < len(data):
        position, end = track + 8, track + 8 + struct.unpack(">I", data[track + 4 : track + 8])[0]
        ticks, status = 0, 0
        while position < end:
            delta, position = _variable_length(data, position)
            ticks += delta
            if data[position] & 128:
                status = data[position]
                position += 1
            if status == 0xFF or status in (0xF0, 0xF7):  # meta and system messages: skip
                position += status == 0xFF
                length, position = _variable_length(data, position)
                position += length
            elif status & 0xF0 in (0xC0, 0xD0):
                position += 1
            else:
                if status & 0xF0 == 0x90 and data[position + 1] > 0:
                    strokes.append(
                        (ticks / ticks_per_quarter, data[position], data[position + 1] / 127)
                    )
                position += 2
        track = end
    return sorted(strokes)


def choose_performance(
    studio: Studio, genre: Genre, rng: np.random.Generator
) -> Performance | None:
    """A performance of the split's drummers that fits a genre, at its chance; else None."""
    if rng.random() >= genre.performance_chance:
        return None
    fitting = [
        path
        for path in studio.files("midi/groove", "*_beat_4-4.mid")
        if split_of("drummer", path.name.split("__")[0]) == studio.split
        and any(word in _style(path) for word in genre.performances)
        and path.stat().st_size > 1500
    ]
    for _ in range(6 if fitting else 0):
        path = fitting[rng.integers(len(fitting))]
        strokes = read_strokes(path.read_bytes())
        tempo = re.search(r"_(\d+)_beat", path.name)
        if len(strokes) >= _FEWEST_STROKES and tempo:
            return Performance(path.stem, float(tempo[1]), tuple(strokes))
    return None


def _style(path: Path) -> str:
    return path.name.split("__")[2]


def performance_hits(performance: Performance, plan: Plan, start_bar: int) -> list[Hit]:
    """Whole bars of a performance from `start_bar` on, repeated over the song at its tempo."""
    n_quarters = max(4.0, np.floor(performance.strokes[-1][0] / 4.0) * 4.0)
    offset = -4.0 * (start_bar % max(1, int(n_quarters / 4.0)))
    hits = []
    while offset * plan.beat_s < plan.duration_s:
        for quarters, key, velocity in performance.strokes:
            time_s = (offset + quarters) * plan.beat_s
            if quarters < n_quarters and key in PIECES and 0.0 <= time_s < plan.duration_s:
                hits.append(Hit(time_s, PIECES[key], max(0.1, velocity), _TOMS.get(key, 0)))
        offset += n_quarters
    return hits
