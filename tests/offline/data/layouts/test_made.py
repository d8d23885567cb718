"""Songs that are rendered when they are first read."""

import numpy as np
import pytest

from streamsep_offline.data.excerpts import DataSettings, open_excerpts, open_songs
from streamsep_offline.data.layouts.made import Rendering

pytest.importorskip("scipy", reason="needs the extra 'maker'")


def test_songs_are_rendered_when_read_and_stay(tmp_path):
    cache = tmp_path / "cache"
    settings = DataSettings(
        layout="made", made_songs=2, made_seed=3, cache_dir=str(cache), seconds=1.0, coherent=1.0
    )
    excerpts = open_excerpts(tmp_path / "no samples", "train", settings)
    assert excerpts.stems == ("vocals", "drums", "bass", "other")
    assert len(excerpts) == 2 * settings.samples_per_track
    assert not cache.exists()
    example = excerpts.read(0, 0)
    assert example.stems.shape == (4, 2, 44100)
    assert np.count_nonzero(example.stems.std(axis=(1, 2)) > 1e-3) >= 2
    (song,) = cache.rglob("train-s3-*")
    before = {path: path.stat().st_mtime_ns for path in song.iterdir()}
    again = open_excerpts(tmp_path / "no samples", "train", settings)
    assert np.array_equal(again.read(0, 0).stems, example.stems)
    assert {path: path.stat().st_mtime_ns for path in song.iterdir()} == before
    assert not list(cache.rglob(".rendering*"))
    # A second process that rendered the same song meanwhile finds it there and leaves it.
    rendering = next(s.prepare for s in again.songs if song.name.startswith(s.name))
    assert isinstance(rendering, Rendering)
    rendering()
    assert {path: path.stat().st_mtime_ns for path in song.iterdir()} == before


def test_splits_use_other_ingredients_and_other_names(tmp_path):
    settings = DataSettings(layout="made", made_songs=30, cache_dir=str(tmp_path / "cache"))
    splits = {s: open_songs(tmp_path, s, settings) for s in ("train", "valid", "test")}
    assert [len(songs) for songs in splits.values()] == [30, 3, 3]
    names = {song.name for songs in splits.values() for song in songs}
    assert len(names) == 36
    assert {songs[0].prepare.songs.split for songs in splits.values()} == {
        "train",
        "select",
        "report",
    }
    assert splits["train"][0].n_samples == 30 * 44100
