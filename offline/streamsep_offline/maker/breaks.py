"""Breaks: moments in which one stem is alone, as bands and producers put them at section borders.

A drummer's fill, an a capella pick-up, a riff before the others come in: in every song of half a
minute each of the four stems is heard alone, so that a model learns what each is and that the
others are silent.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from streamsep_offline.maker.form import STEM_PARTS, Section
from streamsep_offline.maker.notes import SAMPLE_RATE_HZ, to_samples

_SHORTEST_S = 0.95
"""A break is half a bar if that is at least so long, else a bar or two."""

_ALL_FROM_S = 28.0
"""Songs of this length have a break for every stem; shorter ones for some."""


@dataclass(frozen=True)
class Break:
    """Some steps in which only one stem sounds.

    Attributes:
        start: First step, counted from the start of the song.
        end: The step after the last.
        stem: A key of `STEM_PARTS`.
        release_s: How fast the others die away.
    """

    start: int
    end: int
    stem: str
    release_s: float

    def silences(self, part: str) -> bool:
        """Whether a part has to be silent."""
        return part not in STEM_PARTS[self.stem]


_FIRST_BAR = {
    "intro": {"other": 3.0, "drums": 2.0, "bass": 1.5},
    "verse": {"vocals": 2.0, "drums": 0.5, "other": 0.5},
    "pre-chorus": {"vocals": 1.5, "other": 0.6},
    "chorus": {"vocals": 2.5},
    "break": {"drums": 3.0, "bass": 3.0, "vocals": 1.5, "other": 2.0},
    "solo": {"bass": 1.5, "other": 1.5, "drums": 0.6},
    "bridge": {"vocals": 1.5, "other": 2.0, "bass": 1.5},
    "outro": {"vocals": 1.0, "other": 1.5, "bass": 0.7},
}
_LAST_BAR = {
    "intro": {"drums": 2.0, "bass": 1.0, "vocals": 0.4},
    "verse": {"drums": 2.5, "bass": 1.2, "vocals": 0.8},
    "pre-chorus": {"drums": 2.5, "vocals": 2.0},
    "chorus": {"drums": 1.0, "bass": 1.5, "other": 0.6},
    "break": {"drums": 2.0, "vocals": 1.0, "bass": 1.0},
    "solo": {"drums": 2.5, "bass": 0.6},
    "bridge": {"drums": 2.0, "vocals": 2.0, "other": 1.0},
    "outro": {"other": 2.0, "vocals": 1.0},
}
"""Where each stem likes to be alone, by section."""


def choose_breaks(
    rng: np.random.Generator,
    sections: tuple[Section, ...],
    steps_per_bar: int,
    bar_s: float,
    n_bars: int,
    duration_s: float,
) -> tuple[Break, ...]:
    """Breaks at borders of sections, one for each stem in a song of half a minute.

    Args:
        rng: Draws who is alone where.
        sections: In order.
        steps_per_bar: Sixteenths in a bar.
        bar_s: Length of a bar.
        n_bars: Bars that lie wholly within the song.
        duration_s: Length of the song.
    """
    half = 0.5 * bar_s >= _SHORTEST_S
    taken: set[int] = set()
    breaks: list[Break] = []
    for stem in rng.permutation(list(STEM_PARTS)):
        if duration_s < _ALL_FROM_S and rng.random() > 0.6 * duration_s / _ALL_FROM_S:
            continue
        places = _places(sections, str(stem), n_bars - 1)
        free = [place for place in places if place[0] not in taken]
        if not free:
            continue
        weights = np.array([weight for _, _, weight in free])
        bar, is_start, _ = free[int(rng.choice(len(free), p=weights / weights.sum()))]
        taken |= {bar - 1, bar, bar + 1} if n_bars > 11 else {bar}
        start, end = bar * steps_per_bar, (bar + 1) * steps_per_bar
        if half and rng.random() < 0.75 and (not is_start or stem == "vocals") and bar > 0:
            # half a bar: a fill into the next section, a pick-up or a stop for the singer
            middle = (start + end) // 2
            start, end = (start, middle) if stem == "vocals" else (middle, end)
        elif is_start and bar > 0 and rng.random() < 0.35 and bar_s > _SHORTEST_S + 0.5:
            start += 2  # the band strikes the first beat together and stops
        elif bar_s < _SHORTEST_S or (bar == 0 and bar_s < 1.6):  # one bar would be gone too soon
            end += steps_per_bar
        release_s = float(np.exp(rng.uniform(np.log(0.02), np.log(0.12))))
        breaks.append(Break(int(start), int(end), str(stem), release_s))
    return tuple(sorted(breaks, key=lambda b: b.start))


def _places(
    sections: tuple[Section, ...], stem: str, last_bar: int
) -> list[tuple[int, bool, float]]:
    """(bar, whether it is the first of its section, weight) of all bars where a break may be."""
    places: dict[int, tuple[bool, float]] = {}
    fullest = max(len(section.playing) for section in sections)
    bar = 0
    for section in sections:
        plays = bool(section.playing & STEM_PARTS[stem])
        # leave sections alone in which everybody plays: few songs have many
        share = (1.0 if len(section.playing) < fullest else 0.4) if plays else 0.02
        for k in range(section.n_bars):
            if bar + k > last_bar or section.name == "ending":
                break
            table = _FIRST_BAR if k == 0 else _LAST_BAR if k == section.n_bars - 1 else {}
            weight = table.get(section.name, {}).get(stem, 0.02)
            if stem == "vocals":  # who sings alone must have begun a phrase
                is_breath = k % 2 == 0 and k == section.n_bars - 1
                weight *= 0.001 if is_breath else 0.5 if k % 2 else 1.0
            places[bar + k] = (k == 0, share * weight)
        bar += section.n_bars
    return [(bar, is_start, weight) for bar, (is_start, weight) in places.items()]


def choked(audio: np.ndarray, silences_s: list[tuple[float, float, float]]) -> np.ndarray:
    """`audio` [2, samples] with silences, into which it dies away.

    Args:
        audio: A stem; not modified.
        silences_s: (start, end, time constant of the decay) of each, seconds.
    """
    if not silences_s:
        return audio
    gain = np.ones(audio.shape[1], np.float32)
    n_rise = to_samples(0.02)
    for start_s, end_s, release_s in silences_s:
        start, end = max(0, to_samples(start_s)), min(len(gain), to_samples(end_s))
        if end - start < 2 * n_rise:
            continue
        since_s = np.arange(end - start, dtype=np.float32) / SAMPLE_RATE_HZ
        quiet = np.exp(-since_s / np.float32(release_s)) if start else np.zeros_like(since_s)
        if end < len(gain):  # who comes back a little early must not be cut
            quiet[-n_rise:] = np.maximum(quiet[-n_rise:], np.linspace(0.0, 1.0, n_rise) ** 2)
        gain[start:end] = np.minimum(gain[start:end], quiet)
    return audio * gain
