import shutil

import numpy as np
import pytest
import soundfile

from streamsep.errors import ParameterError
from streamsep_offline.training.cues.shards import open_shard
from streamsep_offline.training.material import Material
from streamsep_offline.training.recipe import make_recipe, read_recipe
from streamsep_offline.training.run import Run

SMALL = ["data.seconds=1.0", "data.examples=4", "data.valid_share=0.5", "examples.shard_size=2"]
SMALL += ["examples.shards=2", "examples.select_size=6"]


@pytest.fixture(scope="module")
def uneven(songs_folder, tmp_path_factory):
    """Songs of unequal lengths, as all songs are."""
    root = tmp_path_factory.mktemp("uneven")
    for k, song in enumerate(sorted(songs_folder.iterdir())):
        (root / song.name).mkdir()
        for path in song.iterdir():
            audio, rate = soundfile.read(path)
            soundfile.write(root / song.name / path.name, audio[k * 9000 :], rate)
    return root


def _material(folder, data, *changes):
    recipe = read_recipe("cue-stage", [*SMALL, *changes])
    return Material(Run(folder, recipe, data, folder), 1, lambda done, total: None)


def test_a_cue_model_of_ones_own_songs_is_chosen_by_excerpts_as_long_as_it_learns_from(
    uneven, tmp_path
):
    material = _material(tmp_path, uneven)
    select = open_shard(tmp_path / "examples" / "select-own-000")
    learned = open_shard(tmp_path / "examples" / "own-001")
    assert (len(select), len(learned)) == (6, 2)
    assert select.features.shape[1:] == learned.features.shape[1:]
    places = {select.mixture[i].tobytes() for i in range(6)}
    assert len(places) == 6, "of different places"
    feed = material.feed(1)
    assert sum(len(feed.read_select(i)[0]) for i in range(feed.n_select())) == 6


def test_examples_of_another_recipe_are_not_taken(uneven, tmp_path):
    _material(tmp_path, uneven)
    _material(tmp_path, uneven, "data.cache_gb=1", "training.batch=4", "examples.shards=1")
    for change, what in (
        ("model.profile=tight", "profile"),
        ("data.seed=7", "data"),
        ("augment.0.deviation_db=1.0", "augment"),
    ):
        with pytest.raises(ParameterError, match=f"were made with other {what}; name another"):
            _material(tmp_path, uneven, change)
    other = tmp_path / "other"
    shutil.copytree(uneven, other)
    shutil.rmtree(other / "song-0")
    with pytest.raises(ParameterError, match="with other songs"):
        _material(tmp_path, other)


def test_a_run_does_not_go_on_with_songs_of_other_stems(uneven, tmp_path):
    recipe = read_recipe("tiny")
    run = Run(tmp_path, recipe, uneven, tmp_path, ("vocals", "accompaniment"))
    with pytest.raises(ParameterError, match="learned vocals, accompaniment, the songs in"):
        Material(run, 1, lambda done, total: None)


def test_lists_of_songs_choose_an_open_unmix_by_songs_as_they_are(uneven, tmp_path):
    table = {
        **read_recipe("tiny").table,
        "songs": {
            "seed": 1,
            "recorded_share": 1.0,
            "train": {"folders": ["song-0", "song-1"]},
            "select": {"folders": ["song-2"]},
        },
        "augment": [{"kind": "gain", "low_db": -60.0, "high_db": -60.0}],
    }
    table["data"] = {**table["data"], "valid_seconds": 2.0, "choose": "uniform"}
    run = Run(tmp_path, make_recipe(table), uneven, tmp_path)
    feed = Material(run, 1, lambda done, total: None).feed(1)
    assert feed.n_select() == 1
    mixture, _ = feed.read_select(0)
    assert mixture.shape == (1, 2, 2 * 44100)
    assert np.abs(mixture).max() > 0.1 > 100 * np.abs(feed.read(0, 0, 1)[0]).max()


@pytest.mark.parametrize(
    ("songs", "message"),
    [
        ({"recorded_share": 0.2}, r"songs.train.folders is \(\), but 20 %"),
        ({"recorded_share": 1.2}, "recorded_share=1.2 is out of range"),
        ({"select": {}}, "songs.select has no songs"),
    ],
)
def test_lists_that_cannot_be_are_refused(songs, message):
    table = dict(read_recipe("4stems-stage").table)
    lists = {"seed": 1, "train": {"made": 2}, "select": {"made": 1}, **songs}
    with pytest.raises(ParameterError, match=message):
        make_recipe({**table, "songs": lists})
    with pytest.raises(ParameterError, match=r"examples: shard_size=0 is out of range"):
        make_recipe({**table, "examples": {"shard_size": 0}})


def test_examples_of_both_ways_serve_a_model_that_hears_forwards_and_not_the_reverse(
    uneven, tmp_path
):
    both = ("model.kind=cue_bilstm", "model.profile=studio")
    material = _material(tmp_path / "a", uneven, *both)
    made = (tmp_path / "a" / "examples" / "own-000").stat().st_mtime_ns
    assert len(material.feed(1).read(0, 0, 1)) == 8
    plain = _material(tmp_path / "a", uneven, "model.profile=studio")
    assert len(plain.feed(1).read(0, 0, 1)) == 6
    assert (tmp_path / "a" / "examples" / "own-000").stat().st_mtime_ns == made
    _material(tmp_path / "b", uneven, "model.profile=studio")
    with pytest.raises(ParameterError, match="were made with other heard; name another folder"):
        _material(tmp_path / "b", uneven, *both)
