"""Chord progressions of every style, in Roman numerals: bars between "|", chords of a bar in turn.

Numerals count the major scale of the tonic, so minor songs read "i bVI bVII".
"""

from __future__ import annotations

import numpy as np

from streamsep_offline.maker.genres import Genre
from streamsep_offline.maker.harmony import SCALES, Chord, roman, with_seventh

Progression = tuple[tuple[Chord, ...], ...]
"""Bars of chords; the chords of a bar share it evenly."""

_MAJOR = (
    "I | V | vi | IV", "I | vi | IV | V", "vi | IV | I | V", "I | IV | V | IV", "I | IV | I | V",
    "I | I | IV | V", "ii | V | I | I", "I | V | ii | IV", "IV | I | V | vi", "I | iii | IV | V",
    "I | vi | ii | V", "IV | V | iii | vi", "I | V/VII | vi | IV", "I | IV | vi | V",
    "I | ii | IV | V", "IV | iv | I | I", "I | iii | IV | iv", "I | bVII | IV | I",
    "I | III7 | vi | IV", "I | V | IV | IV", "vi | V | IV | V", "I | Isus4 | I | Vsus4",
    "IV | V | I | vi", "I | I7 | IV | iv", "I/III | IV | V | vi",
)  # fmt: skip
_MIXOLYDIAN = (
    "I | bVII | IV | I", "I | I | bVII | bVII", "I | IV | bVII | IV", "I | bVII | I | bVII",
    "I | v | IV | I", "I | bIII | IV | I", "I | bVII | bVI | bVII",
)  # fmt: skip
_MINOR = (
    "i | bVI | bIII | bVII", "i | bVII | bVI | bVII", "i | iv | bVI | V", "i | bVII | bVI | V",
    "i | bVI | bVII | i", "i | v | bVI | iv", "i | iv | v | i", "i | bIII | bVII | iv",
    "bVI | bVII | i | i", "i | i | bVI | bVII", "i | iv | i | V7", "bVI | bIII | bVII | i",
    "i | bVI | iv | V7", "i | iv | bVII | bIII", "i | i | iv | iv", "i | bVII | i | bVII",
)  # fmt: skip
_DORIAN = ("i | IV | i | IV", "i7 | IV7", "i | ii | IV | i", "i | bIII | IV | i", "i | i | IV | IV")
_PHRYGIAN = ("i | bII | i | bII", "i | i | bII | bVII", "i | bVI | bII | i", "i5 | bII5 | bIII5")
_VAMPS = {"major": ("I", "I | I | I | IV", "I | IV"), "mixolydian": ("I7", "I7 | IV7", "I | bVII")}
_VAMPS |= {
    "minor": ("i", "i | i | i | bVII", "i | bVI"), "dorian": ("i7", "i7 | IV7", "i7 | ii7"),
    "phrygian": ("i", "i | bII"), "lydian": ("Imaj7", "I | II"), "harmonic minor": ("i", "i | V7"),
}  # fmt: skip
_METAL = (
    "i5 | i5 | bVI5 | bVII5", "i5 | bII5 | i5 | bIII5", "i5 | bVI5 | bIII5 | bVII5", "i5",
    "i5 | i5 | bII5 | bVII5", "i5 | iv5 | bVI5 | V5", "i5 | bIII5 | bII5 | i5",
    "bVI5 | bVII5 | i5 | i5", "i5 | bV5 | iv5 | bIII5",
)  # fmt: skip
_POWER = ("I5 | IV5 | V5 | IV5", "I5 | bVII5 | IV5 | I5", "I5 | V5 | bVII5 | IV5",
          "I5 | bIII5 | IV5 | V5", "I5 | IV5 | bVII5 | bVI5")  # fmt: skip
