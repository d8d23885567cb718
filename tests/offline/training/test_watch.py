import dataclasses

import pytest

from streamsep.errors import CheckpointError, ParameterError
from streamsep_offline.data.excerpts import DataSettings, open_excerpts
from streamsep_offline.training.recipe import read_recipe
from streamsep_offline.training.watch import train_watched

CHANGES = ["data.valid_seconds=1.5", "model.hidden_size=8", "training.check_every=2"]


@pytest.fixture
def lists(songs_folder):
    settings = DataSettings(seconds=1.5, channels=1, valid_seconds=1.5)
    valid = open_excerpts(songs_folder, "valid", settings)
    train = open_excerpts(songs_folder, "train", settings)
    return train, {"new": valid, "known": dataclasses.replace(valid, songs=train.songs)}


def recipe(n_steps):
    return read_recipe("tiny", [*CHANGES, f"training.stages.0.steps={n_steps}"])


def test_every_list_is_looked_at_and_the_first_one_decides(lists, tmp_path):
    train, looked_at = lists
    task, curves = train_watched(recipe(6), train, looked_at, tmp_path)
    assert curves["step"] == [2, 4, 6]
    assert curves["known"] != curves["new"]
    _, other = train_watched(recipe(6), train, dict(reversed(looked_at.items())), tmp_path / "b")
    assert other["known"] == curves["known"]
    assert list(other) == ["step", "known", "new"]
    assert task.spec.targets == train.stems


def test_a_training_that_is_done_is_only_read(lists, tmp_path):
    train, looked_at = lists
    task, curves = train_watched(recipe(4), train, looked_at, tmp_path)
    again, read = train_watched(recipe(4), train, looked_at, tmp_path)
    assert read == curves
    for a, b in zip(task.parameters(), again.parameters(), strict=True):
        assert (a == b).all()


def test_a_folder_of_another_training_is_refused(lists, tmp_path):
    train, looked_at = lists
    train_watched(recipe(2), train, looked_at, tmp_path)
    with pytest.raises(CheckpointError, match="another recipe"):
        train_watched(recipe(4), train, looked_at, tmp_path)
    fewer = dataclasses.replace(train, songs=train.songs[:1])
    with pytest.raises(CheckpointError, match="other songs"):
        train_watched(recipe(2), fewer, looked_at, tmp_path)


def test_a_cue_model_is_refused(lists, tmp_path):
    with pytest.raises(ParameterError, match="open_unmix"):
        train_watched(read_recipe("cue-stage"), *lists, tmp_path)
