import multiprocessing
import os

import pytest

from signals import noise_stems
from streamsep.errors import ParameterError
from streamsep.spec import PROFILES
from streamsep_offline.evaluation.estimates import EstimatesMethod
from streamsep_offline.evaluation.oracle import OracleMethod
from streamsep_offline.evaluation.song_jobs import Task, score_songs
from streamsep_offline.evaluation.songs import open_songs

NAMES = ("vocals", "drums")


@pytest.fixture
def songs(tmp_path, write_stems):
    for k in range(3):
        write_stems(tmp_path / f"song {k}", NAMES, noise_stems(2, 4.0, seed=k))
    return open_songs(str(tmp_path))


def test_processes_find_what_one_finds(songs):
    task = Task(OracleMethod("irm", PROFILES["stage"]), ("share", "leakage"), 0.5, 3.0)
    alone = dict(score_songs(task, songs))
    together = dict(score_songs(task, songs, n_jobs=2))
    assert sorted(together) == [0, 1, 2]
    for index, outcome in alone.items():
        result, other = outcome.result, together[index].result
        assert (result.song, result.seconds) == (f"song {index}", 3.0)
        for one, two in zip(result.stems, other.stems, strict=True):
            assert one.figures == pytest.approx(two.figures, abs=1e-6, nan_ok=True)


def test_a_song_that_fails_does_not_stop_the_others(songs, tmp_path, write_stems):
    write_stems(tmp_path / "theirs" / "song 1", NAMES, noise_stems(2, 4.0))
    task = Task(EstimatesMethod(str(tmp_path / "theirs")), ())
    outcomes = dict(score_songs(task, songs))
    assert [outcomes[k].result is None for k in range(3)] == [True, False, True]
    assert outcomes[0].failure.startswith("song 0: no estimates of 'song 0'")


def test_what_is_too_short_is_said(songs):
    task = Task(OracleMethod("irm", PROFILES["stage"]), (), start_s=3.5)
    (_, outcome), *_ = score_songs(task, songs)
    assert outcome.failure == (
        "song 0: there are 0.5 s from 3.5 s on; at least 1 s are scored: choose another --start or a "
        "longer --duration"
    )


class Deadly(OracleMethod):
    """Its processes die, as those that are killed for their memory."""

    def open(self):
        if multiprocessing.parent_process() is not None:
            os._exit(9)
        return super().open()


def test_a_process_that_dies_is_said(songs):
    with pytest.raises(ParameterError, match="--jobs 2: a process died"):
        list(score_songs(Task(Deadly("irm", PROFILES["stage"]), ()), songs, n_jobs=2))
