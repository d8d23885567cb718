import pytest

from signals import noise_stems
from streamsep.errors import AudioFileError, ParameterError
from streamsep_offline.evaluation.songs import open_songs

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
