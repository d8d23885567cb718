import json

import numpy as np
import pytest
import soundfile as sf

from streamsep.errors import AudioFileError, ParameterError
from streamsep_offline.maker import library
from streamsep_offline.maker.library import (
    make_library,
    make_library_in_parallel,
    missing_parts,
    write_song,
)
from streamsep_offline.maker.mixing import TARGETS
from streamsep_offline.maker.song import Song, song_name
from streamsep_offline.maker.studio import Studio


def tiny_song(seed, index, studio, style=None):
    rng = np.random.default_rng([seed, index])
    stems = rng.uniform(-0.2, 0.2, (4, 2, 1000)).astype(np.float32)
    name = song_name(studio.split, seed, index)
    return Song(name, stems, {"name": name, "style": style})


@pytest.fixture
def quick(monkeypatch):
    made = []

    def make(seed, index, studio, style=None):
        made.append(index)
        return tiny_song(seed, index, studio, style)

    monkeypatch.setattr(library, "make_song", make)
    return made


@pytest.mark.parametrize("file_format", ["flac", "wav"])
def test_layout_is_musdbs_and_samples_survive(tmp_path, quick, file_format):
    studio = Studio(None, "select")
    list(make_library(studio, tmp_path, 1, range(2), "pop", file_format, has_mixture=True))
    folder = tmp_path / "select" / "select-s1-00001"
    stems = []
    for target in TARGETS:
        audio, rate = sf.read(folder / f"{target}.{file_format}", dtype="float32")
        assert rate == 44100
        assert sf.info(folder / f"{target}.{file_format}").subtype == "PCM_16"
        stems.append(audio.T)
    np.testing.assert_allclose(stems, tiny_song(1, 1, studio).stems, atol=1.1 / 32768)
    mixture = sf.read(folder / f"mixture.{file_format}", dtype="float32")[0].T
    np.testing.assert_allclose(np.sum(stems, axis=0), mixture, atol=1e-6)
    assert json.loads((folder / "manifest.json").read_text())["style"] == "pop"


def test_second_run_makes_only_what_is_missing(tmp_path, quick):
    studio = Studio(None)
    assert [new for _, new in make_library(studio, tmp_path, 1, range(2))] == [True, True]
    again = list(make_library(studio, tmp_path, 1, range(3)))
    assert [new for _, new in again] == [False, False, True]
    assert quick == [0, 1, 2]
    assert not (tmp_path / "train" / "train-s1-00000" / "mixture.flac").exists()


def test_interrupted_song_leaves_nothing_behind(tmp_path, quick, monkeypatch):
    real_write, calls = sf.write, []

    def write(path, *args, **kwargs):
        calls.append(path)
        if len(calls) == 3:
            raise KeyboardInterrupt
        real_write(path, *args, **kwargs)

    monkeypatch.setattr(sf, "write", write)
    with pytest.raises(KeyboardInterrupt):
        list(make_library(Studio(None), tmp_path, 1, range(1)))
    assert not [path for path in tmp_path.rglob("*") if path.is_file()]
    monkeypatch.setattr(sf, "write", real_write)
    assert next(make_library(Studio(None), tmp_path, 1, range(1))) == ("train-s1-00000", True)


def test_unwritable_place_is_named(tmp_path):
    (tmp_path / "train").write_text("a file where a folder should be")
    with pytest.raises(AudioFileError, match="train-s1-00000"):
        write_song(
            tiny_song(1, 0, Studio(None)), tmp_path / "train" / "train-s1-00000", "flac", False
        )


def test_unknown_format_is_refused(tmp_path):
    with pytest.raises(ParameterError, match="'mp3'; use one of flac, wav"):
        next(make_library(Studio(None), tmp_path, 1, range(1), file_format="mp3"))


def test_one_job_needs_no_other_process(tmp_path, quick):
    songs = make_library_in_parallel(Studio(None), tmp_path, 1, range(2), n_jobs=1)
    assert sorted(songs) == [("train-s1-00000", True), ("train-s1-00001", True)]
    assert [path.name for path in tmp_path.iterdir()] == ["train"]


def test_stopping_tidies_only_its_own_songs(tmp_path, quick):
    for name in ("train-s1-00001", "train-s2-00000"):
        (tmp_path / ".unfinished" / name).mkdir(parents=True)
    songs = make_library_in_parallel(Studio(None), tmp_path, 1, range(3))
    next(songs)
    songs.close()
    assert [path.name for path in (tmp_path / ".unfinished").iterdir()] == ["train-s2-00000"]


def test_missing_samples_are_told_with_the_remedy(tmp_path):
    assert any("STREAMSEP_AUDIO" in line for line in missing_parts(Studio(None)))
    assert not any("samples" in line for line in missing_parts(Studio(tmp_path)))
