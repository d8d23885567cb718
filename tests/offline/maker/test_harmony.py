import pytest

from streamsep_offline.maker import harmony
from streamsep_offline.maker.harmony import roman


@pytest.mark.parametrize(
    ("symbol", "classes"),
    [
        ("I", {0, 4, 7}),
        ("ii7", {2, 5, 9, 0}),
        ("bVII", {10, 2, 5}),
        ("V7b9", {7, 11, 2, 5, 8}),
        ("iiø", {2, 5, 8, 0}),
        ("#Io7", {1, 4, 7, 10}),
        ("iv", {5, 8, 0}),
        ("IVmaj7", {5, 9, 0, 4}),
        ("i5", {0, 7}),
        ("Vsus4", {7, 0, 2}),
    ],
)
def test_roman_numerals(symbol, classes):
    assert roman(symbol).classes == classes


def test_what_is_after_the_slash_is_below():
    assert roman("V/VII").bass == 11
    assert roman("V/VII").root == 7
    assert roman("vi").bass == 9


def test_other_words_are_refused():
    with pytest.raises(ValueError, match="'H7' is no Roman numeral"):
        roman("H7")


def test_pitches_rise_from_the_root():
    pitches = roman("V7").pitches(50)
    assert pitches == (57, 61, 64, 67)


@pytest.mark.parametrize("scale", harmony.SCALES.values())
def test_sevenths_are_those_of_the_scale(scale):
    for root in scale:
        for quality in ((4, 7), (3, 7)):
            chord = harmony.Chord(root, quality, root)
            if chord.classes <= set(scale):
                assert harmony.with_seventh(chord, scale).classes <= set(scale)


@pytest.mark.parametrize("symbol", ["iv", "bVI", "V7", "III7", "bII", "I", "i"])
def test_scale_gives_way_to_the_chord(symbol):
    chord = roman(symbol)
    scale = harmony.fitted_scale(harmony.MAJOR, chord)
    assert chord.classes <= set(scale)
    assert 5 <= len(scale) <= 9
    for foreign in chord.classes - set(harmony.MAJOR):
        for neighbour in ((foreign - 1) % 12, (foreign + 1) % 12):
            assert neighbour not in scale or neighbour in chord.classes


@pytest.mark.parametrize("symbol", ["I", "ii7", "V9", "i5", "viio", "bVII", "Imaj7"])
def test_voicings_have_only_notes_of_the_chord(symbol):
    chord = roman(symbol).pitches(53)
    classes = {pitch % 12 for pitch in chord}
    for voicing in (harmony.close_voicing, harmony.guitar_voicing):
        pitches = voicing(chord)
        assert {pitch % 12 for pitch in pitches} <= classes
        assert pitches == sorted(set(pitches))
    assert harmony.guitar_voicing(chord)[0] % 12 == chord[0] % 12


def test_power_chords_are_root_and_fifth():
    root, fifth, octave = harmony.power_voicing((62, 65, 69))
    assert (fifth - root, octave - root) == (7, 12)
    assert root % 12 == 62 % 12
    assert 40 <= root < 52


def test_nearest_note_of_a_chord():
    assert harmony.nearest_of_chord(61, (48, 52, 55), 50, 70) == 60
    assert harmony.nearest_of_chord(90, (48, 52, 55), 50, 70) == 67
