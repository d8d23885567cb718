"""A window that moves along a shuffled list of songs."""

import dataclasses
import itertools

import numpy as np

from layouts_on_disk import WRITERS
from streamsep_offline.data.excerpts import DataSettings, open_excerpts
from streamsep_offline.data.window import songs_in_window


def test_an_epoch_walks_through_all_songs_a_few_at_a_time():
    songs = list(range(50))
    seen = [songs_in_window(songs, k, 400, 8, seed=1) for k in range(400)]
    assert all(len(window) == 8 for window in seen)
    firsts = [window[0] for window in seen]
    assert sorted(dict.fromkeys(firsts)) == songs
    for one, after in itertools.pairwise(seen):
        assert one == after or one[1:] == after[:-1]
    assert songs_in_window(songs, 0, 400, 8, seed=1) != songs_in_window(songs, 400, 400, 8, seed=1)
    assert songs_in_window(songs, 7, 400, 8, seed=1) != songs_in_window(songs, 7, 400, 8, seed=2)


def test_examples_use_only_songs_of_their_window(tmp_path, monkeypatch):
    WRITERS["musdb_hq"](tmp_path)
    settings = DataSettings(seconds=0.2, samples_per_track=10)
    excerpts = dataclasses.replace(open_excerpts(tmp_path, "train", settings), window=1)
    used = []
    song_type = type(excerpts.songs[0])
    real = song_type.read_stem
    monkeypatch.setattr(
        song_type, "read_stem", lambda s, *rest: (used.append(s.name), real(s, *rest))[1]
    )
    by_example = []
    for index in range(len(excerpts)):
        used.clear()
        example = excerpts.read(0, index)
        np.testing.assert_array_equal(excerpts.read(0, index).stems, example.stems)
        by_example.append(set(used))
    assert all(len(names) == 1 for names in by_example)
    assert len(set().union(*by_example)) == len(excerpts.songs)
