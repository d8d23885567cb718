import numpy as np
import pytest

from streamsep.song.band import chord_pitches
from streamsep.song.composer import plan_form, write_score
from streamsep.song.score import Key, frequency_hz

SEEDS = range(12)


def test_pitches_are_those_of_the_well_tempered_scale():
    assert frequency_hz(69) == 440
    assert frequency_hz(57.0) == pytest.approx(220)
    assert [Key(0, "major").pitch(d) for d in (-1, 0, 2, 7)] == [59, 60, 64, 72]
    assert [Key(9, "minor").pitch(d) for d in (0, 2, 4)] == [69, 72, 76]
    assert Key(7, "major").name == "G major"


def test_chord_inversions_hold_the_triad_near_the_centre():
    for degree in range(7):
        key = Key(4, "minor")
        tones = chord_pitches(key, degree, centre=62.0, n_tones=4)
        triad = {key.pitch(degree + i) % 12 for i in (0, 2, 4)}
        assert {tone % 12 for tone in tones} == triad
        assert sorted(tones) == list(tones)
        assert abs(np.mean(tones) - 62) < 4


@pytest.mark.parametrize("duration_bars", [0.4, 3.0, 6.5, 9.3, 10.0, 17.7, 100.2, 320.0])
def test_sections_follow_each_other_without_gap_and_cover_the_song(duration_bars):
    sections = plan_form(duration_bars)
    ends = [s.first_bar + s.n_bars for s in sections]
    assert [s.first_bar for s in sections] == [0, *ends[:-1]]
    assert all(s.n_bars > 0 for s in sections)
    if duration_bars < 6.5:
        assert [s.kind for s in sections] == ["chorus"]
        assert ends[-1] >= duration_bars
    else:
        assert [s.kind for s in sections[:2]] == ["intro", "verse"]
        assert sections[-1].kind == "end"
        assert 0.4 < duration_bars - sections[-1].first_bar < 1.6


@pytest.mark.parametrize("seed", SEEDS)
def test_the_melody_is_in_key_singable_and_phrased_with_rests(seed):
    score = write_score(60.0, seed)
    scale = {score.key.pitch(degree) % 12 for degree in range(7)}
    for phrase in score.phrases:
        pitches = np.array([note.pitch for note in phrase])
        assert {int(p) % 12 for p in pitches} <= scale
        assert np.all((pitches > 42) & (pitches < 82))
        assert np.max(np.abs(np.diff(pitches)), initial=0) <= 10
        assert len(set(pitches)) > 1 or len(phrase) == 1
        starts = [note.start_s for note in phrase]
        assert starts == sorted(starts)
    for phrase, following in zip(score.phrases, score.phrases[1:], strict=False):
        assert following[0].start_s - phrase[-1].end_s > 0.1, "time to breathe"


@pytest.mark.parametrize("seed", SEEDS)
def test_strong_sung_notes_fit_the_chord(seed):
    score = write_score(60.0, seed)
    for note in (n for phrase in score.phrases for n in phrase):
        eighth = round(note.start_s * score.bpm / 30)
        if eighth % 4 == 0:
            bar = score.bars[eighth // 8]
            triad = {score.key.pitch(bar.chord + i) % 12 for i in (0, 2, 4)}
            assert note.pitch % 12 in triad


def test_phrases_return():
    """A chorus is recognised: the same rhythm and words come back."""
    score = write_score(90.0, 3)
    bar_s = 240 / score.bpm
    choruses = [bar for bar in score.bars if bar.section.kind == "chorus" and bar.place == 0]
    heard = []
    for bar in choruses:
        phrase = next(p for p in score.phrases if abs(p[0].start_s - bar.start_s) < bar_s)
        heard.append([(round(n.start_s - bar.start_s, 6), n.syllable) for n in phrase])
    assert len(heard) >= 2
    assert all(phrase == heard[0] for phrase in heard)


@pytest.mark.parametrize("seed", SEEDS)
def test_drums_fill_each_four_bars_and_crash_where_sections_begin(seed):
    score = write_score(45.0, seed)
    for bar in score.bars:
        end_s = bar.at(4.0)
        drums = [h.drum for h in score.hits if bar.start_s - 0.02 < h.start_s < end_s - 0.03]
        has_fill = any(d.startswith("tom") for d in drums)
        assert has_fill == (bar.is_fourth and bar.section.kind != "end")
        assert ("crash" in drums) == (bar.place == 0 and bar.section.kind != "intro")


def test_players_are_human():
    """Strokes on the same beat differ in loudness, and none is exactly on the grid."""
    score = write_score(60.0, 0)
    hats = [hit for hit in score.hits if hit.drum == "hat"]
    sixteenth = 15 / score.bpm
    off_s = np.array([(h.start_s + sixteenth / 2) % sixteenth - sixteenth / 2 for h in hats])
    assert 0.001 < np.std(off_s) < 0.01
    assert np.max(np.abs(off_s)) < 0.011
    assert len({hit.velocity for hit in hats}) > 0.9 * len(hats)


def test_all_notes_are_finite_positive_and_start_within_the_song():
    score = write_score(30.0, 7)
    notes = [*score.bass, *score.guitar, *score.piano, *score.pad]
    assert all(n.start_s >= 0 and n.duration_s > 0.02 and 0 < n.velocity <= 1.5 for n in notes)
    assert max(n.start_s for n in notes) < 30.0


def test_seeds_choose_tempo_key_and_voice():
    scores = [write_score(20.0, seed) for seed in SEEDS]
    assert len({score.bpm for score in scores}) > 4
    assert len({score.key for score in scores}) > 4
    means = [np.mean([n.pitch for p in score.phrases for n in p]) for score in scores]
    assert min(means) < 60 < 64 < max(means), "men and women sing"
