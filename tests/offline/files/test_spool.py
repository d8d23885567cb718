"""A spool claims only what is safely there, belongs to one run, and leaves nothing behind."""

import json
import subprocess
import sys

import numpy as np
import pytest

from streamsep.errors import AudioFileError
from streamsep_offline.files.spool import Spool, peak_of, spool_folder

STEMS = np.random.default_rng(0).standard_normal((3, 2, 1000)).astype(np.float32)


def open_spool(folder, mark="this song"):
    return Spool(folder, mark, len(STEMS), STEMS.shape[1])


def contents(spool):
    return np.concatenate(list(spool.blocks(77)), axis=-1)


def test_what_was_appended_comes_back_bit_for_bit(tmp_path):
    with open_spool(tmp_path / "s") as spool:
        for part in np.split(STEMS, [1, 300, 900], axis=-1):
            spool.append(part)
        spool.complete()
        assert np.array_equal(contents(spool), STEMS)
        assert spool.peak == np.abs(STEMS).max()


def test_the_next_run_goes_on_from_the_last_whole_block_that_is_surely_there(tmp_path):
    with open_spool(tmp_path / "s") as spool:
        spool.append(STEMS[..., :250])
        spool.append(STEMS[..., 250:400])
    with open_spool(tmp_path / "s") as spool:
        assert (spool.n_frames, spool.is_complete) == (250, False)
        assert spool.resume_at(100) == 200
        spool.append(STEMS[..., 200:])
        spool.complete()
    with open_spool(tmp_path / "s") as spool:
        assert (spool.n_frames, spool.is_complete) == (1000, True)
        assert spool.peak == np.abs(STEMS).max()
        assert np.array_equal(contents(spool), STEMS)


def test_a_block_that_was_cut_off_in_the_middle_is_not_counted(tmp_path):
    with open_spool(tmp_path / "s") as spool:
        spool.append(STEMS[..., :100])
        spool.append(STEMS[..., 100:200])
    with (tmp_path / "s" / "stems.f32").open("r+b") as file:
        file.truncate(4 * 6 * 150 + 3)
    with open_spool(tmp_path / "s") as spool:
        assert spool.n_frames == 100
        spool.append(STEMS[..., 100:])
        assert np.array_equal(contents(spool), STEMS)


@pytest.mark.parametrize("harm", ["other", "short", "garbage", "gone", "future"])
def test_a_state_that_cannot_be_trusted_is_not_used(tmp_path, harm):
    with open_spool(tmp_path / "s") as spool:
        spool.append(STEMS)
        spool.append(STEMS)
    with open_spool(tmp_path / "s") as spool:
        assert spool.n_frames == 1000
    state, samples = tmp_path / "s" / "state.json", tmp_path / "s" / "stems.f32"
    if harm == "short":
        samples.write_bytes(b"\0" * 4 * 6 * 999)
    elif harm == "garbage":
        state.write_text("{")
    elif harm == "gone":
        samples.unlink()
    elif harm == "future":
        state.write_text(json.dumps(["another layout"]))
    with open_spool(tmp_path / "s", "another song" if harm == "other" else "this song") as spool:
        assert (spool.n_frames, spool.peak, spool.is_complete) == (0, 0.0, False)


def test_two_runs_do_not_work_on_one_song(tmp_path):
    with open_spool(tmp_path / "s"), pytest.raises(AudioFileError, match="another run"):
        open_spool(tmp_path / "s")
    with open_spool(tmp_path / "s"):
        pass


def test_a_killed_run_lets_go(tmp_path):
    code = (
        "import os, signal, sys\nfrom pathlib import Path\n"
        "from streamsep_offline.files.spool import Spool\n"
        "spool = Spool(Path(sys.argv[1]), 'this song', 3, 2)\n"
        "os.kill(os.getpid(), signal.SIGKILL)"
    )
    done = subprocess.run([sys.executable, "-c", code, str(tmp_path / "s")])
    assert done.returncode == -9
    open_spool(tmp_path / "s").close()


def test_discarding_leaves_nothing_but_what_was_there(tmp_path):
    spool = open_spool(tmp_path / "song" / "s")
    spool.append(STEMS)
    spool.discard()
    assert list(tmp_path.iterdir()) == []
    (tmp_path / "song").mkdir()
    (tmp_path / "song" / "mine.txt").touch()
    open_spool(tmp_path / "song" / "s").discard()
    assert [p.name for p in (tmp_path / "song").iterdir()] == ["mine.txt"]


def test_a_place_that_cannot_be_written_is_named(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(AudioFileError, match="choose another folder"):
        open_spool(tmp_path / "file" / "s")


def test_the_peak_is_that_of_numbers():
    assert peak_of(np.array([0.5, -2.0, np.nan, np.inf])) == 2.0
    assert peak_of(np.array([np.nan])) == peak_of(np.zeros((2, 0))) == 0.0


def test_spools_are_hidden_beside_the_output(tmp_path):
    folder = spool_folder(tmp_path / "song" / "vocals.wav")
    assert folder.parent == tmp_path / "song"
    assert folder.name == ".vocals.wav.partial"
