"""Examples of made songs that are rendered when they are read."""

import numpy as np
import pytest

from streamsep_offline.training.recipe import make_recipe, read_recipe
from streamsep_offline.training.sources import open_sources, render_lists

pytest.importorskip("scipy", reason="needs the extra 'maker'")

from streamsep_offline.maker import library
from streamsep_offline.maker.song import Song, song_name


@pytest.fixture
def rendered(monkeypatch):
    """Names of the songs that were rendered: noise as long as songs are said to be."""
    names = []

    def make(seed, index, studio, style, duration_s, *rest):
        rng = np.random.default_rng([seed, index])
        name = song_name(studio.split, seed, index)
        names.append(name)
        stems = rng.uniform(-0.2, 0.2, (4, 2, round(44100 * duration_s))).astype(np.float32)
        return Song(name, stems, {})

    monkeypatch.setattr(library, "make_song", make)
    return names


def test_thousands_of_songs_need_room_for_some(rendered, tmp_path):
    table = dict(read_recipe("4stems-stage").table)
    songs = {"seed": 1, "cache_gb": 0.05, "train": {"made": 3000}, "select": {"made": 1}}
    data = {**table["data"], "seconds": 1, "examples": 6000}
    recipe = make_recipe({**table, "songs": songs, "data": data})
    told = []
    render_lists(recipe, tmp_path, tmp_path, 1, lambda *facts: told.append(facts), False)
    assert told == [("select", 1, 1)]
    assert rendered == ["select-s1-00000"]
    (made,), _ = open_sources(recipe, tmp_path, tmp_path)
    assert len(made.excerpts.songs) == 3000
    assert made.excerpts.window == 1
    example = made.excerpts.read(0, 0)
    assert example.stems.shape == (4, 2, 44100)
    assert len(rendered) == 2
    made.excerpts.read(0, 1)  # two examples for each song, as many as are asked for
    assert len(rendered) == 2
    made.excerpts.read(0, 2)
    assert len(rendered) == 3
    kept = sum(path.stat().st_size for path in (tmp_path / "made-cache").rglob("*.flac"))
    assert kept < 0.08e9
