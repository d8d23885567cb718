import threading

import pytest

from streamsep_offline.filters.compiled import n_threads, over_bins


@pytest.mark.parametrize("threads", ["1", "2", "5"])
@pytest.mark.parametrize("n_bins", [0, 1, 2, 7, 1000])
def test_every_bin_is_done_once(monkeypatch, threads, n_bins):
    monkeypatch.setenv("OMP_NUM_THREADS", threads)
    done, lock = [], threading.Lock()

    def job(first, last):
        with lock:
            done.extend(range(first, last))

    over_bins(job, n_bins, 1_000_000)
    assert sorted(done) == list(range(n_bins))


def test_little_work_stays_in_the_calling_thread(monkeypatch):
    monkeypatch.setenv("OMP_NUM_THREADS", "4")
    names = []
    over_bins(lambda first, last: names.append(threading.current_thread().name), 100, 10)
    assert names == [threading.current_thread().name]


def test_an_error_in_a_thread_is_not_lost(monkeypatch):
    monkeypatch.setenv("OMP_NUM_THREADS", "2")

    def job(first, last):
        raise ValueError("broken")

    with pytest.raises(ValueError, match="broken"):
        over_bins(job, 100, 1_000_000)


def test_threads_follow_the_environment(monkeypatch):
    monkeypatch.setenv("OMP_NUM_THREADS", "3")
    assert n_threads() == 3
    monkeypatch.setenv("OMP_NUM_THREADS", "none")
    assert n_threads() >= 1
