import json
import multiprocessing

import numpy as np
import pytest
import soundfile as sf

from streamsep.errors import AudioFileError, ParameterError
from streamsep_offline.data.check import check
from streamsep_offline.data.excerpts import open_songs
from streamsep_offline.data.inventory import take_inventory
from streamsep_offline.data.settings import DataSettings
from streamsep_offline.maker import library
from streamsep_offline.maker.library import make_library, make_library_in_parallel, write_song
from streamsep_offline.maker.missing import missing_parts
from streamsep_offline.maker.mixing import STEMS, TARGETS
from streamsep_offline.maker.orders import Order
from streamsep_offline.maker.song import Song, song_name
from streamsep_offline.maker.studio import Studio


def tiny_song(
    seed, index, studio, style=(), duration_s=30.0, n_stems=4, heard_share=0.0, instruments=()
):
    rng = np.random.default_rng([seed, index, len(studio.split)])
    # sounds that differ from stem to stem, and are no clipping, silence or duplicate to a check
    level = rng.uniform(0.1, 0.2, (n_stems, 1, 1))
    stems = (level * rng.uniform(-1, 1, (n_stems, 2, 30000))).astype(np.float32)
    name = song_name(studio.split, seed, index)
    targets = STEMS if n_stems == 5 else TARGETS
    heard = 0.5 * stems.sum(axis=0) if heard_share else None
    return Song(name, stems, {"name": name, "style": list(style)}, targets, heard)


@pytest.fixture
def quick(monkeypatch):
    made = []

    def make(seed, index, *rest):
        made.append(index)
        return tiny_song(seed, index, *rest)

    monkeypatch.setattr(library, "make_song", make)
    return made


def read(folder, name, file_format="flac"):
    audio, rate = sf.read(folder / f"{name}.{file_format}", dtype="float32")
    assert rate == 44100
    assert sf.info(folder / f"{name}.{file_format}").subtype == "PCM_16"
    return audio.T


@pytest.mark.parametrize("file_format", ["flac", "wav"])
@pytest.mark.parametrize("n_stems", [4, 5])
def test_samples_survive_and_stems_sum_to_the_mixture(tmp_path, quick, file_format, n_stems):
    studio = Studio(None, "select")
    order = Order(("pop",), n_stems=n_stems, file_format=file_format, has_mixture=True)
    list(make_library(studio, tmp_path, 1, range(2), order))
    folder = tmp_path / "select" / "select-s1-00001"
    stems = [read(folder, name, file_format) for name in (STEMS if n_stems == 5 else TARGETS)]
    expected = tiny_song(1, 1, studio, n_stems=n_stems).stems
    np.testing.assert_allclose(stems, expected, atol=1.1 / 32768)
    mixture = read(folder, "mixture", file_format)
    np.testing.assert_allclose(np.sum(stems, axis=0), mixture, atol=1e-6)
    manifest = json.loads((folder / "manifest.json").read_text())
    assert manifest["style"] == ["pop"]
    assert manifest["order"]["n_stems"] == n_stems


def test_what_is_heard_is_the_mixture_file(tmp_path, quick):
    list(make_library(Studio(None), tmp_path, 1, range(1), Order(heard_share=1.0)))
    folder = tmp_path / "train" / "train-s1-00000"
    stems = [read(folder, name) for name in TARGETS]
    np.testing.assert_allclose(read(folder, "mixture"), 0.5 * np.sum(stems, axis=0), atol=1e-4)


def test_musdb_layout_is_read_back_by_our_own_data_layer(tmp_path, quick):
    order = Order(file_format="wav", has_mixture=True, is_musdb=True)
    for split, n in (("train", 10), ("select", 1), ("report", 2)):
        list(make_library(Studio(None, split), tmp_path, 1, range(n), order))
    assert sorted(path.name for path in tmp_path.iterdir() if path.is_dir()) == [
        ".unfinished", "test", "train", "valid",
    ]  # fmt: skip
    (tmp_path / ".unfinished").rmdir()
    settings = DataSettings(layout="auto")
    inventory = take_inventory(tmp_path, settings)
    assert inventory.layout.name == "musdb"
    counts = {split: len(songs) for split, songs in inventory.splits.items()}
    assert counts["train"] + counts["valid"] == 10
    assert counts["test"] == 2
    song = open_songs(tmp_path, "test", settings)[0]
    stems, rate = song.read()
    assert (rate, song.stems) == (44100, ("vocals", "drums", "bass", "other"))
    expected = tiny_song(1, 0, Studio(None, "report")).stems
    np.testing.assert_allclose(stems, expected, atol=1.1 / 32768)
    mixture = song.read_mixture(0, song.n_samples)
    np.testing.assert_allclose(mixture, stems.sum(axis=0), atol=1e-6)
    report = check(inventory, settings, (), 1, lambda *_: None)
    assert not [finding for finding in report.findings if finding.is_fault]


