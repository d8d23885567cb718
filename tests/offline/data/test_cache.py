import os
import time
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context

import numpy as np
import pytest

from streamsep.errors import AudioFileError
from streamsep_offline.data.cache import AudioCache

KB = 1000


def array(k):
    return np.full(KB - 128, k, np.uint8)  # 128 bytes of header make a file of 1 kB


def age(cache, key, seconds):
    then = time.time() - seconds
    os.utime(cache.folder / f"{key}.npy", (then, then))


def never():
    raise AssertionError("decoded again")


def test_what_is_kept_is_not_decoded_again(tmp_path):
    cache = AudioCache(tmp_path / "cache", 10 * KB)
    assert cache.open("a", lambda: array(1))[5] == 1
    assert cache.open("a", never)[5] == 1
    assert not cache.open("a", never).flags.writeable


def test_the_size_is_bounded_and_the_oldest_goes(tmp_path):
    cache = AudioCache(tmp_path, 3 * KB)
    for k in range(3):
        cache.open(f"{k}", lambda k=k: array(k))
        age(cache, k, 1000 - k)
    cache.open("0", never)  # used just now
    cache.open("3", lambda: array(3))
    assert cache.n_bytes() <= 3 * KB
    assert {path.stem for path in tmp_path.iterdir()} == {"0", "2", "3"}


def test_what_is_mapped_survives_being_thrown_out(tmp_path):
    cache = AudioCache(tmp_path, KB)
    mapped = cache.open("a", lambda: array(7))
    cache.open("b", lambda: array(8))
    assert {path.stem for path in tmp_path.iterdir()} == {"b"}
    assert np.all(mapped == 7)
    assert cache.open("a", lambda: array(9))[0] == 9


def test_more_than_the_limit_is_kept_alone(tmp_path):
    cache = AudioCache(tmp_path, KB // 2)
    assert cache.open("a", lambda: array(1))[0] == 1
    cache.open("b", lambda: array(2))
    assert {path.stem for path in tmp_path.iterdir()} == {"b"}


def test_half_a_file_is_made_again_and_old_leftovers_go(tmp_path):
    cache = AudioCache(tmp_path, 10 * KB)
    (tmp_path / "a.npy").write_bytes(b"\x93NUMPY")
    (tmp_path / "b1.part").write_bytes(b"x")
    (tmp_path / "b2.part").write_bytes(b"x")
    os.utime(tmp_path / "b1.part", (0, 0))
    assert cache.open("a", lambda: array(1))[0] == 1
    assert {path.name for path in tmp_path.iterdir()} == {"a.npy", "b2.part"}


def test_a_folder_that_cannot_be_written_is_named(tmp_path):
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(AudioFileError, match="STREAMSEP_CACHE_DIR"):
        AudioCache(tmp_path / "file" / "cache", KB).open("a", lambda: array(1))


def _hammer(job):
    folder, seed = job
    rng = np.random.default_rng(seed)
    cache = AudioCache(folder, 4 * KB)
    return all(
        np.all(cache.open(f"{k}", lambda k=k: array(k)) == k) for k in rng.integers(0, 12, 200)
    )


def test_processes_share_it(tmp_path):
    with ProcessPoolExecutor(2, get_context("spawn")) as pool:
        assert all(pool.map(_hammer, [(tmp_path, seed) for seed in range(2)]))
    assert AudioCache(tmp_path, 0).n_bytes() <= 5 * KB  # both may have made room at once
    assert not list(tmp_path.glob("*.part"))
