import numpy as np
import pytest

from streamsep.errors import AudioFileError, ParameterError
from streamsep.song import compose
from streamsep_offline.data.composed import FIRST_SEEDS, compose_songs
from streamsep_offline.data.excerpts import DataSettings, open_songs


def test_songs_are_read_by_their_splits_and_are_the_composed_ones(tmp_path):
    told = []
    folder = compose_songs(tmp_path / "songs", 2, 1, 1, 1.0, lambda *facts: told.append(facts))
    assert told == [(1, 4), (2, 4), (3, 4), (4, 4)]
    names = {s: [x.name for x in open_songs(folder, s, DataSettings())] for s in FIRST_SEEDS}
    assert {split: len(found) for split, found in names.items()} == dict(train=2, valid=1, test=1)
    song = open_songs(folder, "valid", DataSettings())[0]
    stems, rate = song.read()
    true = compose(1.0, seed=FIRST_SEEDS["valid"])
    assert (song.stems, rate) == (true.targets, true.sample_rate)
    assert np.abs(stems - true.stems).max() <= 2.0**-15
    assert sorted(p.name for p in folder.iterdir()) == ["test", "train", "valid"]


def test_songs_that_are_there_stay_and_others_join_them(tmp_path):
    compose_songs(tmp_path, 1, 0, 0, 1.0)
    (first,) = (tmp_path / "train").iterdir()
    (first / "vocals.wav").write_bytes(b"mine")
    compose_songs(tmp_path, 2, 0, 0, 1.0)
    assert (first / "vocals.wav").read_bytes() == b"mine"
    assert len(list((tmp_path / "train").iterdir())) == 2


@pytest.mark.parametrize("counts", [(0, 0, 0), (1, -1, 0)])
def test_counts_that_make_no_sense_are_refused(tmp_path, counts):
    with pytest.raises(ParameterError, match=r"use 0|ask for"):
        compose_songs(tmp_path, *counts)


def test_a_folder_that_cannot_be_written_is_named(tmp_path):
    (tmp_path / "file").write_text("no folder")
    with pytest.raises(AudioFileError, match="file"):
        compose_songs(tmp_path / "file", 1, 0, 0, 1.0)
