import os
import signal
import threading
import time

import numpy as np
import pytest
import torch

from streamsep.errors import AudioFileError, MissingExtraError
from streamsep_offline.training.excerpt_feed import ExcerptFeed
from streamsep_offline.training.feed import read_steps


def _steps(feed, first, last, **kwargs):
    return [tuple(x.numpy() for x in batch) for batch in read_steps(feed, first, last, **kwargs)]


def _same(a, b):
    return all(
        np.array_equal(x, y)
        for one, two in zip(a, b, strict=True)
        for x, y in zip(one, two, strict=True)
    )


@pytest.fixture(scope="module")
def feed(excerpts):
    return ExcerptFeed([excerpts], [1.0], [excerpts], batch=4, seed=1)


def test_two_workers_give_the_batches_of_none(feed):
    assert _same(_steps(feed, 1, 5), _steps(feed, 1, 5, workers=2))


def test_a_run_that_goes_on_gets_the_batches_it_would_have_got(feed):
    whole = _steps(feed, 0, 5)
    assert _same(whole[3:], _steps(feed, 3, 5))


def test_every_example_comes_once_in_an_epoch(feed, excerpts):
    drawn = np.concatenate([mixture for mixture, _ in _steps(feed, 0, 2)])
    known = np.stack([excerpts.read(0, i).mixture for i in range(len(excerpts))])
    assert sorted(x.tobytes() for x in drawn) == sorted(x.tobytes() for x in known)
    again = np.concatenate([mixture for mixture, _ in _steps(feed, 2, 4)])
    assert not set(x.tobytes() for x in again) & set(x.tobytes() for x in known)


def test_devices_and_parts_share_a_batch(feed):
    (whole,) = _steps(feed, 2, 3)
    for kwargs in ({"world": 2}, {"accumulate": 2}):
        ranks = range(kwargs.get("world", 1))
        parts = [batch for rank in ranks for batch in _steps(feed, 2, 3, rank=rank, **kwargs)]
        assert len(parts) == 2
        for i in (0, 1):
            assert _same([(whole[0][i::2], whole[1][i::2])], [parts[i]])


def test_shares_are_kept(excerpts):
    """Two sources told apart by their length in an epoch."""
    import dataclasses

    quiet = dataclasses.replace(excerpts, augment=_Quiet())
    feed = ExcerptFeed([excerpts, quiet], [0.75, 0.25], [excerpts], batch=60, seed=3)
    mixtures, _ = feed.read(0, 0, 1)
    n_quiet = sum(np.abs(x).max() < 1e-3 for x in mixtures)
    assert 6 <= n_quiet <= 26


class _Quiet:
    def __call__(self, rng, example, sample_rate):
        return type(example)(example.mixture * 1e-4, example.stems * 1e-4)


class _Broken:
    seconds = 1.0

    def read(self, step, part, n_parts):
        raise AudioFileError("song.wav is cut off; copy it again")


@pytest.mark.parametrize("workers", [0, 1])
def test_what_is_wrong_with_a_file_stays_one_line(workers):
    with pytest.raises(AudioFileError, match=r"^song\.wav is cut off; copy it again$"):
        next(read_steps(_Broken(), 0, 1, workers=workers))


def test_the_select_list_is_the_same_at_every_look(feed):
    assert feed.n_select() == 8
    a, b = feed.read_select(3), feed.read_select(3)
    assert _same([a], [b])
    assert torch.as_tensor(a[0]).shape == (1, 2, 22050)


class _Unequipped(_Broken):
    def read(self, step, part, n_parts):
        raise MissingExtraError("m4a files", "av", "formats")


def test_a_missing_package_is_told_by_workers_too():
    with pytest.raises(MissingExtraError, match=r"^m4a files needs the package 'av'"):
        next(read_steps(_Unequipped(), 0, 1, workers=1))


class _Slow(_Broken):
    def read(self, step, part, n_parts):
        (self.folder / f"{os.getpid()}").touch()
        time.sleep(1.0)
        return (np.zeros(1),)


def test_ctrl_c_does_not_take_the_batch_that_is_waited_for(tmp_path):
    """A terminal sends it to workers, too; the step that waits for them is to be finished first."""
    feed = _Slow()
    feed.folder = tmp_path

    def interrupt():
        while not (found := list(tmp_path.iterdir())):
            time.sleep(0.01)
        os.kill(int(found[0].name), signal.SIGINT)

    thread = threading.Thread(target=interrupt, daemon=True)
    thread.start()
    assert len(list(read_steps(feed, 0, 2, workers=1))) == 2
    thread.join()
