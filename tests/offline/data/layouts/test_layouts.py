"""Every layout gives back what was written, divided as it says."""

import numpy as np
import pytest

from layouts_on_disk import RATE, SECONDS, WRITERS
from streamsep.errors import AudioFileError
from streamsep_offline.data.excerpts import DataSettings, open_excerpts, open_songs
from streamsep_offline.data.layouts import LAYOUTS, find_layout


@pytest.fixture(scope="module", params=WRITERS)
def on_disk(request, tmp_path_factory):
    if request.param == "musdb":
        pytest.importorskip("av", reason="needs the extra 'formats'")
    return WRITERS[request.param](tmp_path_factory.mktemp(request.param))


@pytest.fixture(autouse=True, scope="module")
def cache(tmp_path_factory):
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("STREAMSEP_CACHE_DIR", str(tmp_path_factory.mktemp("cache")))
        yield


def settings(on_disk, **changes):
    return DataSettings(**{"seconds": 0.5, **on_disk.settings, **changes})


def short(name):
    """Names of Spleeter's songs are their mixtures' paths."""
    return name.split("/")[0]


def test_songs_hold_what_was_written(on_disk):
    for split, songs in on_disk.songs.items():
        found = open_songs(on_disk.folder, split, settings(on_disk))
        if on_disk.settings.get("layout") == "sourcefolder":
            assert {song.name for song in found} == set(songs)
        else:
            assert {short(song.name) for song in found} == set(songs)
        for song in found:
            parts = songs.get(song.name) or songs[short(song.name)]
            assert set(song.stems) == set(parts)
            assert song.n_samples == round(SECONDS * RATE)
            stems, rate = song.read()
            assert rate == RATE
            for name, stem in zip(song.stems, stems, strict=True):
                assert np.abs(stem - parts[name]).max() < 1e-6, (song.name, name)
            mixture = on_disk.mixtures.get(song.name, on_disk.mixtures.get(short(song.name)))
            if mixture is None:
                mixture = np.sum(list(parts.values()), axis=0)
            assert np.abs(song.read_mixture(0, song.n_samples) - mixture).max() < 1e-6


def test_excerpts_are_cut_from_them(on_disk):
    train = open_excerpts(on_disk.folder, "train", settings(on_disk, samples_per_track=2))
    assert train.stems == on_disk.stems
    for index in range(len(train)):
        example = train.read(0, index)
        assert example.stems.shape == (len(train.stems), 2, RATE // 2)
        assert np.abs(example.mixture - example.stems.sum(axis=0)).std() < 2e-3
        assert example.stems.std() > 1e-3
    valid = open_excerpts(on_disk.folder, "valid", settings(on_disk))
    assert 0 < len(valid) <= len(on_disk.songs["valid"])
    for epoch in range(1, 4):
        assert np.array_equal(valid.read(0, 0).stems, valid.read(epoch, 0).stems)


def test_coherent_excerpts_hear_the_mixture_that_the_layout_says(on_disk):
    if on_disk.settings.get("layout") == "sourcefolder":
        pytest.skip("has no songs")
    valid = open_excerpts(on_disk.folder, "valid", settings(on_disk))
    for index, song in enumerate(valid.songs):
        mixture = on_disk.mixtures.get(short(song.name))
        if mixture is not None:
            assert np.abs(valid.read(0, index).mixture - mixture).max() < 1e-6


def test_what_looks_like_a_layout_is_found_without_its_name(on_disk):
    wanted = on_disk.settings.get("layout", "stems")
    if wanted == "trackfolder_fix":  # its files happen to be named as stems are
        wanted = "stems"
    if wanted == "trackfolder_var":
        with pytest.raises(AudioFileError, match="name its layout, one of"):
            find_layout("auto", on_disk.folder)
    else:
        assert find_layout("auto", on_disk.folder).name == wanted


def test_every_layout_is_written_here_or_writes_itself():
    named = {WRITERS[name].__name__.removesuffix("_hq") for name in WRITERS}
    assert named | {"made"} == set(LAYOUTS)
