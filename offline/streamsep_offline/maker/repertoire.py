"""What each genre plays: families of drum patterns, and the instruments of the stem *other*."""

from __future__ import annotations

from streamsep_offline.maker.genres import Genre

_ROCK = {"rock": 0.5, "half": 0.14, "four": 0.14, "funk": 0.07, "punk": 0.07, "tom": 0.08}
_LATIN_FOLK = {"hands": 0.4, "cumbia": 0.3, "samba": 0.3}
GENRE_FAMILIES: dict[str, dict[str, float]] = {
    "rock": _ROCK,
    "hard-rock": {**_ROCK, "half": 0.3, "punk": 0.2, "metal": 0.15},
    "punk": {"punk": 0.7, "rock": 0.3},
    "indie-rock": {**_ROCK, "disco": 0.15},
    "alternative": {**_ROCK, "half": 0.3},
    "blues-rock": {"shuffle": 0.6, "rock": 0.4},
    "rock-and-roll": {"shuffle": 0.4, "rock": 0.4, "train": 0.2},
    "prog-rock": {"rock": 0.5, "funk": 0.25, "half": 0.25},
    "pop": {"rock": 0.4, "four": 0.25, "funk": 0.15, "half": 0.2},
    "soft-pop": {"rock": 0.6, "hands": 0.2, "half": 0.2},
    "pop-rock": {"rock": 0.6, "four": 0.25, "half": 0.15},
    "modern-pop": {"dance": 0.2, "trap": 0.15, "dembow": 0.1, "rock": 0.3, "half": 0.25},
    "dance-pop": {"dance": 0.5, "disco": 0.4, "four": 0.1},
    "heavy-metal": {"metal": 0.45, "rock": 0.35, "double-kick": 0.2},
    "thrash": {"thrash": 0.6, "double-kick": 0.25, "metal": 0.15},
    "doom": {"doom": 0.7, "half": 0.3},
    "metalcore": {"metal": 0.35, "double-kick": 0.25, "breakdown": 0.25, "thrash": 0.15},
    "death-metal": {"blast": 0.5, "double-kick": 0.3, "thrash": 0.2},
    "funk": {"funk": 0.8, "second-line": 0.1, "four": 0.1},
    "soul": {"rock": 0.4, "funk": 0.35, "motown": 0.15, "half": 0.1},
    "disco": {"disco": 0.85, "funk": 0.15},
    "motown": {"motown": 0.8, "rock": 0.2},
    "afrobeat": {"afrobeat": 0.9, "funk": 0.1},
    "folk-rock": {"rock": 0.5, "tom": 0.15, "four": 0.15, "train": 0.2},
    "folk": {"hands": 0.5, "train": 0.2, "rock": 0.3},
    "country": {"train": 0.5, "rock": 0.3, "shuffle": 0.2},
    "waltz": {"waltz": 1.0},
    "jig": {"six": 1.0},
    "ballad": {"rock": 0.45, "half": 0.35, "tom": 0.1, "hands": 0.1},
    "piano-ballad": {"half": 0.6, "rock": 0.4},
    "power-ballad": {"half": 0.5, "rock": 0.5},
    "slow-six": {"six": 1.0},
    "soul-jazz": {"swing": 0.5, "funk": 0.4, "bossa": 0.1},
    "swing": {"swing": 1.0},
    "jazz-waltz": {"jazz-waltz": 1.0},
    "jazz-ballad": {"swing": 1.0},
    "fusion": {"funk": 0.8, "samba": 0.2},
    "bossa": {"bossa": 1.0},
    "samba": {"samba": 1.0},
    "salsa": {"salsa": 1.0},
    "cha-cha": {"cha-cha": 1.0},
    "cumbia": {"cumbia": 1.0},
    "latin-folk": _LATIN_FOLK,
    "reggaeton": {"dembow": 1.0},
    "reggae": {"one-drop": 1.0},
    "ska": {"ska": 0.8, "punk": 0.2},
    "house": {"dance": 0.9, "disco": 0.1},
    "techno": {"dance": 1.0},
    "trance": {"dance": 1.0},
    "big-room": {"dance": 1.0},
    "synth-pop": {"dance": 0.5, "rock": 0.5},
    "synthwave": {"rock": 0.5, "dance": 0.3, "half": 0.2},
    "drum-and-bass": {"two-step": 0.7, "break": 0.3},
    "breaks": {"break": 1.0},
    "trap": {"trap": 1.0},
    "drill": {"drill": 1.0},
    "dubstep": {"trap": 0.6, "half": 0.4},
    "garage": {"garage": 1.0},
    "hip-hop": {"boom-bap": 1.0},
    "lo-fi": {"boom-bap": 1.0},
    "modern-soul": {"boom-bap": 0.5, "trap": 0.3, "half": 0.2},
    "downtempo": {"boom-bap": 0.6, "rock": 0.2, "break": 0.2},
}
"""Families of each genre in 4/4 or its only metre, with their chances."""

METRE_FAMILIES = {
    "3/4": {"waltz": 1.0}, "6/8": {"six": 1.0}, "5/4": {"odd": 1.0}, "5/8": {"odd-eight": 1.0},
}  # fmt: skip
"""What is played where a genre that knows several metres leaves 4/4."""

_GENRE_PARTS: dict[str, dict[str, float]] = {
    "hard-rock": {"distorted guitar": 3.0, "lead guitar": 1.5}, "punk": {"distorted guitar": 3.0},
    "trance": {"stab": 2.0, "pluck": 2.0},
    "reggae": {"clean guitar": 4.0, "organ": 4.0, "piano": 1.0}, "ska": {"clean guitar": 4.0},
    "bossa": {"acoustic guitar": 5.0, "wind or string": 2.0, "brass": 0.4},
    "salsa": {"piano": 6.0, "brass": 5.0}, "reggaeton": {"pluck": 3.0, "pad": 2.0, "brass": 0.3},
    "cumbia": {"organ": 3.0}, "country": {"clean guitar": 4.0, "wind or string": 4.0},
    "synthwave": {"pad": 1.5, "pluck": 2.0, "synth lead": 1.5}, "big-room": {"stab": 2.0},
    "disco": {"strings": 5.0}, "motown": {"strings": 2.0, "brass": 2.0, "piano": 2.0},
    "piano-ballad": {"piano": 8.0}, "power-ballad": {"distorted guitar": 4.0},
    "blues-rock": {"organ": 2.0, "piano": 2.0}, "rock-and-roll": {"piano": 4.0},
    "lo-fi": {"electric piano": 4.0, "clean guitar": 3.0}, "trap": {"bell": 3.0, "pad": 1.5},
    "drill": {"strings": 3.0, "bell": 2.0}, "modern-soul": {"electric piano": 4.0},
}  # fmt: skip


def part_boosts(genre: Genre) -> dict[str, float]:
    """Factors on the chances of parts of the stem *other* (names as in `others.PARTS`)."""
    return _GENRE_PARTS.get(genre.name, {})
