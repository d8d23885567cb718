import json
import math
from dataclasses import replace

import pytest

from streamsep.errors import ParameterError
from streamsep_offline.evaluation.results import Run, SongResult, StemResult
from streamsep_offline.evaluation.run_file import read_runs, report

FIGURES = {"sdr_db": 4.0, "nothing_db": 1.0, "ideal_db": 7.0, "leakage_db": math.nan}


@pytest.fixture
def run():
    stems = (StemResult("vocals", FIGURES, {"SDR": (1.0,)}), StemResult("bass", {"sdr_db": 1.0}))
    songs = (SongResult('a "song"', "rock", 12.5, stems),)
    return Run("a run", {"path": "live", "start_s": 0.0}, ("share", "leakage"), songs, False)


def test_what_is_written_is_read_back(run, tmp_path):
    path = tmp_path / "run.json"
    path.write_text(json.dumps(report([run, run]), allow_nan=False), encoding="utf-8")
    one, two = read_runs(path)
    assert one == two
    assert (one.title, one.settings, one.metrics) == (run.title, run.settings, run.metrics)
    assert not one.is_complete
    (song,) = one.songs
    assert (song.song, song.kind, song.seconds) == ('a "song"', "rock", 12.5)
    assert song.stems[0].figures == pytest.approx(FIGURES, nan_ok=True)
    assert song.stems[0].share_closed == 0.5


def test_the_report_has_null_for_what_is_not_defined_and_a_summary(run):
    made = report([run])["runs"][0]
    vocals, bass = made["songs"][0]["stems"]
    assert (vocals["share_closed"], vocals["leakage_db"], bass["share_closed"]) == (0.5, None, None)
    assert [(row["stem"], row["n_songs"]) for row in made["summary"]] == [
        ("vocals", 1),
        ("bass", 1),
    ]


def test_checks_are_written_by_run_and_song_and_read_back(run, tmp_path):
    found = {"vocals": {"without_db": -20.5}, "bass": {"without_db": math.nan}}
    songs = tuple(replace(song, checks=found) for song in run.songs)
    made = report([replace(run, songs=songs, checks=("without",))])
    block = made["runs"][0]["checks"]
    assert (block["names"], block["kinds"]) == (["without"], {})
    assert block["stems"][0] == {"stem": "vocals", "n_songs": 1, "without_db": -20.5}
    assert made["runs"][0]["songs"][0]["checks"][1] == {"stem": "bass", "without_db": None}
    path = tmp_path / "run.json"
    path.write_text(json.dumps(made, allow_nan=False), encoding="utf-8")
    (read,) = read_runs(path)
    assert read.checks == ("without",)
    assert report([read]) == made


def test_a_report_from_before_there_were_checks_is_read(run, tmp_path):
    made = report([run])
    del made["runs"][0]["checks"], made["runs"][0]["songs"][0]["checks"]
    path = tmp_path / "run.json"
    path.write_text(json.dumps(made), encoding="utf-8")
    (read,) = read_runs(path)
    assert read.checks == ()
    assert read.songs[0].checks == {}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (None, "no readable report"),
        ("{", "no readable report"),
        ("[]", "no report of 'streamsep evaluate'"),
        ('{"format": "streamsep-evaluation", "version": 99}', "version 99"),
        ('{"format": "streamsep-evaluation", "version": 1, "runs": [{}]}', "is damaged"),
    ],
)
def test_a_file_that_is_no_report(tmp_path, text, message):
    path = tmp_path / "run.json"
    if text is not None:
        path.write_text(text, encoding="utf-8")
    with pytest.raises(ParameterError, match=message):
        read_runs(path)
