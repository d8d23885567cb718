"""Kinds of music: ten styles, each a handful of genres, with tempo, metre and who plays them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

STYLE_SHARES = {
    "rock": 22, "pop": 20, "metal": 6, "funk": 7, "folk": 8, "ballad": 7, "jazz": 5, "latin": 5,
    "electronic": 12, "hip-hop": 8,
}  # fmt: skip
"""Percent of songs of each style where none is asked for."""

STYLES = tuple(STYLE_SHARES)
"""Families of genres, as on the command line."""

_FOUR = (("4/4", 1.0),)
_THREE = (("3/4", 1.0),)
_SIX = (("6/8", 1.0),)


@dataclass(frozen=True)
class Genre:
    """A kind of music.

    Attributes:
        name: "house".
        style: Its family, one of `STYLES`.
        weight: Its share within the family.
        bpm: Lowest and highest tempo, in quarter notes per minute.
        performances: Words in the names of fitting human drum performances.
        performance_chance: How often such a performance replaces patterns.
        minor_chance: How often the scale is a minor one.
        swing: Lowest and highest lateness of every second eighth or sixteenth, in its own length.
        electronic: 0 to 1, how often drum machines and synthesisers stand in for a band.
        metres: Names of metres with their chances.
    """

    name: str
    style: str
    weight: float
    bpm: tuple[float, float]
    performances: tuple[str, ...] = ()
    performance_chance: float = 0.0
    minor_chance: float = 0.5
    swing: tuple[float, float] = (0.0, 0.0)
    electronic: float = 0.0
    metres: tuple[tuple[str, float], ...] = _FOUR

    @property
    def is_electronic(self) -> bool:
        """Whether machines, not a band, play it."""
        return self.electronic > 0.5

    @property
    def family(self) -> str:
        """The coarsest kind: "rock" (guitars), "pop" (mixed bands) or "electronic" (machines)."""
        if self.is_electronic:
            return "electronic"
        return "rock" if self.style in ("rock", "metal", "folk") else "pop"


_ROCK = ("rock", "punk", "country", "pop")
_BLUES = ("blues", "rock-shuffle", "rock-rockabilly", "neworleans", "purdieshuffle")
_SOUL = ("soul", "gospel", "funk-groove", "motown", "pop")
_FUNK = ("funk", "afrobeat", "soul", "neworleans", "hiphop", "fusion")
_JAZZ = ("jazz", "neworleans")
_SOFT = ("pop-soft", "pop-groove7", "soul-groove", "rock-groove8", "rock-halftime", "gospel")
_AFRO = ("afrocuban", "latin", "highlife", "calypso", "funk-latin", "neworleans-chacha")
_BRAZIL = ("brazilian", "samba", "bossa", "baiao", "songo")
_STREET = ("hiphop", "funk", "soul", "breakbeat")

GENRES: tuple[Genre, ...] = (
    Genre("rock", "rock", 4, (92, 165), _ROCK, 0.5, 0.45),
    Genre("hard-rock", "rock", 2, (86, 172), ("rock",), 0.4, 0.8),
    Genre("punk", "rock", 1, (150, 190), ("punk", "rock"), 0.5, 0.4),
    Genre("indie-rock", "rock", 1.5, (100, 160), ("indie", "rock", "dance"), 0.5, 0.4),
    Genre("alternative", "rock", 1.5, (76, 140), ("rock", "halftime"), 0.45, 0.7),
    Genre("blues-rock", "rock", 1, (76, 150), _BLUES, 0.5, 0.5, (0.2, 0.36)),
    Genre("rock-and-roll", "rock", 0.7, (138, 182), ("rockabilly", *_BLUES), 0.4, 0.1, (0.0, 0.3)),
    Genre("prog-rock", "rock", 0.6, (92, 140), ("rock-prog", "rock", "fusion", "middleeastern"),
          0.5, 0.7, metres=(("4/4", 0.4), ("5/4", 0.25), ("6/8", 0.2), ("3/4", 0.15))),
    Genre("pop", "pop", 3, (88, 132), (*_SOUL, "funk", "dance", "rock"), 0.45, 0.4, (0.0, 0.15),
          0.15),
    Genre("soft-pop", "pop", 1, (76, 118), (*_SOFT, "pop"), 0.5, 0.3, (0.0, 0.1)),
    Genre("pop-rock", "pop", 2, (96, 156), ("pop", "rock"), 0.5, 0.35),
    Genre("modern-pop", "pop", 1.5, (84, 128), ("pop", "hiphop"), 0.12, 0.5, (0.0, 0.2), 0.45),
    Genre("dance-pop", "pop", 1.2, (104, 128), ("dance", "disco"), 0.15, 0.5, electronic=0.45),
    Genre("heavy-metal", "metal", 2, (100, 172), ("rock", "punk"), 0.25, 0.9),
    Genre("thrash", "metal", 1.4, (150, 210), ("punk",), 0.1, 1.0),
    Genre("doom", "metal", 1, (56, 84), ("rock-halftime",), 0.15, 1.0,
          metres=(("4/4", 0.8), ("6/8", 0.2))),
    Genre("metalcore", "metal", 1.6, (100, 160), (), 0.0, 1.0),
    Genre("death-metal", "metal", 0.7, (150, 220), (), 0.0, 1.0),
    Genre("funk", "funk", 3, (88, 122), _FUNK, 0.65, 0.6, (0.0, 0.2)),
    Genre("soul", "funk", 2, (76, 116), _SOUL, 0.6, 0.45, (0.0, 0.2)),
    Genre("disco", "funk", 1.5, (108, 128), ("disco", "dance", "funk"), 0.35, 0.6,
          electronic=0.15),
    Genre("motown", "funk", 1, (106, 138), ("motown", "soul"), 0.5, 0.25),
    Genre("afrobeat", "funk", 0.6, (96, 128), ("afrobeat", "highlife", "funk"), 0.6, 0.7),
    Genre("folk-rock", "folk", 2, (80, 140), ("rock-folk", "rock", "country"), 0.5, 0.3,
          (0.0, 0.2)),
    Genre("folk", "folk", 2, (76, 132), ("country", "pop-soft", "rock-folk"), 0.25, 0.3,
          (0.0, 0.15), metres=(("4/4", 0.75), ("6/8", 0.25))),
    Genre("country", "folk", 1.6, (84, 148), ("country", "blues", "rock"), 0.35, 0.1, (0.0, 0.3)),
    Genre("waltz", "folk", 1, (84, 168), ("rock", "chacarera", "ando"), 0.3, 0.4, metres=_THREE),
    Genre("jig", "folk", 0.5, (130, 172), ("rock",), 0.15, 0.4, metres=_SIX),
    Genre("ballad", "ballad", 3, (62, 92), (*_SOFT, "rock", "pop", "soul"), 0.45, 0.35,
          (0.0, 0.2)),
    Genre("piano-ballad", "ballad", 1.5, (60, 84), _SOFT, 0.3, 0.4),
    Genre("power-ballad", "ballad", 1.2, (64, 86), ("rock-halftime", "rock"), 0.3, 0.5),
    Genre("slow-six", "ballad", 1.3, (76, 104), ("rock",), 0.35, 0.3, metres=_SIX),
    Genre("soul-jazz", "jazz", 1, (80, 150), ("jazz", "latin", "soul", "blues"), 0.7, 0.5,
          (0.0, 0.33)),
    Genre("swing", "jazz", 2, (112, 216), _JAZZ, 0.6, 0.35, (0.22, 0.36)),
    Genre("jazz-waltz", "jazz", 0.6, (104, 176), ("jazz",), 0.5, 0.5, (0.2, 0.34), metres=_THREE),
    Genre("jazz-ballad", "jazz", 0.8, (58, 84), ("jazz",), 0.15, 0.5, (0.2, 0.34)),
    Genre("fusion", "jazz", 0.8, (92, 144), ("fusion", "jazz-funk", "linear", "funk"), 0.7, 0.6),
    Genre("bossa", "latin", 1.2, (116, 160), _BRAZIL, 0.4, 0.45),
    Genre("samba", "latin", 0.6, (92, 126), _BRAZIL, 0.6, 0.4),
    Genre("salsa", "latin", 1.1, (160, 212), _AFRO, 0.35, 0.6),
    Genre("cha-cha", "latin", 0.5, (108, 132), _AFRO, 0.3, 0.5),
    Genre("cumbia", "latin", 0.9, (84, 108), ("latin", "calypso"), 0.2, 0.7, electronic=0.15),
    Genre("latin-folk", "latin", 0.3, (100, 170),
          ("venezuelan", "ando", "chacarera", "bomba", "middleeastern"), 0.6, 0.5,
          metres=(("4/4", 0.4), ("3/4", 0.35), ("6/8", 0.15), ("5/8", 0.1))),
    Genre("reggaeton", "latin", 1.1, (84, 102), ("reggaeton",), 0.1, 0.75, electronic=0.9),
    Genre("reggae", "latin", 1.4, (64, 92), ("reggae",), 0.35, 0.55, (0.0, 0.2)),
    Genre("ska", "latin", 0.4, (132, 172), ("reggae", "punk"), 0.15, 0.2),
    Genre("house", "electronic", 4, (116, 128), minor_chance=0.7, swing=(0, 0.25), electronic=1),
    Genre("techno", "electronic", 2, (122, 138), minor_chance=0.9, electronic=1),
    Genre("trance", "electronic", 1.5, (128, 142), minor_chance=0.8, electronic=1),
    Genre("big-room", "electronic", 1, (124, 132), minor_chance=0.8, electronic=1),
    Genre("drum-and-bass", "electronic", 1.5, (164, 178), ("breakbeat",), 0.1, 0.8, electronic=1),
    Genre("breaks", "electronic", 2, (104, 140), ("breakbeat", "funk", "hiphop"), 0.3, 0.7,
          electronic=1),
    Genre("synth-pop", "electronic", 2.5, (92, 132), minor_chance=0.5, electronic=1),
    Genre("synthwave", "electronic", 1.3, (80, 118), minor_chance=0.8, electronic=1),
    Genre("dubstep", "electronic", 1, (136, 144), minor_chance=0.9, electronic=1),
    Genre("downtempo", "electronic", 1, (76, 110), ("hiphop", "soul"), 0.3, 0.7, (0.0, 0.25),
          electronic=0.8),
    Genre("garage", "electronic", 1, (126, 136), minor_chance=0.7, swing=(0.05, 0.3),
          electronic=1),
    Genre("trap", "hip-hop", 2.5, (130, 160), minor_chance=0.85, electronic=1),
    Genre("hip-hop", "hip-hop", 2.5, (80, 104), _STREET, 0.4, 0.7, (0.0, 0.3), electronic=0.8),
    Genre("lo-fi", "hip-hop", 0.8, (68, 92), ("hiphop", "soul", "jazz"), 0.4, 0.6, (0.08, 0.33),
          electronic=0.7),
    Genre("drill", "hip-hop", 0.7, (136, 146), minor_chance=1.0, electronic=1),
    Genre("modern-soul", "hip-hop", 1, (66, 104), ("hiphop", "soul"), 0.25, 0.6, (0.0, 0.3),
          electronic=0.7),
)  # fmt: skip


def choose_genre(rng: np.random.Generator, style: str | None = None) -> Genre:
    """A genre of a style; without one, of all styles in their shares."""
    shares = np.array(list(STYLE_SHARES.values()), float)
    style = style or STYLES[int(rng.choice(len(STYLES), p=shares / shares.sum()))]
    choices = [genre for genre in GENRES if genre.style == style]
    weights = np.array([genre.weight for genre in choices])
    return choices[int(rng.choice(len(choices), p=weights / weights.sum()))]
