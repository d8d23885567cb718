"""The form of a song: named sections, how long each is, who plays in it and how full it sounds."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from streamsep_offline.maker.courses import course
from streamsep_offline.maker.genres import Genre

PARTS = ("kick", "snare", "hats", "bass", "chords", "lead", "vocals")
"""What a section may leave out."""

STEM_PARTS = {
    "vocals": frozenset({"vocals"}),
    "drums": frozenset({"kick", "snare", "hats"}),
    "bass": frozenset({"bass"}),
    "other": frozenset({"chords", "lead"}),
}
"""Which of `PARTS` make each stem."""

KINDS = {
    "intro": 0, "verse": 0, "pre-chorus": 2, "chorus": 1, "break": 2, "solo": 0, "bridge": 2,
    "outro": 1,
}  # fmt: skip
"""The kind of each named section: sections of one kind share chords and figures."""

_ENERGIES = {
    "intro": 0.4, "verse": 0.5, "pre-chorus": 0.65, "chorus": 0.9, "break": 0.3, "solo": 0.8,
    "bridge": 0.5, "outro": 0.65,
}  # fmt: skip
_PRESENCE = {
    "intro": (0.55, 0.5, 0.65, 0.6, 0.92, 0.55, 0.12),
    "verse": (0.94, 0.93, 0.95, 0.94, 0.94, 0.45, 0.97),
    "pre-chorus": (0.88, 0.9, 0.94, 0.95, 0.97, 0.55, 0.97),
    "chorus": (0.99, 0.99, 0.99, 0.99, 0.99, 0.75, 0.97),
    "break": (0.4, 0.35, 0.5, 0.45, 0.65, 0.35, 0.35),
    "solo": (0.97, 0.97, 0.97, 0.98, 0.96, 0.98, 0.08),
    "bridge": (0.72, 0.72, 0.8, 0.86, 0.94, 0.55, 0.75),
    "outro": (0.85, 0.85, 0.88, 0.88, 0.95, 0.6, 0.55),
}
"""How often each of `PARTS` plays in each section."""

_KICKLESS = 0.12
"""Share of electronic songs without kick: their low bursts belong to the bass alone."""


@dataclass(frozen=True)
class Section:
    """Some bars with the same parts playing.

    Attributes:
        kind: 0, 1 or 2: verse, chorus, bridge; sections of one kind are alike.
        playing: Which of `PARTS` play.
        name: A key of `KINDS`, or "ending" for the last chord.
        n_bars: How long.
        energy: 0 (bare) to 1 (as full and loud as the song gets).
        feel: "normal", "half" (the backbeat comes half as often) or "double".
        transpose: Semitones above the song's key.
        is_pedal: The bass stays on the tonic.
    """

    kind: int
    playing: frozenset[str]
    name: str = "verse"
    n_bars: int = 4
    energy: float = 0.6
    feel: str = "normal"
    transpose: int = 0
    is_pedal: bool = False


def make_sections(rng: np.random.Generator, genre: Genre, n_bars: int) -> tuple[Section, ...]:
    """Sections that fill `n_bars`, with parts, energy and feel.

    Args:
        rng: Draws everything.
        genre: The kind of music.
        n_bars: Length of the song, at least 1.
    """
    pieces = course(rng, genre.style, n_bars)
    contrast = rng.uniform(0.35, 1.1)
    is_kickless = genre.is_electronic and rng.random() < _KICKLESS
    by_name = {name: _players(rng, genre, name) for name in KINDS}
    is_growing = rng.random() < 0.5  # who has come in stays for later verses
    heard: dict[str, int] = {}
    sections = []
    for k, (name, length) in enumerate(pieces):
        turn = heard[name] = heard.get(name, -1) + 1
        playing = by_name[name]
        if is_growing and name in ("verse", "chorus") and turn > 0:
            playing = playing | {"kick", "snare", "hats", "bass", "chords"}
        elif name == "verse" and turn == 0 and k < 2 and rng.random() < 0.22:
            playing = playing - (STEM_PARTS["drums"] if rng.random() < 0.6 else {"kick", "bass"})
        if is_kickless:
            playing = playing - {"kick"}
        energy = 0.62 + contrast * (_ENERGIES[name] - 0.62) + 0.05 * turn + rng.normal(0.0, 0.05)
        sections.append(
            Section(KINDS[name], frozenset(playing), name, length, float(np.clip(energy, 0.05, 1)))
        )
    return _with_change(rng, genre, _with_full_section(sections, is_kickless))


def _players(rng: np.random.Generator, genre: Genre, name: str) -> frozenset[str]:
    chances = dict(zip(PARTS, _PRESENCE[name], strict=True))
    if genre.is_electronic and name != "chorus":
        thinner = {"kick": 0.88, "snare": 0.8, "bass": 0.92, "vocals": 0.8}
        chances |= {part: chances[part] * thinner.get(part, 0.95) for part in PARTS}
        if name in ("break", "pre-chorus"):
            chances["kick"] = 0.3
    if genre.style in ("folk", "ballad") and name in ("intro", "verse", "bridge"):
        chances |= {part: 0.6 * chances[part] for part in ("kick", "snare")}
    if genre.style == "jazz":  # the snare only answers, the ride leads
        chances["hats"] = max(chances["hats"], 0.8)
    return frozenset(part for part in PARTS if rng.random() < chances[part])


def _with_full_section(sections: list[Section], is_kickless: bool) -> list[Section]:
    """Two fifths of the song at least in which everybody plays: what masks must learn."""
    wanted = frozenset(PARTS) - ({"kick"} if is_kickless else frozenset())
    total = sum(section.n_bars for section in sections)
    full = sum(section.n_bars for section in sections if section.playing >= wanted)
    bare = ("solo", "break", "intro")  # filled only where there is nothing else
    for k in sorted(
        range(len(sections)), key=lambda k: (sections[k].name in bare, -sections[k].energy)
    ):
        if full >= max(1, 0.4 * total):
            break
        if not sections[k].playing >= wanted:
            sections[k] = replace(sections[k], playing=wanted)
            full += sections[k].n_bars
    return [
        section if section.playing else replace(section, playing=frozenset({"chords"}))
        for section in sections
    ]


def _with_change(
    rng: np.random.Generator, genre: Genre, sections: list[Section]
) -> tuple[Section, ...]:
    """A higher last chorus, half or double time, a pedal point: each in some songs."""
    choruses = [k for k, section in enumerate(sections) if section.name == "chorus"]
    lift_chance = {"pop": 0.15, "ballad": 0.2, "folk": 0.08, "rock": 0.06}.get(genre.style, 0.03)
    if len(choruses) > 1 and rng.random() < lift_chance:
        lift = int(rng.choice([1, 2, 2, 3]))
        sections[choruses[-1] :] = [
            replace(section, transpose=lift) for section in sections[choruses[-1] :]
        ]
    changes = {
        "metal": (("break", "half", 0.6), ("verse", "double", 0.15), ("chorus", "half", 0.25)),
        "rock": (("bridge", "half", 0.3), ("chorus", "half", 0.06), ("chorus", "double", 0.05)),
        "pop": (("bridge", "half", 0.25), ("break", "half", 0.2)),
        "electronic": (("chorus", "half", 0.05),),
        "jazz": (("solo", "double", 0.08),),
    }.get(genre.style, ())
    for name, feel, chance in changes:
        if rng.random() < chance:
            sections = [replace(s, feel=feel) if s.name == name else s for s in sections]
    if rng.random() < 0.2:
        name = str(rng.choice(["intro", "bridge", "break", "pre-chorus"]))
        sections = [replace(s, is_pedal=True) if s.name == name else s for s in sections]
    return tuple(sections)
