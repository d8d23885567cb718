import numpy as np
import pytest

from streamsep_offline.maker.genres import GENRES
from streamsep_offline.maker.harmony import SCALES
from streamsep_offline.maker.progressions import choose_progression, choose_scale, parse


def test_bars_and_chords_are_read():
    progression = parse("Imaj7 vi7 | ii7 V7")
    assert [[chord.root for chord in bar] for bar in progression] == [[0, 9], [2, 7]]


@pytest.mark.parametrize("genre", GENRES, ids=lambda genre: genre.name)
def test_chords_are_in_the_key_or_borrowed(genre, rng):
    """Most notes belong to the scale; blues, jazz and soul borrow more than others."""
    for _ in range(20):
        scale_name = choose_scale(rng, genre)
        scale = set(SCALES[scale_name])
        progression = choose_progression(rng, genre, scale_name, rng.random() < 0.2)
        chords = [chord for bar in progression for chord in bar]
        share = np.mean([len(chord.classes & scale) / len(chord.classes) for chord in chords])
        assert share >= 0.6, (scale_name, progression)
        if scale_name in ("minor", "phrygian", "harmonic minor"):
            assert not any(chord.root == 0 and 4 in chord.classes for chord in chords[:1])


def test_verse_and_chorus_mostly_differ(make_song_plan):
    plans = [make_song_plan("pop") for _ in range(40)]
    differ = sum(plan.progressions[0] != plan.progressions[1] for plan in plans)
    assert differ > 15


def test_jazz_has_sevenths_and_metal_fifths(rng):
    by_name = {genre.name: genre for genre in GENRES}
    jazz = choose_progression(rng, by_name["swing"], "major", has_sevenths=True)
    assert all(len(chord.intervals) >= 3 for bar in jazz for chord in bar)
    found = [choose_progression(rng, by_name["thrash"], "minor", False) for _ in range(30)]
    fifths = [p for p in found if all(chord.intervals == (7, 7) for bar in p for chord in bar)]
    assert len(fifths) > 10
