import math
import sys

import numpy as np
import pytest
from scipy.stats import binom

from streamsep.errors import MissingExtraError, ParameterError
from streamsep_offline.evaluation.compare import ALL_STEMS, compare, difference
from streamsep_offline.evaluation.results import Run, SongResult, StemResult


def make_run(sdr, leakage=None, start_s=0.0):
    """A run whose song k has the k-th SDR in both stems. sdr [songs, 2]"""
    songs = []
    for k, values in enumerate(sdr):
        figures = [{"sdr_db": float(x)} for x in values]
        if leakage is not None:
            figures[0]["leakage_db"] = float(leakage[k])
        stems = tuple(StemResult(n, f) for n, f in zip(("vocals", "bass"), figures, strict=True))
        songs.append(SongResult(f"song {k}", "", 10.0, stems))
    return Run("run", {"start_s": start_s}, (), tuple(songs))


@pytest.fixture
def scores():
    return np.random.default_rng(0).normal(5.0, 3.0, (20, 2))


def test_a_planted_difference_is_found_where_it_is(scores):
    better = scores + np.random.default_rng(1).normal([0.4, 0.0], 0.3, scores.shape)
    vocals, bass, whole = compare(make_run(scores), make_run(better))
    assert (vocals.stem, bass.stem, whole.stem) == ("vocals", "bass", ALL_STEMS)
    assert vocals.verdict == "B is better"
    assert vocals.p < 0.01
    assert vocals.low < 0.4 < vocals.high
    assert vocals.mean == pytest.approx(np.mean(better[:, 0] - scores[:, 0]))
    assert bass.verdict == "none shown"
    back = compare(make_run(better), make_run(scores))[0]
    assert (back.verdict, back.mean) == ("A is better", -vocals.mean)


def test_equal_runs_do_not_differ(scores):
    for found in compare(make_run(scores), make_run(scores)):
        assert (found.mean, found.low, found.high, found.p) == (0.0, 0.0, 0.0, 1.0)
        assert found.verdict == "none shown"


def test_no_difference_is_shown_as_rarely_as_the_level_says():
    rng = np.random.default_rng(2)
    false = sum(
        difference("x", "sdr_db", list(rng.normal(0.0, 1.0, (15, 2)))).verdict != "none shown"
        for _ in range(200)
    )
    assert false <= binom.ppf(0.999, 200, 0.05)


def test_p_is_exact_for_few_songs():
    pairs = [(0.0, x) for x in (0.1, 0.2, 0.3, 0.4, 0.5)]
    found = difference("x", "sdr_db", pairs)
    assert found.p == pytest.approx(2 / 2**5), "all five signs alike"
    assert found.verdict == "none shown", "five songs can never be enough"


def test_the_interval_is_that_of_the_mean(scores):
    d = np.random.default_rng(3).normal(0.0, 1.0, 60)
    found = difference("x", "sdr_db", [(0.0, x) for x in d])
    half = 1.96 * d.std() / math.sqrt(len(d))
    assert found.low == pytest.approx(d.mean() - half, abs=0.05)
    assert found.high == pytest.approx(d.mean() + half, abs=0.05)


def test_less_leakage_is_better(scores):
    leakage = np.linspace(-30.0, -20.0, 20)
    noise = np.random.default_rng(4).normal(3.0, 0.5, 20)
    found = compare(make_run(scores, leakage), make_run(scores, leakage - noise))
    by_figure = {(d.figure, d.stem): d.verdict for d in found}
    assert by_figure["leakage_db", "vocals"] == "B is better"


def test_one_song_has_no_interval(scores):
    found = compare(make_run(scores[:1]), make_run(scores[:1] + 1.0))[0]
    assert math.isnan(found.low)
    assert found.verdict == "none shown"


def test_songs_are_paired_by_name_and_others_left_out(scores):
    found = compare(make_run(scores), make_run(scores[:7] + 1.0))[0]
    assert found.n_songs == 7
    assert found.mean == pytest.approx(1.0)


def test_runs_that_have_nothing_in_common_are_refused(scores):
    with pytest.raises(ParameterError, match=r"nothing|no song, stem and figure"):
        compare(make_run(scores), make_run(scores[:0]))
    with pytest.raises(ParameterError, match="same --start and --duration"):
        compare(make_run(scores), make_run(scores, start_s=3.0))


def test_without_scipy_the_remedy_is_named(scores, monkeypatch):
    monkeypatch.setitem(sys.modules, "scipy", None)
    with pytest.raises(MissingExtraError, match=r"needs the package 'scipy'"):
        compare(make_run(scores), make_run(scores))
