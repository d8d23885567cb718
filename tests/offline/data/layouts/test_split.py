import shutil
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from layouts_on_disk import FOUR, WRITERS, noise, write
from streamsep.errors import AudioFileError, ParameterError
from streamsep_offline.data.excerpts import DataSettings, open_songs
from streamsep_offline.data.layouts.musdb import VALIDATION
from streamsep_offline.data.layouts.split import share_out
from streamsep_offline.data.piece import Piece
from streamsep_offline.data.song import Song

ROOT = Path("songs")

names = st.lists(st.text(min_size=1), min_size=2, max_size=40, unique=True)


def songs(texts):
    return [Song(name, {"a": (Piece(ROOT),), "b": (Piece(ROOT),)}) for name in texts]


def shared(texts, split, share):
    try:
        return {song.name for song in share_out(songs(texts), split, share, ROOT)}
    except AudioFileError:
        return set()


@given(names, st.floats(0.0, 1.0, allow_subnormal=False))
def test_every_song_is_in_one_split(texts, share):
    train, valid = (shared(texts, split, share) for split in ("train", "valid"))
    assert train | valid == set(texts)
    assert not train & valid
    assert bool(valid) == (share > 0.0)


@given(
    names, st.lists(st.text(min_size=1), max_size=20), st.floats(0.05, 0.5, allow_subnormal=False)
)
def test_new_songs_move_at_most_the_one_that_was_needed(texts, more, share):
    """A song is moved only where it was alone in its split."""
    before = shared(texts, "valid", share)
    after = shared(list({*texts, *more}), "valid", share)
    moved = {name for name in texts if (name in before) != (name in after)}
    assert len(moved) <= 1
    assert moved <= before


def test_the_share_is_about_that_of_many():
    texts = [f"song {i}" for i in range(2000)]
    assert len(shared(texts, "valid", 0.1)) == pytest.approx(200, abs=45)


def test_a_single_song_cannot_be_divided():
    with pytest.raises(AudioFileError, match="valid_share"):
        share_out(songs(["one", "two"]), "train", 1.0, ROOT)
    with pytest.raises(AudioFileError, match="one song, 'one', and needs two"):
        share_out(songs(["one"]), "train", 0.1, ROOT)


@pytest.mark.parametrize("split", ["valid", "test"])
def test_folders_of_the_maker_are_splits(tmp_path, split):
    on_disk = WRITERS["stems"](tmp_path)
    (tmp_path / "valid").rename(tmp_path / {"valid": "select", "test": "report"}[split])
    found = open_songs(tmp_path, split, DataSettings())
    assert {song.name for song in found} == set(on_disk.songs["valid"])
    train = {song.name for song in open_songs(tmp_path, "train", DataSettings())}
    assert train <= set(on_disk.songs["train"])


def test_missing_splits_are_told(tmp_path):
    WRITERS["stems"](tmp_path)
    with pytest.raises(AudioFileError, match="no folder 'test' or 'report';"):
        open_songs(tmp_path, "test", DataSettings())
    with pytest.raises(ParameterError, match="use one of"):
        open_songs(tmp_path, "dev", DataSettings())


def test_musdb_without_official_songs_shares_out(tmp_path):
    on_disk = WRITERS["musdb_hq"](tmp_path)
    for name in on_disk.songs["valid"]:
        (tmp_path / "train" / name).rename(tmp_path / "train" / name.lower())
    splits = [{s.name for s in open_songs(tmp_path, x, DataSettings())} for x in ("train", "valid")]
    assert len(splits[0] | splits[1]) == 5
    assert splits[0].isdisjoint(splits[1])
    assert len(VALIDATION) == 14


def test_musdb_is_known_by_its_official_songs_without_those_for_testing(tmp_path):
    on_disk = WRITERS["musdb_hq"](tmp_path)
    shutil.rmtree(tmp_path / "test")
    found = {song.name for song in open_songs(tmp_path, "valid", DataSettings())}
    assert found == set(on_disk.songs["valid"])


def test_a_single_table_is_shared_out(tmp_path):
    rows = ["mix_path,vocals_path,drums_path,duration"]
    for i in range(6):
        for stem in FOUR[:2]:
            write(tmp_path / f"{i}" / f"{stem}.wav", noise(i, stem, seconds=0.1))
        rows.append(f",{i}/vocals.wav,{i}/drums.wav,0.1")
    table = tmp_path / "all.csv"
    table.write_text("\n".join(rows))
    found = {split: open_songs(table, split, DataSettings()) for split in ("train", "valid", "all")}
    assert len(found["train"]) + len(found["valid"]) == len(found["all"]) == 6
    with pytest.raises(AudioFileError, match=r"add test\.csv"):
        open_songs(table, "test", DataSettings())
