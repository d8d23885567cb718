"""What the singer can pronounce: vowels as formants, consonants as gestures, words as both.

Formants are those of an adult man, singing, in Hz; a shorter vocal tract multiplies all of them.

Source: Peterson & Barney, JASA 24(2), 1952 (vowels); Klatt, JASA 67(3), 1980 (consonants).
"""

from __future__ import annotations

from dataclasses import dataclass

VOWELS = {
    "a": (720.0, 1200.0, 2500.0, 3350.0, 4100.0),
    "e": (470.0, 1850.0, 2550.0, 3400.0, 4100.0),
    "i": (310.0, 2200.0, 2900.0, 3450.0, 4200.0),
    "o": (470.0, 880.0, 2450.0, 3250.0, 4000.0),
    "u": (340.0, 950.0, 2300.0, 3200.0, 4000.0),
    "uh": (560.0, 1300.0, 2450.0, 3350.0, 4100.0),
}


@dataclass(frozen=True)
class Consonant:
    """What happens just before a vowel.

    Attributes:
        lead_s: How long before the vowel it begins.
        voicing: How much of the voice goes on meanwhile, 0 to 1.
        locus: First three formants that it aims at; None takes the vowel's.
        noise_hz: Edges of the noise of friction or release; None has none.
        noise_gain: Level of that noise.
        noise_s: How long the noise lasts, counted back from the vowel.
        breath: Breath through the open glottis meanwhile, 0 to 1.
    """

    lead_s: float
    voicing: float
    locus: tuple[float, float, float] | None = None
    noise_hz: tuple[float, float] | None = None
    noise_gain: float = 0.0
    noise_s: float = 0.0
    breath: float = 0.0


CONSONANTS = {
    "": Consonant(0.03, 0.6),
    "m": Consonant(0.075, 0.32, (260.0, 1000.0, 2200.0)),
    "n": Consonant(0.07, 0.34, (260.0, 1550.0, 2500.0)),
    "l": Consonant(0.065, 0.5, (350.0, 1100.0, 2700.0)),
    "w": Consonant(0.08, 0.6, (310.0, 650.0, 2200.0)),
    "y": Consonant(0.08, 0.6, (290.0, 2250.0, 3000.0)),
    "b": Consonant(0.065, 0.06, (310.0, 800.0, 2200.0), (300.0, 1800.0), 0.10, 0.012),
    "d": Consonant(0.065, 0.06, (310.0, 1750.0, 2600.0), (2500.0, 6000.0), 0.10, 0.012),
    "g": Consonant(0.07, 0.06, (310.0, 2000.0, 2300.0), (1400.0, 3200.0), 0.12, 0.016),
    "t": Consonant(0.085, 0.0, (360.0, 1750.0, 2600.0), (3000.0, 9000.0), 0.16, 0.03, 0.25),
    "s": Consonant(0.12, 0.0, (360.0, 1750.0, 2600.0), (5000.0, 10500.0), 0.28, 0.11),
    "h": Consonant(0.08, 0.04, None, breath=1.0),
}

WORDS = {
    "a": ("", "uh", "uh"),
    "bay": ("b", "e", "i"),
    "be": ("b", "i", "i"),
    "day": ("d", "e", "i"),
    "go": ("g", "o", "u"),
    "hey": ("h", "e", "i"),
    "high": ("h", "a", "i"),
    "know": ("n", "o", "u"),
    "la": ("l", "a", "a"),
    "low": ("l", "o", "u"),
    "may": ("m", "e", "i"),
    "me": ("m", "i", "i"),
    "my": ("m", "a", "i"),
    "no": ("n", "o", "u"),
    "now": ("n", "a", "u"),
    "oh": ("", "o", "u"),
    "oo": ("", "u", "u"),
    "say": ("s", "e", "i"),
    "sea": ("s", "i", "i"),
    "see": ("s", "i", "i"),
    "so": ("s", "o", "u"),
    "the": ("d", "uh", "uh"),
    "to": ("t", "u", "u"),
    "way": ("w", "e", "i"),
    "we": ("w", "i", "i"),
    "you": ("y", "u", "u"),
}
"""Consonant, vowel, and the vowel it glides to."""
