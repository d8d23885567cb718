"""Several processes give what one gives; one that is killed loses no song."""

import multiprocessing
import os

import pytest
import soundfile

from signals import music
from streamsep_offline.files.file import plan_song
from streamsep_offline.files.jobs import one_thread_each, run_jobs, run_serial
from streamsep_offline.files.prepare import prepare
from streamsep_offline.separation.pipeline import Separation
from streamsep_offline.separation.settings import SeparationSettings

RATE = 44100
SETTINGS = SeparationSettings(model="classic", niter=0, block_s=1.0)


@pytest.fixture(scope="module")
def separation():
    prepare(SETTINGS)  # bits are those of every other process
    return Separation(SETTINGS)


@pytest.fixture(scope="module")
def songs(tmp_path_factory, separation):
    """Three songs, and what one process makes of them."""
    folder = tmp_path_factory.mktemp("songs")
    paths = [folder / f"{name}.wav" for name in "abc"]
    for seed, path in enumerate(paths):
        soundfile.write(path, music(3.0, seed=seed).T, RATE)
    tasks = [plan_song(path, folder / "serial", separation) for path in paths]
    results = dict(run_serial(tasks, separation, lambda *progress: None))
    assert [results[i].status for i in range(3)] == ["done"] * 3
    return paths, [[path.read_bytes() for path in task.outputs] for task in tasks]


def plan(paths, folder, separation):
    return [plan_song(path, folder, separation) for path in paths]


def bytes_of(tasks):
    return [[path.read_bytes() for path in task.outputs] for task in tasks]


def test_processes_that_are_killed_lose_no_song_and_change_no_bit(tmp_path, songs, separation):
    paths, expected = songs
    tasks, killed = plan(paths, tmp_path, separation), []

    def on_progress(index, done_s, total_s):
        assert 0 < done_s <= total_s == 3.0
        if not killed:
            for process in multiprocessing.active_children():
                killed.append(process.pid)
                process.kill()

    results = dict(run_jobs(tasks, SETTINGS, 2, on_progress))
    assert len(killed) == 2
    assert [results[i].status for i in range(3)] == ["done"] * 3
    assert bytes_of(tasks) == expected
    assert not list(tmp_path.rglob(".*.partial"))


def test_a_song_that_kills_its_process_twice_is_reported_and_can_go_on(tmp_path, songs, separation):
    paths, expected = songs
    tasks, killed = plan(paths[:1], tmp_path, separation), []

    def on_progress(index, done_s, total_s):
        for process in multiprocessing.active_children():
            killed.append(process.pid)
            process.kill()

    [(index, result)] = run_jobs(tasks, SETTINGS, 2, on_progress)
    assert len(set(killed)) == 2
    assert (index, result.status) == (0, "failed")
    assert "a.wav: its process died 2 times (signal 9)" in result.message
    [(_, result)] = run_serial(tasks, separation, lambda *progress: None)
    assert result.status == "done"
    assert bytes_of(tasks) == expected[:1]


def test_leaving_the_loop_ends_the_processes(tmp_path, songs, separation):
    tasks = plan(songs[0][:1], tmp_path, separation)

    def on_progress(index, done_s, total_s):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        list(run_jobs(tasks, SETTINGS, 2, on_progress))
    assert multiprocessing.active_children() == []


@pytest.mark.parametrize(("asked", "expected"), [(None, "1"), ("3", "3")])
def test_processes_use_one_thread_unless_told_otherwise(monkeypatch, asked, expected):
    monkeypatch.delenv("OMP_NUM_THREADS", raising=False)
    if asked:
        monkeypatch.setenv("OMP_NUM_THREADS", asked)
    with one_thread_each():
        assert os.environ["OMP_NUM_THREADS"] == expected
    assert os.environ.get("OMP_NUM_THREADS") == asked