_BLUES = (
    "I7 | I7 | I7 | I7 | IV7 | IV7 | I7 | I7 | V7 | IV7 | I7 | V7",
    "I7 | IV7 | I7 | I7 | IV7 | IV7 | I7 | I7 | V7 | IV7 | I7 | V7",
    "I7 | IV7 | I7 | V7", "I7 | I7 | IV7 | IV7", "IV7 | I7 | V7 | I7",
)  # fmt: skip
_MINOR_BLUES = (
    "i7 | i7 | i7 | i7 | iv7 | iv7 | i7 | i7 | bVI7 | V7 | i7 | V7", "i7 | iv7 | i7 | V7",
)  # fmt: skip
_JAZZ = (
    "ii7 | V7 | Imaj7 | Imaj7", "Imaj7 vi7 | ii7 V7", "Imaj7 | VI7 | ii7 | V7",
    "iii7 VI7 | ii7 V7 | Imaj7 vi7 | ii7 V7", "Imaj7 | ii7 V7 | iii7 VI7 | ii7 V7",
    "Imaj7 | IVmaj7 | iii7 VI7 | ii7 V7", "Imaj7 #Io7 | ii7 V7", "Imaj7 | II7 | ii7 | V7b9",
    "ii7 V7 | Imaj7 | iv7 bVII7 | Imaj7", "Imaj9 | Imaj9 | IVmaj7 | bVII9", "III7 | VI7 | II7 | V7",
)  # fmt: skip
_JAZZ_MINOR = (
    "iiø V7b9 | i6 | iiø V7b9 | i6", "i7 | i7 | iv7 | bVII7", "i6 | VIø | iiø | V7b9",
    "iv7 | bVII7 | bIIImaj7 | bVImaj7 | iiø | V7 | i6 | i6", "i7 | bVI7 | V7 | i7",
    "i9 | i9 | iv9 | V7#9", "i7 | i7 | bIImaj7 | bIImaj7",
)  # fmt: skip
_SOUL = (
    "Imaj7 | IVmaj7", "Imaj7 | iii7 | IVmaj7 | V7sus4", "IVmaj7 | iii7 | ii7 | Imaj7",
    "Imaj7 | vi7 | ii7 | V7", "I | I7 | IV | iv", "ii7 | iii7 | IVmaj7 | V7sus4",
    "vi9 | ii9 | V9 | Imaj9", "I | vi | IV | V7", "I | iii7 | IV | V7", "IVmaj7 | III7 | vi7 | I7",
)  # fmt: skip
_SOUL_MINOR = (
    "i7 | iv7", "bVImaj7 | V7 | i7 | i7", "i7 | bIIImaj7 | iv7 | V7", "iv9 | i9",
    "i9 | bVImaj7 | iv9 | v7", "bVImaj7 | bVII | i7 | i7", "i7 | bVII | bVImaj7 | bVII",
)  # fmt: skip
_FUNK = ("I9", "i7", "i7 | IV9", "I7 | I7 | I7 | IV7", "i7 | i7 | bVII7 | IV7", "i9 | bVI9 V7#9",
         "I9 | bVII9", "i7 | bIII7 IV7")  # fmt: skip
_LATIN = (
    "i | iv | V7 | V7", "i | iv | V7 | i", "I | IV | V7 | IV", "i | V7", "i | bVII | bVI | V7",
    "ii7 | V7 | i | i", "I | V7 | V7 | I", "i | bVI | bVII | i", "I | vi | ii | V7", "i iv | V7 iv",
)  # fmt: skip
_REGGAE = ("I | IV", "i | iv", "I | V | IV | IV", "i | bVII", "I | ii", "I | IV | I | V",
           "i | i | iv | bVII")  # fmt: skip
_BOSSA = (
    "Imaj7 | II7 | ii7 | V7", "Imaj9 | bIImaj7", "i9 | i9 | iiø | V7b9", "ii7 | V7 | Imaj7 | VI7b9",
    "Imaj7 | #Io7 | ii7 | V7", "i7 | iv7 | bVII7 | bIIImaj7",
)  # fmt: skip
_FOLK = (
    "I | V | I | V", "I | IV | I | V", "I | I | IV | I", "I | IV | V | I", "I | vi | IV | V",
    "I | V | vi | iii | IV | I | IV | V", "I | bVII | I | V", "I | V | IV | I", "vi | V | IV | I",
)  # fmt: skip
_FOLK_MINOR = ("i | bVII | i | bVII", "i | bIII | bVII | iv", "i | bVI | bVII | i",
               "i | bVII | bVI | V", "i | iv | bVII | i")  # fmt: skip

_BY_SCALE = {
    "major": _MAJOR, "lydian": ("I | II | I | II", "Imaj7 | II", "I | II | vi | IV"),
    "mixolydian": _MIXOLYDIAN, "minor": _MINOR, "harmonic minor": _LATIN[:2] + _MINOR[2:4],
    "dorian": _DORIAN, "phrygian": _PHRYGIAN,
}  # fmt: skip
_BRIGHT = {"major", "lydian", "mixolydian"}


