"""MUSDB18 as it is distributed: lossy AAC streams in one file per song."""

import numpy as np
import pytest

from layouts_on_disk import FOUR, RATE
from signals import music
from streamsep.errors import AudioFileError, MissingExtraError
from streamsep_offline.data.check import check
from streamsep_offline.data.excerpts import DataSettings, open_excerpts, open_songs
from streamsep_offline.data.inventory import take_inventory
from streamsep_offline.data.layouts.musdb import STREAMS
from streamsep_offline.files.encoders import AacFile

pytest.importorskip("av", reason="needs the extra 'formats'")


@pytest.fixture(scope="module")
def written(tmp_path_factory):
    """Two songs of three seconds; stems by song."""
    root = tmp_path_factory.mktemp("musdb")
    songs = {}
    for i, name in enumerate(("one", "two")):
        parts = {
            stem: 0.2 * music(3.0, seed=10 * i + k)[:2].astype(np.float32)
            for k, stem in enumerate(FOUR)
        }
        streams = {"mixture": np.sum(list(parts.values()), axis=0), **parts}
        (root / "train").mkdir(exist_ok=True)
        path = root / "train" / f"{name}.stem.mp4"
        file = AacFile(path, RATE, 2, list(STREAMS), 256, is_stem_file=True)
        file.write(np.stack([streams[stem] for stem in STREAMS]))
        file.close()
        songs[name] = parts
    return root, songs


@pytest.fixture
def settings(tmp_path):
    return DataSettings(cache_dir=str(tmp_path / "cache"), seconds=1.0)


def snr_db(clean, coded):
    return 10 * np.log10(np.sum(clean**2) / np.sum((coded - clean) ** 2))


def test_streams_are_the_stems_in_their_place(written, settings):
    root, songs = written
    for song in open_songs(root, "all", settings):
        assert song.stems == FOUR
        assert song.n_samples == 3 * RATE
        for name, stem in songs[song.name].items():
            assert snr_db(stem, song.read_stem(name, 0, 3 * RATE)) > 10
        mixture = np.sum(list(songs[song.name].values()), axis=0)
        assert snr_db(mixture, song.read_mixture(0, 3 * RATE)) > 10


def test_the_codec_is_no_fault(written, settings):
    found = check(take_inventory(written[0], settings), settings).findings
    assert [f for f in found if f.is_fault] == []


def test_the_mixture_that_is_heard_is_the_files(written, settings):
    excerpts = open_excerpts(written[0], "valid", settings)
    mixture, stems = excerpts.read(0, 0)
    assert 10 < snr_db(stems.sum(axis=0), mixture) < 80


def test_a_file_of_too_few_streams_is_named(settings, tmp_path):
    (tmp_path / "train").mkdir()
    for name in ("one", "two"):
        path = tmp_path / "train" / f"{name}.stem.mp4"
        file = AacFile(path, RATE, 2, ["mixture", "rest"], 256, is_stem_file=True)
        file.write(np.zeros((2, 2, 4096), np.float32))
        file.close()
    with pytest.raises(AudioFileError, match="has 2 audio streams") as error:
        open_excerpts(tmp_path, "train", settings)
    assert str(tmp_path) in str(error.value)


def test_without_pyav_the_remedy_is_told(written, settings, monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "av", None)
    with pytest.raises(MissingExtraError, match="formats"):
        open_excerpts(written[0], "train", settings)
