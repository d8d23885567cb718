"""A real scheduler and two worker processes: a worker that is killed loses no song."""

import json
import os
import signal
import subprocess
import sys
import time

import numpy as np
import pytest
import soundfile

from signals import music
from streamsep.errors import MissingExtraError, ParameterError
from streamsep_offline.files.cluster import run_cluster
from streamsep_offline.files.file import plan_song
from streamsep_offline.files.jobs import run_serial
from streamsep_offline.files.prepare import prepare
from streamsep_offline.separation.pipeline import Separation
from streamsep_offline.separation.settings import SeparationSettings

pytest.importorskip("distributed", reason="needs the extra 'cluster'")

RATE = 44100
SETTINGS = SeparationSettings(model="classic", niter=0, block_s=1.0)


class Cluster:
    """A scheduler and its workers, each a process on this machine."""

    def __init__(self, folder, n_workers=2):
        self._folder, self._file = folder, folder / "scheduler.json"
        self._processes = []
        self._start("distributed.cli.dask_scheduler", "--port", "0", "--no-dashboard")
        self.workers = [self.hire() for _ in range(n_workers)]
        deadline = time.monotonic() + 60
        while not self._file.exists() and time.monotonic() < deadline:
            time.sleep(0.1)

    def hire(self):
        options = ("--nthreads", "1", "--no-nanny", "--no-dashboard")
        return self._start("distributed.cli.dask_worker", *options)

    def _start(self, module, *options):
        command = [sys.executable, "-m", module, "--scheduler-file", str(self._file), *options]
        with open(self._folder / "log", "ab") as log:
            process = subprocess.Popen(
                [*command, "--host", "127.0.0.1"], stdout=log, stderr=log, cwd=self._folder
            )
        self._processes.append(process)
        return process

    @property
    def address(self):
        return json.loads(self._file.read_text())["address"]

    def wait_for_workers(self, n):
        from distributed import Client

        with Client(self.address, set_as_default=False) as client:
            client.wait_for_workers(n, timeout=60)

    def close(self):
        for process in self._processes:
            process.kill()
        for process in self._processes:
            process.wait()


@pytest.fixture(scope="module")
def cluster(tmp_path_factory):
    cluster = Cluster(tmp_path_factory.mktemp("cluster"))
    cluster.wait_for_workers(2)
    yield cluster
    cluster.close()


@pytest.fixture(scope="module")
def separation():
    prepare(SETTINGS)  # bits are those of every other process
    return Separation(SETTINGS)


def plan(folder, separation, n_songs, length_s, out="out"):
    tasks = []
    for i in range(n_songs):
        path = folder / f"{i}.wav"
        soundfile.write(path, np.tile(music(1.0, seed=i), length_s).T, RATE)
        tasks.append(plan_song(path, folder / out, separation))
    return tasks


def test_a_worker_that_is_killed_loses_no_song_and_changes_no_bit(tmp_path, cluster, separation):
    tasks = plan(tmp_path, separation, 4, 6)
    ended, killed = [], []

    def on_progress(index, done_s, total_s):
        if not killed:
            killed.append(len(ended))
            cluster.workers[0].send_signal(signal.SIGKILL)

    results = {}
    for index, result in run_cluster(tasks, SETTINGS, cluster.address, on_progress):
        ended.append(index)
        results[index] = result
    assert killed
    assert killed[0] < 4
    assert [results[i].status for i in range(4)] == ["done"] * 4
    assert [results[i].source for i in range(4)] == [task.source for task in tasks]
    made = [[path.read_bytes() for path in task.outputs] for task in tasks]
    again = plan(tmp_path, separation, 4, 6, "serial")
    list(run_serial(again, separation, lambda *progress: None))
    assert made == [[path.read_bytes() for path in task.outputs] for task in again]
    assert not list((tmp_path / "out").rglob(".*.partial"))
    cluster.workers[0] = cluster.hire()
    cluster.wait_for_workers(2)


def test_one_bad_song_is_told_and_the_others_are_done(tmp_path, cluster, separation):
    tasks = plan(tmp_path, separation, 2, 1)
    tasks[0].source.write_text("no audio")
    tasks[1].source.rename(tmp_path / "elsewhere.wav")
    tasks += [plan_song(tmp_path / "elsewhere.wav", tmp_path / "out", separation)]
    results = dict(run_cluster(tasks, SETTINGS, cluster.address, lambda *progress: None))
    assert [results[i].status for i in range(3)] == ["failed", "failed", "done"]
    assert "0.wav is not audio" in results[0].message
    assert "workers need the same folders" in results[1].message


def test_ctrl_c_stops_the_workers_and_leaves_what_they_had(tmp_path, cluster, separation):
    tasks = plan(tmp_path, separation, 2, 90)

    def on_progress(index, done_s, total_s):
        os.kill(os.getpid(), signal.SIGINT)

    with pytest.raises(KeyboardInterrupt):
        list(run_cluster(tasks, SETTINGS, cluster.address, on_progress))
    sizes = lambda: sorted(p.stat().st_size for p in tmp_path.rglob("*.f32"))  # noqa: E731
    before, quiet_since = sizes(), time.monotonic()
    while time.monotonic() - quiet_since < 2.0:
        if sizes() != before:
            before, quiet_since = sizes(), time.monotonic()
        time.sleep(0.2)
    assert 0 < max(before) < 90 * RATE * 2 * 4 * 4
    assert not list((tmp_path / "out").rglob("*.wav"))


def test_a_scheduler_that_is_not_there_is_named(tmp_path, monkeypatch):
    monkeypatch.setattr("streamsep_offline.files.cluster._CONNECT_S", 0.5)
    with pytest.raises(ParameterError, match=r"127\.0\.0\.1:9.*dask scheduler"):
        list(run_cluster([], SETTINGS, "tcp://127.0.0.1:9", lambda *progress: None))


def test_a_scheduler_without_workers_is_named(tmp_path):
    cluster = Cluster(tmp_path, n_workers=0)
    try:
        with pytest.raises(ParameterError, match="no workers"):
            list(run_cluster([], SETTINGS, cluster.address, lambda *progress: None))
    finally:
        cluster.close()


def test_without_distributed_the_extra_is_named(monkeypatch):
    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(MissingExtraError, match=r"streamsep\[cluster\]"):
        list(run_cluster([], SETTINGS, "tcp://127.0.0.1:9", lambda *progress: None))