def _tables(genre: Genre, scale_name: str) -> dict[tuple[str, ...], float]:
    """Progressions that fit a genre and a scale, with how often each table is used."""
    is_bright = scale_name in _BRIGHT
    plain, vamps = _BY_SCALE[scale_name], _VAMPS[scale_name]
    soul = _SOUL if is_bright else _SOUL_MINOR
    by_name = {
        "blues-rock": {_BLUES if is_bright else _MINOR_BLUES: 1.0},
        "rock-and-roll": {_BLUES if is_bright else _MINOR: 0.7, plain: 0.3},
        "punk": {_POWER if is_bright else _METAL: 0.5, plain: 0.5},
        "hard-rock": {_POWER if is_bright else _METAL: 0.35, plain: 0.5, vamps: 0.15},
        "swing": {
            _JAZZ if is_bright else _JAZZ_MINOR: 0.75,
            _BLUES if is_bright else _MINOR_BLUES: 0.25,
        },
        "bossa": {_BOSSA: 0.8, _JAZZ if is_bright else _JAZZ_MINOR: 0.2},
        "samba": {_BOSSA: 0.6, plain: 0.4},
        "reggae": {_REGGAE: 0.8, plain: 0.2},
        "ska": {_REGGAE: 0.4, plain: 0.6},
        "fusion": {_FUNK: 0.5, _JAZZ if is_bright else _JAZZ_MINOR: 0.3, vamps: 0.2},
        "lo-fi": {_JAZZ if is_bright else _JAZZ_MINOR: 0.5, soul: 0.3, vamps: 0.2},
        "modern-soul": {soul: 0.5, plain: 0.3, vamps: 0.2},
        "soul": {soul: 0.6, plain: 0.25, _FUNK: 0.15},
        "motown": {soul: 0.4, plain: 0.6},
        "disco": {soul: 0.3, plain: 0.5, vamps: 0.2},
        "country": {_FOLK if is_bright else _FOLK_MINOR: 0.7, plain: 0.3},
    }
    by_style = {
        "rock": {plain: 0.75, vamps: 0.15, _POWER if is_bright else _METAL: 0.1},
        "metal": {_METAL: 0.75, plain: 0.25},
        "funk": {_FUNK: 0.7, plain: 0.15, vamps: 0.15},
        "folk": {_FOLK if is_bright else _FOLK_MINOR: 0.6, plain: 0.4},
        "ballad": {plain: 0.7, soul: 0.3},
        "jazz": {_JAZZ if is_bright else _JAZZ_MINOR: 1.0},
        "latin": {_LATIN: 0.7, plain: 0.3},
        "electronic": {plain: 0.6, vamps: 0.4},
        "hip-hop": {plain: 0.5, vamps: 0.5},
    }
    return by_name.get(genre.name) or by_style.get(genre.style, {plain: 0.88, vamps: 0.12})


def choose_scale(rng: np.random.Generator, genre: Genre) -> str:
    """Name of a scale in which the genre is at home."""
    if rng.random() >= genre.minor_chance:
        p = [0.78, 0.16, 0.06] if genre.style in ("pop", "electronic") else [0.82, 0.18, 0.0]
        return str(rng.choice(["major", "mixolydian", "lydian"], p=p))
    if genre.style == "metal":
        return str(rng.choice(["minor", "phrygian", "harmonic minor"], p=[0.6, 0.25, 0.15]))
    if genre.is_electronic and rng.random() < 0.05:
        return "phrygian"
    return str(rng.choice(["minor", "dorian", "harmonic minor"], p=[0.75, 0.18, 0.07]))


def parse(text: str) -> Progression:
    """A progression from its text."""
    return tuple(tuple(roman(symbol) for symbol in bar.split()) for bar in text.split("|"))


def choose_progression(
    rng: np.random.Generator, genre: Genre, scale_name: str, has_sevenths: bool
) -> Progression:
    """A progression that fits genre and scale."""
    tables = _tables(genre, scale_name)
    weights = np.array(list(tables.values()))
    table = list(tables)[int(rng.choice(len(tables), p=weights / weights.sum()))]
    scale = SCALES[scale_name]
    # tables of a style know both modes: take what leaves the song's scale least
    foreign = [_strangeness(parse(text), scale) for text in table]
    fitting = [text for text, f in zip(table, foreign, strict=True) if f <= min(foreign) + 0.35]
    progression = parse(fitting[int(rng.integers(len(fitting)))])
    if not has_sevenths:
        return progression
    return tuple(tuple(with_seventh(chord, scale) for chord in bar) for bar in progression)


def _strangeness(progression: Progression, scale: tuple[int, ...]) -> float:
    """Mean share of the chords' notes outside the scale; a foreign third of the tonic counts."""
    chords = [chord for bar in progression for chord in bar]
    third = next(s for s in scale if s in (3, 4))
    strange = [len(chord.classes - set(scale)) / len(chord.classes) for chord in chords]
    clashes = [chord.root == 0 and 7 - third in chord.classes for chord in chords]
    return float(np.mean(strange)) + float(np.mean(clashes))
