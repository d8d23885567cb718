import numpy as np
import pytest

from layouts_on_disk import WRITERS
from signals import noise_stems
from streamsep.errors import AudioFileError, ParameterError
from streamsep.scores import sdr_db
from streamsep.spec import PROFILES
from streamsep_offline.evaluation.oracle import OracleMethod
from streamsep_offline.evaluation.score import SongAudio, score_stems
from streamsep_offline.evaluation.songs import open_songs, read_song

NAMES = ("vocals", "drums")


@pytest.fixture
def folder(tmp_path, write_stems):
    """Two kinds of music with a song of the same name each."""
    for place in ("rock/one", "rock/two", "pop/one"):
        write_stems(tmp_path / place, NAMES, noise_stems(2, 0.1))
    return tmp_path


def test_kinds_are_the_folders_below_and_tell_names_apart(folder):
    songs = open_songs(str(folder), has_kind_folders=True)
    assert [(s.song.name, s.kind, s.name) for s in songs] == [
        ("one", "pop", "pop/one"),
        ("one", "rock", "rock/one"),
        ("two", "rock", "rock/two"),
    ]


def test_the_split_is_taken_where_there_is_one(folder):
    assert [song.name for song in open_songs(str(folder), "rock")] == ["one", "two"]


def test_two_songs_of_one_name_are_refused(folder):
    with pytest.raises(ParameterError, match="two songs are named '/one'"):
        open_songs(str(folder))


def test_where_there_are_no_songs(tmp_path, monkeypatch):
    monkeypatch.delenv("MUSDB_PATH", raising=False)
    with pytest.raises(AudioFileError, match=r"no folder .*nowhere"):
        open_songs(str(tmp_path / "nowhere"))
    with pytest.raises(AudioFileError, match="leave out --kinds"):
        open_songs(str(tmp_path), has_kind_folders=True)
    with pytest.raises(ParameterError, match="MUSDB_PATH"):
        open_songs("musdb")


def test_songs_to_train_with_are_not_scored_unasked(tmp_path, write_stems):
    for split in ("train", "select"):
        write_stems(tmp_path / split / split, NAMES, noise_stems(2, 0.1))
    with pytest.raises(AudioFileError, match=r"no folder 'test'; .*--split all"):
        open_songs(str(tmp_path))
    assert [song.name for song in open_songs(str(tmp_path), "valid")] == ["select"]
    assert [song.name for song in open_songs(str(tmp_path), "select")] == ["select"]
    assert [song.name for song in open_songs(str(tmp_path), "all")] == ["select", "train"]
    write_stems(tmp_path / "report" / "new", NAMES, noise_stems(2, 0.1))
    assert [song.name for song in open_songs(str(tmp_path))] == ["new"]


@pytest.mark.parametrize("layout", ["musdb", "musdb_hq"])
def test_models_hear_the_mixture_that_is_the_songs_own(layout, tmp_path, monkeypatch):
    if layout == "musdb":
        pytest.importorskip("av", reason="needs the extra 'formats'")
    monkeypatch.setenv("STREAMSEP_CACHE_DIR", str(tmp_path / "cache"))
    on_disk = WRITERS[layout](tmp_path / "songs")
    (item,) = open_songs(str(on_disk.folder))
    song, truth = read_song(item.song, 0.5, 1.0), on_disk.songs["test"]["six"]
    part = np.s_[:, 22050:66150]
    for name, reference in zip(song.stems, song.references, strict=True):
        assert np.array_equal(reference, truth[name][part])
    own = on_disk.mixtures["six"][part]
    assert np.abs(song.mixture - own).max() < 1e-4
    assert np.abs(song.mixture - song.references.sum(axis=0)).max() > 1e-3
    _, nothing = OracleMethod("mixture", PROFILES["stage"]).open()(song)
    assert np.allclose(nothing, own / 4, atol=1e-4)


def test_a_song_of_stems_alone_is_their_sum(tmp_path, write_stems):
    write_stems(tmp_path / "song", NAMES, noise_stems(2, 1.0))
    (item,) = open_songs(str(tmp_path))
    song = read_song(item.song)
    assert np.array_equal(song.mixture, song.references.sum(axis=0))


def test_doing_nothing_is_the_songs_own_mixture():
    stems = noise_stems(2, 4.0)
    rate, own = 8000, stems.sum(axis=0) + 0.05 * noise_stems(1, 4.0, seed=5)[0]
    song = SongAudio("song", NAMES, stems, rate, 0.0, own)
    for j, result in enumerate(score_stems(song, NAMES, stems, ("share",))):
        assert result.figures["nothing_db"] == pytest.approx(sdr_db(stems[j], own / 2, rate))
