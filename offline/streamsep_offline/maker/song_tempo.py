"""Which tempo a song has: a performance's or a machine's, a band's that drifts, changes, slows."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from streamsep_offline.maker.form import Section
from streamsep_offline.maker.genres import Genre
from streamsep_offline.maker.tempo import (
    Metre,
    TempoMap,
    human_drift,
    steady_map,
    tempo_map,
    with_ritardando,
)


@dataclass(frozen=True)
class Feel:
    """The time of a drum performance, to which the rest of the band keeps.

    Attributes:
        bpm: Its tempo.
        metre: A key of `tempo.METRES`.
        swing: As in `Timeline`.
        swing_unit: As in `Timeline`.
    """

    bpm: float
    metre: str = "4/4"
    swing: float = 0.0
    swing_unit: int = 1


def slowing_chance(genre: Genre, feel: Feel | None) -> float:
    """How often the end slows down; who plays to a machine or a performance does not."""
    if feel or genre.is_electronic:
        return 0.0
    return {"ballad": 0.4, "folk": 0.35, "jazz": 0.3, "pop": 0.12, "latin": 0.1}.get(
        genre.style, 0.1
    )


def song_tempo(
    rng: np.random.Generator,
    genre: Genre,
    feel: Feel | None,
    metre: Metre,
    bpm: float,
    sections: tuple[Section, ...],
    duration_s: float,
    slowest: float,
) -> TempoMap:
    """Steady for machines and performances; half of the bands drift, some change on the way.

    Args:
        rng: Draws everything.
        genre: The kind of music.
        feel: The time of a performance, which is steady, or None.
        metre: How bars are counted.
        bpm: Quarter notes per minute as written.
        sections: The song's form; an ending is what a band slows down into.
        duration_s: Length of the song; the map goes on well beyond.
        slowest: Speed of the last chord, 1 without a ritardando.
    """
    beat_s = 60.0 / bpm
    n_quarters = int(1.6 * duration_s / beat_s) + 12
    if feel or genre.is_electronic or (genre.style == "metal" and rng.random() < 0.6):
        return steady_map(beat_s, n_quarters)
    has_drift = rng.random() < 0.5
    has_ending = sections[-1].name == "ending"
    changes = rng.random() < 0.05 and not has_ending
    slows = slowest < 1.0 and has_ending
    if not (has_drift or changes or slows):
        return steady_map(beat_s, n_quarters)
    speeds = human_drift(rng, n_quarters, rng.uniform(0.003, 0.014)) if has_drift else None
    speeds = np.ones(n_quarters) if speeds is None else speeds
    starts = np.cumsum([0] + [round(s.n_bars * metre.quarters) for s in sections])
    if has_drift:  # choruses push
        push = rng.uniform(0.0, 0.015)
        for start, end, section in zip(starts, starts[1:], sections, strict=False):
            speeds[start:end] *= 1.0 + push * (section.energy - 0.6)
    if changes and len(sections) > 2:
        at = starts[int(rng.integers(1, len(sections)))]
        speeds[at:] *= float(rng.choice([0.75, 0.88, 1.12, 1.25]))
    if slows:
        end = int(starts[-2])  # where the last chord comes
        n_slow = round(metre.quarters * float(rng.choice([1, 2])))
        speeds = with_ritardando(speeds, n_slow, end, slowest)
    return tempo_map(beat_s, speeds)
