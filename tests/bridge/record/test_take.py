"""The files of a take grow together and are named alike."""

from datetime import datetime

import numpy as np
import pytest

from streamsep.engine.live.memory import MAX_TARGETS
from streamsep.errors import AudioFileError, ParameterError
from streamsep_bridge.record.take import FileForm, Take, take_name

FORM = FileForm.choose(44100, 2, "wav", None)
FRAMES = np.random.default_rng(0).uniform(-1, 1, (1000, MAX_TARGETS + 2, 2)).astype(np.float32)


def test_a_take_is_named_by_date_and_time():
    assert take_name(datetime(2026, 11, 20, 21, 15, 3)) == "2026-11-20_21-15-03"


@pytest.mark.parametrize("format", ["wav", "flac"])
def test_new_stems_begin_with_silence_and_absent_ones_go_on_in_silence(tmp_path, read_file, format):
    take = Take(
        tmp_path / "new" / "folder", "x", ("a", "b"), FileForm.choose(44100, 2, format, None)
    )
    take.write(("a", "b"), FRAMES)
    take.add_files(("b", "c"))
    take.write(("b", "c"), FRAMES)
    take.close()
    assert sorted(take.paths) == ["a", "b", "c", "input", "mix"]
    assert take.paths["a"] == tmp_path / "new" / "folder" / f"x-a.{format}"
    silence, nothing = np.zeros((2, 1000)), 2**-24
    rows = {"input": (0, 0), "a": (1, None), "b": (2, 1), "c": (None, 2), "mix": (-1, -1)}
    for name, halves in rows.items():
        parts = [silence if row is None else FRAMES[:, row].T for row in halves]
        samples = read_file(take.paths[name])
        assert samples.shape == (2, 2000)
        assert np.abs(samples - np.concatenate(parts, axis=1)).max() <= nothing, name


@pytest.mark.parametrize("format", ["wav", "flac"])
def test_a_take_without_a_frame_leaves_no_files(tmp_path, format):
    take = Take(tmp_path, "x", ("a",), FileForm.choose(44100, 2, format, None))
    take.close()
    assert not take.paths
    assert not list(tmp_path.iterdir())


def test_clipped_samples_are_counted_where_a_format_clips(tmp_path):
    loud = np.zeros((10, MAX_TARGETS + 2, 2), np.float32)
    loud[3, 1] = 1.5
    counts = []
    for bits in (32, 16):
        take = Take(tmp_path, f"take{bits}", ("a",), FileForm.choose(44100, 2, "wav", bits))
        take.write(("a",), loud)
        take.close()
        counts.append(take.n_clipped)
    assert counts == [0, 2]


def test_a_take_never_writes_over_another_and_leaves_nothing_behind(tmp_path):
    (tmp_path / "x-mix.wav").write_bytes(b"precious")
    with pytest.raises(AudioFileError, match=r"x-mix\.wav is there already; choose another take"):
        Take(tmp_path, "x", ("a",), FORM)
    assert [path.name for path in tmp_path.iterdir()] == ["x-mix.wav"]
    assert (tmp_path / "x-mix.wav").read_bytes() == b"precious"


@pytest.mark.parametrize("name", ["", "../x", "a/b", "a\\b", ".hidden", "a\n", "-x"])
def test_a_name_that_is_more_than_a_name_is_refused(tmp_path, name):
    with pytest.raises(ParameterError, match="no name for a take"):
        Take(tmp_path, name, ("a",), FORM)


def test_a_folder_that_cannot_be_is_named(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(AudioFileError, match="choose another folder"):
        Take(tmp_path / "file" / "folder", "x", ("a",), FORM)


@pytest.mark.parametrize(("format", "bits"), [("mp3", None), ("flac", 32), ("wav", 8)])
def test_formats_that_cannot_be_are_refused(format, bits):
    with pytest.raises(ParameterError, match="take"):
        FileForm.choose(44100, 2, format, bits)
