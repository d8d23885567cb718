import math

import pytest

from streamsep_offline.evaluation.checks_summary import (
    all_checks,
    check_table,
    checks_by_kind,
    checks_by_stem,
)
from streamsep_offline.evaluation.results import Run, SongResult


def song(name, kind, vocals, drums=None):
    checks = {"vocals": vocals} | ({} if drums is None else {"drums": drums})
    return SongResult(name, kind, 10.0, (), checks)


def scales(stereo, mono):
    """Figures of `mono`, from SDR and ideal mask above doing nothing in stereo and mono."""
    figures = {}
    for side, (sdr, ideal) in (("stereo", stereo), ("mono", mono)):
        found = {"sdr_db": sdr, "nothing_db": 0.0, "ideal_db": ideal}
        figures |= {f"{side}_{key}": value for key, value in found.items()}
    return figures | {"mono_points": 100 * (mono[0] / mono[1] - stereo[0] / stereo[1])}


def test_levels_take_the_worst_and_the_rest_means():
    songs = [
        song("a", "", {"without_db": -20.0, "level_db": 0.1, "level_sdr_db": 40.0}),
        song("b", "", {"without_db": -10.0, "level_db": 2.0, "level_sdr_db": 90.0}),
        song("c", "", {"without_db": math.nan, "level_db": math.nan, "level_sdr_db": math.nan}),
    ]
    (vocals,) = checks_by_stem(songs)
    assert vocals.n_songs == 3
    assert vocals.figures == {"without_db": -15.0, "level_db": 2.0, "level_sdr_db": 40.0}


def test_points_are_of_means_so_that_a_short_scale_does_not_decide():
    short = scales((0.02, 0.1), (-0.08, 0.1))
    songs = [song("a", "", scales((5.0, 10.0), (4.0, 10.0))), song("b", "", short)]
    (vocals,) = checks_by_stem(songs)
    assert short["mono_points"] == pytest.approx(-100.0)
    assert vocals.figures["mono_points"] == pytest.approx(100 * (3.92 - 5.02) / 10.1)


def test_all_stems_are_means_but_the_worst_of_levels():
    songs = [
        song(
            "a", "", {"alone_sdr_db": 10.0, "level_db": 0.5}, {"alone_sdr_db": 20.0, "level_db": 1}
        )
    ]
    whole = all_checks(checks_by_stem(songs))
    assert whole.figures == {"alone_sdr_db": 15.0, "level_db": 1.0}


def test_the_table_tells_kinds_apart_and_ends_with_all():
    songs = (
        song("a", "saxophone", {"without_db": -12.0}, {"without_db": -20.0}),
        song("b", "guitar", {"without_db": -24.0}),
    )
    run = Run("run", {}, (), songs, checks=("without",))
    assert list(checks_by_kind(songs)) == ["guitar", "saxophone"]
    table = check_table(run)
    assert table.headings == ("kind", "stem", "songs", "without: level")
    assert [row[:2] for row in table.rows] == [
        ("guitar", "vocals"),
        ("guitar", "all stems"),
        ("saxophone", "vocals"),
        ("saxophone", "drums"),
        ("saxophone", "all stems"),
        ("all", "vocals"),
        ("all", "drums"),
        ("all", "all stems"),
    ]
    assert table.n_footers == 3
    assert table.rows[-3] == ("all", "vocals", "2", "-18.00")
    one_kind = check_table(Run("run", {}, (), songs[:1], checks=("without",)))
    assert [row[0] for row in one_kind.rows] == ["all"] * 3


def test_there_is_no_table_where_nothing_was_asked_for():
    assert check_table(Run("run", {}, (), (SongResult("a", "", 1.0, ()),))) is None
