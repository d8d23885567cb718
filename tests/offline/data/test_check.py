"""Every planted fault is found, at its file, with a remedy; clean data have none."""

import itertools
import shutil

import numpy as np
import pytest
import soundfile

from layouts_on_disk import FOUR, RATE, WRITERS, noise, write
from streamsep_offline.data.check import KINDS, NOTES, check
from streamsep_offline.data.excerpts import DataSettings
from streamsep_offline.data.inventory import take_inventory


@pytest.fixture(autouse=True)
def cache(tmp_path_factory, monkeypatch):
    monkeypatch.setenv("STREAMSEP_CACHE_DIR", str(tmp_path_factory.mktemp("cache")))


@pytest.fixture
def musdb(tmp_path):
    return WRITERS["musdb_hq"](tmp_path / "musdb")


def faults(folder, **settings):
    settings = DataSettings(**settings)
    report = check(take_inventory(folder, settings), settings)
    return [f for f in report.findings if f.is_fault]


def only(found, kind, path):
    """The one finding, which names the file and says what to do."""
    assert [(f.kind, f.is_fault) for f in found] == [(kind, kind not in NOTES)]
    assert str(path) in found[0].place + found[0].told
    assert ";" in found[0].told
    assert "\n" not in found[0].told


@pytest.mark.parametrize("name", WRITERS)
def test_clean_data_have_no_fault(tmp_path, name):
    if name == "musdb":
        pytest.importorskip("av", reason="needs the extra 'formats'")
    on_disk = WRITERS[name](tmp_path)
    settings = DataSettings(**on_disk.settings)
    report = check(take_inventory(tmp_path, settings), settings)
    assert [f for f in report.findings if f.is_fault and f.kind != "missing"] == []
    for stem in on_disk.stems[:1]:
        n, hours = report.stems[stem]
        with_it = [s for songs in on_disk.songs.values() for s in songs.values() if stem in s]
        with_it = [s for s in with_it if s[stem].any()]
        assert n == len(with_it)
        assert hours == pytest.approx(len(with_it) * 2.0 / 3600)


def song(folder, name):
    return folder / "train" / name


def unreadable(root):
    path = song(root, "one") / "bass.wav"
    path.write_text("no sound")
    return path


def missing(root):
    path = song(root, "two") / "drums.wav"
    path.unlink()
    (song(root, "two") / "mixture.wav").unlink()
    return path.parent


def rates(root):
    path = song(root, "one") / "vocals.wav"
    audio = soundfile.read(path)[0]
    soundfile.write(path, audio[:RATE], 22050)
    (path.parent / "mixture.wav").unlink()
    return path.parent


def length(root):
    path = song(root, "one") / "bass.wav"
    soundfile.write(path, soundfile.read(path)[0][:RATE], RATE)
    (path.parent / "mixture.wav").unlink()
    return path


def clipped(root):
    folder = song(root, "one")
    path = folder / "other.wav"
    t = np.arange(2 * RATE) / RATE
    audio = np.clip(2.0 * np.sin(2 * np.pi * 110 * t), -1.0, 32767 / 32768)
    write(path, np.stack([audio, 0.5 * audio]))
    (folder / "mixture.wav").unlink()
    return path


def silent(root):
    path = song(root, "three") / "vocals.wav"
    write(path, np.zeros((2, 2 * RATE)))
    (path.parent / "mixture.wav").unlink()
    return path


def misaligned(root):
    """The drums begin 100 samples late."""
    path = song(root, "one") / "drums.wav"
    audio = soundfile.read(path)[0]
    soundfile.write(path, np.roll(audio, 100, axis=0), RATE, "PCM_16")
    return path


def duplicate(root):
    shutil.copy(song(root, "one") / "bass.wav", song(root, "two") / "bass.wav")
    (song(root, "two") / "mixture.wav").unlink()
    return song(root, "two") / "bass.wav"


def leak(root):
    """The same sound in another format, in the test songs."""
    audio = soundfile.read(song(root, "one") / "bass.wav", dtype="int16")[0]
    (root / "test" / "six" / "bass.wav").unlink()
    (root / "test" / "six" / "mixture.wav").unlink()
    soundfile.write(root / "test" / "six" / "bass.flac", audio, RATE, "PCM_16")
    return root / "test" / "six" / "bass.flac"


@pytest.mark.parametrize(
    "plant",
    [unreadable, missing, rates, length, clipped, silent, misaligned, duplicate, leak],
)
def test_a_planted_fault_is_found(musdb, plant):
    path = plant(musdb.folder)
    only(faults(musdb.folder, layout="musdb"), plant.__name__, path)