def test_another_order_in_the_same_place_is_refused(tmp_path, quick):
    list(make_library(Studio(None), tmp_path, 1, range(1)))
    with pytest.raises(ParameterError, match="made with n_stems 4, not 5; choose another folder"):
        list(make_library(Studio(None), tmp_path, 1, range(1), Order(n_stems=5)))
    # nor is a song from before one could order an instrument
    manifest = tmp_path / "train" / "train-s1-00000" / "manifest.json"
    facts = json.loads(manifest.read_text())
    del facts["order"]["instruments"]
    manifest.write_text(json.dumps(facts))
    with pytest.raises(ParameterError, match=r"made with instruments \[\], not \['organ'\]"):
        list(make_library(Studio(None), tmp_path, 1, range(1), Order(instruments=("organ",))))
    assert not next(make_library(Studio(None), tmp_path, 1, range(1))).is_new


def test_second_run_makes_only_what_is_missing(tmp_path, quick):
    studio = Studio(None)
    assert [song.is_new for song in make_library(studio, tmp_path, 1, range(2))] == [True, True]
    again = list(make_library(studio, tmp_path, 1, range(3)))
    assert [song.is_new for song in again] == [False, False, True]
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
    again = next(make_library(Studio(None), tmp_path, 1, range(1)))
    assert again[:2] == ("train-s1-00000", True)
    assert again.cpu_s >= 0.0


def test_unwritable_place_is_named(tmp_path):
    (tmp_path / "train").write_text("a file where a folder should be")
    with pytest.raises(AudioFileError, match="train-s1-00000"):
        write_song(
            tiny_song(1, 0, Studio(None)), tmp_path / "train" / "train-s1-00000", "flac", False
        )


@pytest.mark.parametrize(
    ("wish", "message"),
    [
        ({"file_format": "mp3"}, "'mp3'; use one of flac, wav"),
        ({"styles": ("polka",)}, "unknown style 'polka'; use one of rock"),
        ({"instruments": ("kazoo",)}, "unknown instrument 'kazoo'; use one of distorted guitar"),
        ({"duration_s": 3.0}, "3.0 s is too short; use at least 4 s"),
        ({"n_stems": 6}, "6 stems: expected 4, or 5"),
        ({"heard_share": 1.5}, "1.5 heard: expected 0 to 1"),
        ({"is_musdb": True}, "MUSDB18-HQ has 4 stems as wav, not 4 as flac"),
    ],
)
def test_orders_that_cannot_be_are_refused(wish, message):
    with pytest.raises(ParameterError, match=message):
        Order(**wish)


def test_one_job_needs_no_other_process(tmp_path, quick):
    songs = make_library_in_parallel(Studio(None), tmp_path, 1, range(2), n_jobs=1)
    names = [(song.name, song.is_new) for song in songs]
    assert sorted(names) == [("train-s1-00000", True), ("train-s1-00001", True)]
    assert [path.name for path in tmp_path.iterdir()] == ["train"]


def test_stopping_tidies_only_its_own_songs(tmp_path, quick):
    for name in ("train-s1-00001", "train-s2-00000"):
        (tmp_path / ".unfinished" / name).mkdir(parents=True)
    songs = make_library_in_parallel(Studio(None), tmp_path, 1, range(3))
    next(songs)
    songs.close()
    assert [path.name for path in (tmp_path / ".unfinished").iterdir()] == ["train-s2-00000"]


def test_missing_parts_are_told_with_the_remedy_one_line_each(tmp_path):
    bare = missing_parts(Studio(None))
    assert "STREAMSEP_AUDIO" in next(line for line in bare if line.startswith("samples:"))
    empty = missing_parts(Studio(tmp_path))
    assert not any(line.startswith("samples:") for line in empty)
    assert any(line.startswith("recorded singers: none in voices") for line in empty)
    (tmp_path / "voices" / "somebody").mkdir(parents=True)
    (tmp_path / "voices" / "somebody" / "a.ogg").touch()
    assert not any(line.startswith("recorded singers") for line in missing_parts(Studio(tmp_path)))
    assert not any("\n" in line for line in [*bare, *empty])


def test_nothing_is_missing_where_all_is_there(audio_folder):
    assert not [line for line in missing_parts(Studio(audio_folder)) if ": none in" in line]


def test_a_process_that_dies_is_told_and_nobody_waits_for_it(tmp_path):
    order = Order(duration_s=4.0)
    songs = make_library_in_parallel(Studio(None), tmp_path, 1, range(200), order, n_jobs=2)
    next(songs)
    for process in multiprocessing.active_children():
        process.kill()
    with pytest.raises(AudioFileError, match="begin again"):
        list(songs)
    assert not (tmp_path / ".unfinished").exists()
