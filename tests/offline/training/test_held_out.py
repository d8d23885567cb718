"""Lists with hashes: complete, and nothing is in two of them."""

import copy
import dataclasses
import json
from pathlib import Path

import numpy as np
import pytest
import soundfile as sf

import streamsep_offline
from streamsep.errors import ParameterError
from streamsep_offline.training.held_out import check_disjoint, describe_lists, write_lists
from streamsep_offline.training.lists import SongList, SongLists

STEMS = ("vocals", "drums", "bass", "other")
RECIPES = Path(streamsep_offline.__file__).parents[1] / "recipes" / "4stems-stage.lists.json"
NOBODY = {"stem": "bass", "kind": "bass", "name": "synthesiser (fm)", "source": "synthesised"}


def write_song(folder, seed, ingredients=None):
    folder.mkdir(parents=True)
    rng = np.random.default_rng(seed)
    for stem in STEMS:
        sf.write(folder / f"{stem}.flac", 0.1 * rng.standard_normal((400, 2)), 44100)
    if ingredients is not None:
        manifest = {"style": "pop", "ingredients": [NOBODY, *ingredients]}
        (folder / "manifest.json").write_text(json.dumps(manifest))


def ingredient(kind, name):
    return {"stem": "vocals", "kind": kind, "name": name, "source": "Karoryfer"}


@pytest.fixture
def songs(tmp_path):
    made, samples = tmp_path / "made", tmp_path / "samples"
    write_song(made / "train" / "train-s1-00000", 0, [ingredient("singer", "ANNA")])
    write_song(made / "train" / "train-s1-00001", 1, [ingredient("groove", "drummer1__x_fill")])
    write_song(made / "select" / "select-s1-00000", 2, [ingredient("singer", "BERTA")])
    for k, name in enumerate(("one", "two", "three")):
        write_song(samples / "act" / name, 10 + k)
    lists = SongLists(
        seed=1,
        recorded_share=0.5,
        train=SongList(2, ("act/one",)),
        select=SongList(1, ("act/two",), ((0.0, 1.0),)),
        report=SongList(1, ("act/three",)),
    )
    return lists, samples, made


def test_every_song_and_singer_is_told(songs):
    found = describe_lists(*songs)["lists"]
    assert list(found["train"]["songs"]) == ["train-s1-00000", "train-s1-00001", "act/one"]
    assert found["train"]["ingredients"] == {"drummer": ["drummer1"], "singer": ["ANNA"]}
    assert found["select"]["excerpts_s"] == [[0.0, 1.0]]
    assert list(found["report"]["songs"]) == ["act/three"], "its made songs are not rendered yet"
    digests = [digest for one in found.values() for digest in one["songs"].values()]
    assert len(set(digests)) == 6


def test_what_was_left_out_is_told(songs):
    lists, samples, made = songs
    train = SongList(1, ("act/one",), of=2, without=("fill:performed", "source:Karoryfer"))
    (made / "train" / "train-s1-00001" / "manifest.json").write_text(
        json.dumps(
            {
                "ingredients": [
                    NOBODY,
                    {**NOBODY, "kind": "fill", "source": "Groove MIDI Dataset (Google)"},
                ]
            }
        )
    )
    with pytest.raises(ParameterError, match="0 of 2 made songs are without"):
        describe_lists(dataclasses.replace(lists, train=train), samples, made)
    train = dataclasses.replace(train, without=("fill:performed",))
    found = describe_lists(dataclasses.replace(lists, train=train), samples, made)["lists"]["train"]
    assert (found["made"], found["of"], found["without"]) == (1, 2, ["fill:performed"])
    assert list(found["songs"]) == ["train-s1-00000", "act/one"]


def test_a_hash_is_of_all_that_sounds(songs):
    _, samples, _ = songs
    before = describe_lists(*songs)["lists"]["select"]["songs"]
    audio, rate = sf.read(samples / "act" / "two" / "other.flac")
    audio[7, 1] += 0.01
    sf.write(samples / "act" / "two" / "other.flac", audio, rate)
    after = describe_lists(*songs)["lists"]["select"]["songs"]
    assert after["act/two"] != before["act/two"]
    assert after["select-s1-00000"] == before["select-s1-00000"]


def test_the_same_song_under_another_name_is_refused(songs):
    lists, samples, made = songs
    write_song(made / "report" / "report-s1-00000", 10, [])  # the sound of act/one
    with pytest.raises(ParameterError, match="the song act/one of list 'train' is report-s1-00000"):
        describe_lists(lists, samples, made)


def test_a_singer_in_two_lists_is_refused(songs):
    lists, samples, made = songs
    write_song(made / "report" / "report-s1-00000", 77, [ingredient("singer", "BERTA")])
    with pytest.raises(ParameterError, match="share the singer BERTA"):
        describe_lists(lists, samples, made)


def test_the_file_is_what_was_described(songs, tmp_path):
    write_lists(*songs, tmp_path)
    assert json.loads((tmp_path / "lists.json").read_text()) == describe_lists(*songs)


def test_the_lists_of_the_recipe_that_is_shipped_are_disjoint():
    lists = json.loads(RECIPES.read_text(encoding="utf-8"))["lists"]
    check_disjoint(lists)
    assert {len(one["songs"]) > 0 for one in lists.values()} == {True}
    broken = copy.deepcopy(lists)
    broken["report"]["songs"]["again"] = next(iter(lists["train"]["songs"].values()))
    with pytest.raises(ParameterError, match="again"):
        check_disjoint(broken)