def test_a_late_stem_is_named_with_its_lag(musdb):
    misaligned(musdb.folder)
    (found,) = faults(musdb.folder, layout="musdb")
    assert "is 100 samples (2.27 ms) late" in found.told
    assert "dB" in found.told


def test_an_early_mixture_is_named_with_its_lag(musdb):
    path = song(musdb.folder, "one") / "mixture.wav"
    soundfile.write(path, np.roll(soundfile.read(path)[0], -441, axis=0), RATE, "PCM_16")
    (found,) = faults(musdb.folder, layout="musdb")
    assert found.place == str(path)
    assert "is 441 samples (10.00 ms) early" in found.told


def test_a_louder_mixture_is_named_with_its_level(musdb):
    path = song(musdb.folder, "one") / "mixture.wav"
    soundfile.write(path, 2.0 * soundfile.read(path)[0], RATE, "PCM_16")
    (found,) = faults(musdb.folder, layout="musdb")
    assert "6.0 dB louder than the sum" in found.told


def test_another_mixture_is_told_with_the_level_of_the_rest(musdb):
    path = song(musdb.folder, "one") / "mixture.wav"
    write(path, noise("something", "else", level=0.1))
    (found,) = faults(musdb.folder, layout="musdb")
    assert found.kind == "misaligned"
    # Independent noises of the same power: the difference has twice that of each.
    assert "at 3.0 dB" in found.told


def test_a_mixture_beside_stems_is_compared_though_it_is_not_read(tmp_path):
    on_disk = WRITERS["stems"](tmp_path)
    parts = on_disk.songs["train"]["one"]
    right = np.sum(list(parts.values()), axis=0)
    path = write(tmp_path / "train" / "one" / "mixture.wav", right)
    assert faults(tmp_path) == []
    write(path, right + parts["drums"])
    only(faults(tmp_path), "misaligned", path)


def test_faults_may_be_allowed(musdb):
    silent(musdb.folder)
    settings = DataSettings()
    inventory = take_inventory(musdb.folder, settings)
    found = check(inventory, settings, allowed=("silent",)).findings
    assert [(f.kind, f.is_fault) for f in found] == [("silent", False)]


def test_notes_tell_of_mono_other_rates_and_files_that_are_not_read(tmp_path):
    on_disk = WRITERS["stems"](tmp_path)
    folder = tmp_path / "valid" / "four"
    for name in FOUR:
        path = folder / f"{name}.flac"
        audio = on_disk.songs["valid"]["four"][name]
        audio = audio[:1] if name == "bass" else audio
        write(path, audio, 32000)
    write(folder / "guitar.wav", noise("guitar"))
    settings = DataSettings()
    found = check(take_inventory(tmp_path, settings), settings).findings
    assert not any(f.is_fault for f in found)
    kinds = {kind: [f.place for f in found if f.kind == kind] for kind in NOTES}
    assert kinds["mono"] == [str(folder / "bass.flac")]
    assert kinds["resampled"] == sorted(str(folder / f"{name}.flac") for name in FOUR)
    assert kinds["unread"] == [str(folder / "guitar.wav")]


def test_a_lost_rest_is_missing_and_one_under_another_name_is_not(musdb, tmp_path):
    folder = song(musdb.folder, "two")
    (folder / "mixture.wav").unlink()
    (folder / "other.wav").rename(tmp_path / "other.wav")
    only(faults(musdb.folder), "missing", folder)
    stems = WRITERS["stems"](tmp_path / "stems")
    folder = stems.folder / "train" / "two"
    (folder / "other.flac").rename(folder / "piano.flac")
    assert faults(stems.folder) == []


def test_targets_that_songs_lack_are_faults(tmp_path):
    WRITERS["spleeter"](tmp_path)
    found = faults(tmp_path, targets=("vocals", "drums"))
    assert {f.kind for f in found} == {"missing"}
    assert len(found) == 5


def test_progress_ends_where_it_said(musdb):
    unreadable(musdb.folder)
    told = []
    settings = DataSettings()
    check(take_inventory(musdb.folder, settings), settings, advance=lambda *n: told.append(n))
    assert told[-1][0] == told[-1][1]
    assert all(a[0] <= b[0] for a, b in itertools.pairwise(told))


def test_every_kind_is_planted_here():
    planted = {unreadable, missing, rates, length, clipped, silent, misaligned, duplicate, leak}
    assert {plant.__name__ for plant in planted} | set(NOTES) == set(KINDS)
