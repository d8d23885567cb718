"""Songs by what their manifests say: counted the same in every variant, mistakes told."""

import json

import numpy as np
import pytest
import soundfile

from streamsep.errors import AudioFileError, ParameterError
from streamsep_offline.training.card import make_card
from streamsep_offline.training.ingredients import ingredients_of, made_songs
from streamsep_offline.training.lists import SongList
from streamsep_offline.training.recipe import make_recipe, read_recipe
from streamsep_offline.training.run import Run
from streamsep_offline.training.score import list_excerpts
from streamsep_offline.training.sources import open_sources

PATTERNS = {"stem": "drums", "kind": "groove", "name": "patterns", "source": "synthesised"}
PERFORMED = {
    "stem": "drums",
    "kind": "fill",
    "name": "drummer1__x",
    "source": "Groove MIDI Dataset (Google)",
}
SONGS = [
    ("pop", "syllables, harmony", ["piano"], [PATTERNS]),
    ("metal", "speech screamed verses, double", ["distorted guitar"], [PATTERNS, PERFORMED]),
    ("pop", "album", ["piano", "organ"], [PATTERNS]),
    ("rock", "as recorded rapped", ["crunch guitar"], [PATTERNS]),
    ("jazz", "", [], [PATTERNS]),
]


def _manifest(style, vocals, other, ingredients):
    mix = {"era": "modern", "width": "mono", "tape": style == "jazz", "side_chain": False}
    return {
        "style": style,
        "genre": f"{style}-rock",
        "key": "F# minor",
        "vocals": vocals,
        "other": other,
        "mix": mix,
        "ingredients": ingredients,
    }


@pytest.fixture
def made(tmp_path):
    for i, facts in enumerate(SONGS):
        folder = tmp_path / "made" / "train" / f"train-s1-{i:05d}"
        folder.mkdir(parents=True)
        for stem in ("vocals", "drums", "bass", "other"):
            soundfile.write(folder / f"{stem}.flac", np.zeros((400, 2)), 44100)
        (folder / "manifest.json").write_text(json.dumps(_manifest(*facts)))
    return tmp_path / "made" / "train"


def _numbers(songs):
    return [int(song.name[-5:]) for song in songs]


def test_words_tell_voice_guitars_drums_style_and_sources():
    assert ingredients_of(_manifest(*SONGS[1])) == {
        *("style:metal", "genre:metal-rock", "key:F#", "era:modern", "width:mono"),
        *("voice:speech", "voice:screamed", "voice:double"),
        *("part:distorted guitar", "distortion"),
        *("groove:patterns", "fill:performed"),
        *("source:synthesised", "source:Groove MIDI Dataset (Google)"),
    }
    assert {"voice:as recorded", "voice:rapped"} <= ingredients_of(_manifest(*SONGS[3]))
    assert ingredients_of(_manifest(*SONGS[4])) >= {"tape", "style:jazz"}


def test_the_first_songs_that_hold_nothing_of_it_are_as_many_as_without_a_filter(made):
    assert _numbers(made_songs(SongList(made=2, of=5), made)) == [0, 1]
    for without, kept in (
        (("style:metal",), [0, 2]),
        (("distortion",), [0, 2]),
        (("part:piano", "fill:performed"), [3, 4]),
    ):
        songs = SongList(made=2, of=5, without=without)
        assert _numbers(made_songs(songs, made)) == kept
        assert _numbers(song for song, _, _ in list_excerpts(songs, made, made)["made"]) == kept


def test_what_no_song_holds_is_told_with_what_there_is(made):
    with pytest.raises(
        ParameterError, match=r"without 'voice:albums', which none of 5 .* mean 'voice:al"
    ):
        made_songs(SongList(made=1, of=5, without=("voice:albums",)), made)
    with pytest.raises(ParameterError, match=r"'drums:live', .* there are: distortion, .*voice:"):
        made_songs(SongList(made=1, of=5, without=("drums:live",)), made)
    with pytest.raises(
        ParameterError, match=r"2 of 5 made songs are without .* expected made=3; set"
    ):
        made_songs(SongList(made=3, of=5, without=("style:pop", "style:metal")), made)
    (made / "train-s1-00002" / "manifest.json").write_text("[]")
    with pytest.raises(AudioFileError, match="does not tell what its song is made of"):
        made_songs(SongList(made=1, of=5, without=("style:pop",)), made)


def _recipe(**train):
    table = dict(read_recipe("4stems-stage").table)
    songs = {"seed": 1, "train": {"made": 2, **train}, "select": {"made": 1}}
    return make_recipe({**table, "songs": songs})


def test_a_recipe_learns_from_what_is_left_and_its_card_says_so(made, tmp_path):
    recipe = _recipe(of=5, without=["voice:album", "distortion"])
    (tmp_path / "made" / "select").symlink_to(made, target_is_directory=True)
    (source,), _ = open_sources(recipe, tmp_path, tmp_path)
    assert _numbers(source.excerpts.songs) == [0, 4]
    memory = {"step": 1, "best_step": 1, "best_loss": 0.0, "best": {}}
    card = make_card(Run(tmp_path, recipe, tmp_path, tmp_path), 1, memory)
    assert card["trained_on"] == "2 made songs (seed 1) without voice:album, distortion"
    assert card["recipe"]["songs"]["train"]["of"] == 5


def test_filters_that_cannot_be_are_refused():
    with pytest.raises(ParameterError, match="made=2 of=1 cannot be"):
        _recipe(of=1)
    table = dict(_recipe(without=["tape"]).table)
    with pytest.raises(ParameterError, match=r"songs\.cache_gb renders them when they are read"):
        make_recipe({**table, "songs": {**table["songs"], "cache_gb": 1}})
