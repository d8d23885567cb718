"""Missing stems and names that are not usual."""

import numpy as np
import pytest

from layouts_on_disk import RATE, WRITERS, noise, write
from streamsep.errors import AudioFileError
from streamsep_offline.data.excerpts import DataSettings, open_excerpts, open_songs
from streamsep_offline.data.targets import residual_name


def write_songs(root, *songs):
    """Songs of the given stems, each half a second."""
    for i, names in enumerate(songs):
        for name in names:
            write(root / "train" / f"song {i}" / f"{name}.wav", noise(i, name, seconds=0.5))


def opened(root, **settings):
    return open_excerpts(
        root, "train", DataSettings(**{"valid_share": 0.0, "seconds": 0.1, **settings})
    )


def test_a_missing_stem_names_song_and_remedy(tmp_path):
    write_songs(tmp_path, ("vocals", "drums", "bass"), ("vocals", "drums"))
    with pytest.raises(AudioFileError, match="'song 1'") as error:
        opened(tmp_path)
    for word in ("lacks the stem 'bass'", "missing_stems", str(tmp_path)):
        assert word in str(error.value)
    assert [s.name for s in opened(tmp_path, missing_stems="skip").songs] == ["song 0"]
    silent = opened(tmp_path, missing_stems="silent", coherent=1.0)
    assert silent.stems == ("vocals", "drums", "bass")
    sounding = {bool(silent.read(0, i).stems[2].any()) for i in range(2)}
    assert sounding == {True, False}


def test_a_stem_that_is_nowhere_is_told(tmp_path):
    write_songs(tmp_path, ("vocals", "drums"))
    with pytest.raises(
        AudioFileError, match="no song has the stem 'bass'; there are: vocals, drums"
    ):
        opened(tmp_path, targets=("vocals", "bass"))


def test_stems_that_only_some_songs_have_join_the_rest(tmp_path):
    four = ("vocals", "drums", "bass", "other")
    write_songs(tmp_path, (*four, "piano"), four)
    excerpts = opened(tmp_path, targets=four)
    assert excerpts.plan.units == (
        (("vocals",),),
        (("drums",),),
        (("bass",),),
        (("other", "piano"),),
    )
    for song in open_songs(tmp_path, "train", DataSettings(targets=four, valid_share=0.0)):
        index = song.name[-1]
        wanted = noise(index, "other", seconds=0.5)
        if index == "0":
            wanted = wanted + noise(index, "piano", seconds=0.5)
        assert np.allclose(song.read_stem("other", 0, song.n_samples), wanted, atol=1e-6)


def test_unusual_names_have_to_be_told(tmp_path):
    write_songs(tmp_path, ("flute", "harp"), ("flute", "harp"))
    with pytest.raises(AudioFileError, match="targets = "):
        opened(tmp_path, layout="trackfolder_var")
    assert opened(tmp_path, layout="trackfolder_var", targets=("flute",)).stems == (
        "flute",
        "other",
    )


def test_fixed_folders_lacking_a_file_are_refused_or_skipped(tmp_path):
    write_songs(tmp_path, ("vocals", "tom"), ("vocals",))
    with pytest.raises(AudioFileError, match="song 1 has no file of 'tom'"):
        opened(tmp_path, layout="trackfolder_fix")
    skipped = opened(tmp_path, layout="trackfolder_fix", missing_stems="skip")
    assert [song.name for song in skipped.songs] == ["song 0"]


def test_the_name_of_the_rest():
    assert residual_name(("vocals",)) == "accompaniment"
    assert residual_name(("vocals", "other")) == "other"
    assert residual_name(("vocals", "accompaniment")) == "accompaniment"
    assert residual_name(("vocals", "drums")) == "other"


@pytest.mark.parametrize("name", WRITERS)
def test_single_targets_and_their_rest_sum_to_the_song(tmp_path, name):
    if name == "musdb":
        pytest.importorskip("av", reason="needs the extra 'formats'")
    on_disk = WRITERS[name](tmp_path)
    settings = DataSettings(
        **{
            **on_disk.settings,
            "targets": ("vocals",),
            "seconds": 0.2,
            "cache_dir": str(tmp_path / "c"),
        }
    )
    excerpts = open_excerpts(tmp_path, "train", settings)
    assert excerpts.stems == ("vocals", "accompaniment")
    example = excerpts.read(0, 0)
    assert example.stems.shape == (2, 2, RATE // 5)
    assert np.abs(example.mixture - example.stems.sum(axis=0)).max() < 0.01


def test_refused_rates_name_the_file(tmp_path):
    write_songs(tmp_path, ("vocals", "drums"))
    path = tmp_path / "train" / "song 0" / "drums.wav"
    write(path, noise("slow", seconds=0.5), 48000)
    assert opened(tmp_path, cache_dir=str(tmp_path / "c")).read(0, 0).stems[1].any()
    with pytest.raises(AudioFileError, match="48000 Hz") as error:
        opened(tmp_path, resample=False)
    assert str(path) in str(error.value)


@pytest.mark.parametrize("name", [*WRITERS, "auto"])
def test_empty_folders_are_named_whatever_the_layout(tmp_path, name):
    layout = {"musdb_hq": "musdb"}.get(name, name)
    empty = tmp_path / "empty"
    empty.mkdir()
    for folder in (empty, tmp_path / "nowhere"):
        with pytest.raises(AudioFileError, match=str(folder)) as error:
            open_excerpts(folder, "train", DataSettings(layout=layout))
        assert ";" in str(error.value)
        assert "\n" not in str(error.value)
