"""Songs rendered when asked for, in a folder whose size is bounded, by several processes."""

import dataclasses
import os
import pickle
import shutil
import subprocess
import sys

import numpy as np
import pytest
import soundfile as sf

from streamsep_offline.data.layouts.made import songs_at_hand, songs_of
from streamsep_offline.data.settings import DataSettings
from streamsep_offline.maker import library
from streamsep_offline.maker.made_songs import MadeSongs
from streamsep_offline.maker.mixing import TARGETS
from streamsep_offline.maker.orders import Order
from streamsep_offline.maker.song import Song, song_name

N = 20000
ORDER = Order(duration_s=4.0)


def noise_song(seed, index, studio, *rest):
    stems = np.random.default_rng([seed, index]).uniform(-0.2, 0.2, (4, 2, N)).astype(np.float32)
    return Song(song_name(studio.split, seed, index), stems, {"index": index})


@pytest.fixture
def songs(tmp_path, monkeypatch):
    monkeypatch.setattr(library, "make_song", noise_song)
    return MadeSongs(tmp_path / "made", None, "train", 1, 1e-9, ORDER)


@pytest.fixture
def size(songs):
    """Bytes of one song."""
    songs.ensure(0)
    return songs.n_bytes()


def is_whole(place):
    names = {path.name for path in place.iterdir()}
    return names == {"manifest.json", *(f"{stem}.flac" for stem in TARGETS)}


def test_the_folder_stays_within_its_bound(songs, size):
    bounded = dataclasses.replace(songs, limit_gb=3.5 * size / 1e9)
    for index in range(8):
        assert is_whole(bounded.ensure(index))
        assert bounded.n_bytes() <= 3.6 * size
    assert [bounded.place(k).is_dir() for k in range(8)] == [False] * 5 + [True] * 3
    assert not [path for path in bounded.root.iterdir() if path.name.startswith(".")]


def test_what_was_used_longest_ago_goes_first(songs, size):
    bounded = dataclasses.replace(songs, limit_gb=3.5 * size / 1e9)
    for index, age_s in ((0, 300), (1, 900), (2, 600)):
        place = bounded.ensure(index)
        past = place.stat().st_mtime - age_s
        os.utime(place, (past, past))
    bounded.ensure(1)  # a use
    bounded.ensure(3)
    assert [bounded.place(k).is_dir() for k in range(4)] == [True, True, False, True]


def test_the_song_asked_for_stays_even_where_there_is_no_room(songs):
    assert is_whole(songs.ensure(4))
    assert is_whole(songs.ensure(5))
    assert not songs.place(4).exists()


def test_a_song_that_went_comes_back_with_the_same_bits(songs):
    place = songs.ensure(2)
    before = {path.name: path.read_bytes() for path in place.iterdir()}
    songs.ensure(3)
    assert not place.exists()
    assert {path.name: path.read_bytes() for path in songs.ensure(2).iterdir()} == before


def test_other_orders_and_samples_are_other_songs(songs, tmp_path):
    others = [
        dataclasses.replace(songs, order=Order(duration_s=5.0)),
        dataclasses.replace(songs, samples=tmp_path),
        dataclasses.replace(songs, seed=2),
        dataclasses.replace(songs, split="select"),
    ]
    assert len({one.place(0) for one in [songs, *others]}) == 5
    assert pickle.loads(pickle.dumps(songs)) == songs


_USER = """
import sys
import numpy as np
from pathlib import Path
from streamsep_offline.data.layouts.made import songs_of
from streamsep_offline.data.settings import DataSettings
from streamsep_offline.maker import library
from streamsep_offline.maker.made_songs import MadeSongs
from streamsep_offline.maker.orders import Order
from streamsep_offline.maker.song import Song, song_name

def stems(index):
    shape = (4, 2, 20000)
    return np.random.default_rng([1, index]).uniform(-0.2, 0.2, shape).astype(np.float32)

def noise_song(seed, index, studio, *rest):
    return Song(song_name(studio.split, seed, index), stems(index), {"index": index})

library.make_song = noise_song
root, limit_gb, seed = Path(sys.argv[1]), float(sys.argv[2]), int(sys.argv[3])
songs = MadeSongs(root, None, "train", 1, limit_gb, Order(duration_s=4.0))
rng, read = np.random.default_rng(seed), songs_of(songs, 6, DataSettings())
for _ in range(60):
    index = int(rng.integers(6))
    heard = read[index].read_stem("bass", 100, 50)
    np.testing.assert_allclose(heard, stems(index)[2, :, 100:150], atol=1.1 / 32768)
"""
"""A process that asks for songs and reads them."""


class _Split:
    split = "train"


def test_two_processes_share_a_folder_that_is_too_small(songs, size):
    bounded = dataclasses.replace(songs, limit_gb=2.5 * size / 1e9)
    arguments = [sys.executable, "-c", _USER, str(bounded.root), str(bounded.limit_gb)]
    processes = [
        subprocess.Popen([*arguments, str(seed)], stderr=subprocess.PIPE) for seed in range(2)
    ]
    for process in processes:
        _, told = process.communicate(timeout=240)
        assert process.returncode == 0, told.decode()
    assert bounded.n_bytes() <= 3.6 * size
    assert all(is_whole(place) for place in bounded.root.iterdir())


def test_a_song_thrown_out_while_read_is_rendered_again(songs):
    song = songs_of(songs, 3, DataSettings())[1]
    real, calls = type(song.store).read, []

    def read_late(store, piece, start, n, rate):
        calls.append(piece)
        if len(calls) == 1:  # another process needed the room
            shutil.rmtree(piece.path.parent)
        return real(store, piece, start, n, rate)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(type(song.store), "read", read_late)
        audio = song.read_stem("vocals", 0, N)
    np.testing.assert_allclose(audio, noise_song(1, 1, _Split()).stems[0], atol=1.1 / 32768)
    assert len(calls) == 2


def test_an_abandoned_rendering_is_removed(songs):
    left = songs.root / ".renderingabc"
    left.mkdir(parents=True)
    os.utime(left, (0, 0))
    songs.ensure(0)
    assert not left.exists()


def test_a_window_is_a_quarter_of_what_fits(songs):
    roomy = dataclasses.replace(songs, limit_gb=1.0)
    assert roomy.n_fitting > 100
    assert songs_at_hand(roomy, 100) is None
    assert songs_at_hand(roomy, 5000) == roomy.n_fitting // 4
    assert songs_at_hand(songs, 5) == 1


def test_real_songs_take_about_what_is_reckoned(tmp_path):
    songs = MadeSongs(tmp_path, None, "train", 3, 1.0, ORDER)
    place = songs.ensure(0)
    assert sf.info(place / "vocals.flac").frames == 4 * 44100
    assert 0.3 < songs.n_bytes() * songs.n_fitting / 1e9 < 1.6
