import argparse
import json

import numpy as np
import pytest

from cue_models import write_both_ways_preset
from streamsep.bench import networks, peers_onnx, peers_torch
from streamsep.bench.hops import time_hops
from streamsep.bench.networks import FLOOR, compare_networks
from streamsep.bench.stream_load import Lateness
from streamsep.bench.streams import BATCHED, SEPARATE, StreamsResult, search
from streamsep.bench.timing import Statistics, interleave
from streamsep.bench.workload import Workload, make_workload
from streamsep.commands.bench import command
from streamsep.errors import AudioFileError, ParameterError
from streamsep.models.open_unmix_random import random_model
from streamsep.spec import PROFILES, STEM_SETS


@pytest.fixture(scope="module")
def workload() -> Workload:
    return make_workload(hidden_size=8, profile="instant")


def test_statistics_of_known_durations():
    statistics = Statistics.of(np.arange(1, 101)[::-1] / 1000.0)
    assert statistics.count == 100
    assert (statistics.min_ms, statistics.max_ms) == pytest.approx((1.0, 100.0))
    assert statistics.mean_ms == pytest.approx(50.5)
    assert statistics.p50_ms == pytest.approx(50.5)
    assert statistics.p95_ms == pytest.approx(95.05)
    assert statistics.p99_ms == pytest.approx(99.01)


def test_statistics_of_nothing_are_refused():
    with pytest.raises(ParameterError, match="at least one run"):
        Statistics.of(np.empty(0))


def test_jobs_take_turns():
    calls: list[str] = []
    jobs = {name: (lambda name=name: calls.append(name)) for name in "ab"}
    rounds: list[int] = []
    durations = interleave(jobs, 3, 2, lambda: rounds.append(len(calls)))
    assert "".join(calls) == "aaabbb" * 3  # one warm-up and two timed calls per turn
    assert rounds == [6, 12, 18]
    assert {name: d.shape for name, d in durations.items()} == {"a": (6,), "b": (6,)}


def test_full_load_is_the_one_that_is_promised():
    assert make_workload().n_matrix_weights == pytest.approx(41.7e6, rel=0.01)


def test_all_candidates_compute_the_same(workload):
    rows = compare_networks(workload, rounds=1, repeats=1)
    compared = [row for row in rows if row.name != FLOOR and row.seconds is not None]
    assert len(compared) >= 2
    for row in compared:
        assert row.difference <= {"float32": 1e-5, "int8": 0.05}[row.precision], row.name
    for row in rows:
        assert row.seconds is None or row.statistics.count == 1
    assert [row.times_floor for row in rows if row.name == FLOOR] == [1.0, 1.0]


def test_missing_peers_say_how_to_get_them(workload, monkeypatch):
    for peer in (peers_onnx, peers_torch):
        monkeypatch.setattr(peer.importlib.util, "find_spec", lambda name: None)
    rows = networks.compare_networks(workload, rounds=1, repeats=1)
    missing = [row for row in rows if row.seconds is None]
    assert len(missing) == 5
    assert all(row.remark == "not installed (pip install 'streamsep[bench]')" for row in missing)
    assert all(row.statistics is None and row.times_floor is None for row in missing)


def test_share_of_a_core_is_time_over_sound():
    model = random_model(PROFILES["instant"], STEM_SETS["2stems"], 8)
    result = time_hops("small", model, "float32", 20)
    assert result.seconds.shape == (20,)
    assert (result.seconds > 0.0).all()
    expected = 100.0 * result.seconds.sum() / (20 * 128 / 44100)
    assert result.percent_of_core == pytest.approx(expected)


def parse(*words: str) -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    command.add_arguments(parser)
    return parser.parse_args(words)


def test_command_prints_tables_and_writes_files(tmp_path, monkeypatch, capsys):
    pytest.importorskip("matplotlib")
    monkeypatch.setattr("streamsep.commands.bench.QUICK_HIDDEN_SIZE", 8)
    write_both_ways_preset(tmp_path, n_hidden=700)  # has most weights, and no hops
    monkeypatch.setenv("STREAMSEP_PRESETS", str(tmp_path))
    report, picture = tmp_path / "bench.json", tmp_path / "bench.png"
    options = ("--quick", "--hops", "30", "--json", str(report), "--plot", str(picture))
    assert command.run(parse(*options)) == 0
    printed = capsys.readouterr().out
    assert FLOOR in printed
    assert "% core" in printed
    written = json.loads(report.read_text(encoding="utf-8"))
    assert {row["name"] for row in written["networks"]} >= {FLOOR, "streamsep compiled"}
    assert written["hops"][0]["name"] == "classic"
    assert "4stems-mine" not in {row["name"] for row in written["hops"]}
    for row in written["hops"]:
        assert row["statistics"]["count"] == 30
        assert sum(row["histogram"]["counts"]) == 30
        assert row["statistics"]["p50_ms"] <= row["statistics"]["max_ms"]
    assert picture.read_bytes().startswith(b"\x89PNG")


def test_search_finds_the_last_count_that_is_held():
    tried = []

    def measure(n):
        tried.append(n)
        return Lateness(n, p50_s=0.001 * n, p99_s=0.002 * n, cpu_s=0.001)

    trials = search(measure, limit_s=0.0405, most=1024)
    result = StreamsResult(BATCHED, 1, 0.081, trials)
    assert 36 <= result.held("p50_s") <= 40
    assert 18 <= result.held("p99_s") <= 20
    assert len(tried) == len(set(tried)) <= 16
    assert [t.n_streams for t in trials] == sorted(tried)
    few = search(measure, limit_s=1.0, most=5)
    assert StreamsResult(BATCHED, 1, 2.0, few).held("p50_s") == 5
    none = search(lambda n: Lateness(n, 9.0, 9.0, 1.0), limit_s=1.0, most=1024)
    assert StreamsResult(SEPARATE, 1, 2.0, none).held("p99_s") == 0


def test_streams_are_served_in_processes_and_in_a_batch(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr("streamsep.commands.bench.MOST_STREAMS_QUICK", 2)
    monkeypatch.setattr("streamsep.bench.streams._core_sets", lambda: [None])
    report = tmp_path / "streams.json"
    options = ("--streams", "--quick", "--hops", "5", "--json", str(report))
    assert command.run(parse(*options)) == 0
    assert SEPARATE in capsys.readouterr().out
    written = json.loads(report.read_text(encoding="utf-8"))
    assert [row["way"] for row in written["streams"]] == [BATCHED, SEPARATE]
    for row in written["streams"]:
        assert row["trials"][0]["n_streams"] == 1
        assert row["cpu_us"] > 0.0
    assert written["ratios"][0]["cpu"] > 0.0
    with pytest.raises(ParameterError, match="no picture"):
        command.run(parse("--streams", "--plot", str(tmp_path / "streams.png")))


def test_missing_folder_is_refused_before_anything_is_measured(tmp_path):
    with pytest.raises(AudioFileError, match=r"bench\.json cannot be written"):
        command.run(parse("--json", str(tmp_path / "nowhere" / "bench.json")))
