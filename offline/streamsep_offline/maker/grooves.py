"""Human drum performances (Groove MIDI): reading the files, looping whole bars of one, fills.

Only what these files contain is read of the MIDI standard: note-ons of format 0 and 1; tempo is in
the file's name.
"""

from __future__ import annotations

import re
import struct
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from streamsep_offline.maker.genres import Genre
from streamsep_offline.maker.notes import Hit
from streamsep_offline.maker.plan import Feel, Plan
from streamsep_offline.maker.splits import split_of
from streamsep_offline.maker.studio import Studio
from streamsep_offline.maker.tempo import METRES

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
_FEWEST_STROKES = {"beat": 12, "fill": 4}
_FILE = re.compile(
    r"(?P<number>\d+)_(?P<style>.+)_(?P<bpm>\d+)_(?P<kind>beat|fill)_(?P<metre>[\d-]+)$"
)


@dataclass(frozen=True)
class Performance:
    """A drummer's performance.

    Attributes:
        name: The file's name: drummer, session, number, style, tempo.
        bpm: Its tempo.
        strokes: (quarter notes from the start, MIDI key, velocity 0 to 1), in order.
        metre: A key of `tempo.METRES`.
    """

    name: str
    bpm: float
    strokes: tuple[tuple[float, int, float], ...]
    metre: str = "4/4"

    @property
    def n_quarters(self) -> float:
        """Its length in whole bars, at least one."""
        bar = METRES[self.metre].quarters
        return max(bar, np.floor(self.strokes[-1][0] / bar) * bar)

    @property
    def feel(self) -> Feel:
        """Tempo, metre and how its second eighths or sixteenths swing."""
        swing, unit = measured_swing(np.array([quarters for quarters, _, _ in self.strokes]))
        return Feel(self.bpm, self.metre, swing, unit)


def measured_swing(quarters: np.ndarray) -> tuple[float, int]:
    """How late every second eighth, else every second sixteenth, of strokes is on the whole.

    Args:
        quarters: Times of strokes in quarter notes.

    Returns:
        Lateness in its own length, 0 to 0.45, and 2 for eighths or 1 for sixteenths.
    """
    for unit in (2, 1):
        part = np.mod(quarters * 2.0 / unit, 1.0)
        second = part[(part > 0.42) & (part < 0.72)]
        if len(second) < max(8, 0.06 * len(quarters)):
            continue
        late = float(np.median(second))
        if late > 0.555:
            return min(0.45, 2.0 * late - 1.0), unit
        if unit == 2:  # straight eighths; their sixteenths may still swing
            continue
    return 0.0, 1


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
    names, chances = zip(*genre.metres, strict=True)
    metre = str(rng.choice(names, p=chances))
    fitting = _fitting(studio, genre, "beat", metre)
    slow, fast = 0.8 * genre.bpm[0], 1.25 * genre.bpm[1]
    in_time = [path for path in fitting if slow <= float(_parts(path)["bpm"]) <= fast]
    return _draw(in_time or fitting, rng)


def choose_fills(
    studio: Studio, genre: Genre, rng: np.random.Generator, n_fills: int = 4
) -> tuple[Performance, ...]:
    """Up to `n_fills` different fills of the split's drummers that fit a genre."""
    fitting = _fitting(studio, genre, "fill", "4/4")
    if not fitting or genre.performance_chance == 0.0:
        return ()
    drawn = (_draw(fitting, rng) for _ in range(n_fills))
    return tuple({fill.name: fill for fill in drawn if fill}.values())


def _parts(path: Path) -> dict[str, str]:
    found = _FILE.match(path.stem.split("__")[2])
    return found.groupdict() if found else {"style": "", "bpm": "0", "kind": "", "metre": ""}


def _fitting(studio: Studio, genre: Genre, kind: str, metre: str) -> list[Path]:
    """Files of the split's drummers of a kind ("beat" or "fill") that fit genre and metre."""
    return [
        path
        for path in studio.files("midi/groove", f"*_{kind}_{metre.replace('/', '-')}.mid")
        if split_of("drummer", path.name.split("__")[0]) == studio.split
        and any(word in _parts(path)["style"] for word in genre.performances)
    ]


def _draw(paths: list[Path], rng: np.random.Generator) -> Performance | None:
    """One of the files, long ones rather than short ones; None if several have too few strokes."""
    if not paths:
        return None
    weights = np.minimum([float(path.stat().st_size) for path in paths], 6000.0)
    for _ in range(6):
        path = paths[int(rng.choice(len(paths), p=weights / weights.sum()))]
        parts = _parts(path)
        strokes = read_strokes(path.read_bytes())
        if len(strokes) >= _FEWEST_STROKES[parts["kind"]]:
            metre = parts["metre"].replace("-", "/")
            return Performance(path.stem, float(parts["bpm"]), tuple(strokes), metre)
    return None


def piece_hits(performance: Performance, plan: Plan, offset: float) -> list[Hit]:
    """One round of a performance as strokes of the song, its start at quarter note `offset`."""
    hits = []
    for quarters, key, velocity in performance.strokes:
        time_s = plan.tempo.time_s(offset + quarters)
        if quarters < performance.n_quarters and key in PIECES and 0 <= time_s < plan.duration_s:
            hits.append(Hit(time_s, PIECES[key], max(0.1, velocity), _TOMS.get(key, 0)))
    return hits


def performance_hits(performance: Performance, plan: Plan, start_bar: int) -> list[Hit]:
    """Whole bars of a performance from `start_bar` on, repeated over the song at its tempo."""
    bar = METRES[performance.metre].quarters
    offset = -bar * (start_bar % round(performance.n_quarters / bar))
    hits = []
    while plan.tempo.time_s(offset) < plan.duration_s:
        hits += piece_hits(performance, plan, offset)
        offset += performance.n_quarters
    return hits
