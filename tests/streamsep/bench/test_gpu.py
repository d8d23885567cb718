"""What `bench --gpu` does, tried out on the processor; without a card it says how to get one."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
import torch

from streamsep.bench import gpu
from streamsep.bench.gpu_report import GpuReport, GpuRow
from streamsep.bench.timing import Statistics
from streamsep.commands.main import main

ROOT = Path(__file__).resolve().parents[3]
TINY = gpu.GpuPlan("cpu", n_hops=2, hidden_size=8, most_streams=2)

without_card = pytest.mark.skipif(torch.cuda.is_available(), reason="there is a card here")


def row(part="streams", n=1, p99_ms=1.0, precision="float32", difference=None) -> GpuRow:
    statistics = Statistics(1, 1.0, 1.0, 1.0, 1.0, p99_ms, p99_ms)
    return GpuRow(part, "graph", "stage", precision, n, 11.6, statistics, 0.5, difference)


@pytest.mark.parametrize("part", ["peers", "streams"])
def test_rows_are_shown_and_written(part, tmp_path):
    lines, path = [], tmp_path / "gpu.json"
    report = gpu.run_gpu_bench([part], TINY, str(path), lines.append)
    written = json.loads(path.read_text(encoding="utf-8"))
    assert written == json.loads(json.dumps(report.as_json()))
    assert len(report.rows) == {"peers": 3, "streams": 2}[part]
    for found, line in zip(report.rows, lines[2:], strict=False):
        assert found.statistics.count == 2, found.remark
        assert line == found.as_line()
        assert found.n_streams * found.floor_ms > 0.0
    if part == "peers":
        assert all(found.difference <= 1e-5 for found in report.rows)
    else:
        assert lines[-1].startswith("streams with p99 below half of the hop: ")
    assert "no card" in written["card"]["name"]


def test_in_time_is_half_a_hop():
    assert row(p99_ms=5.7).is_in_time
    assert not row(p99_ms=5.9).is_in_time
    assert row(p99_ms=5.8).as_line().split()[-3:] == ["5.800", "50.0", "2.00"]


@pytest.mark.parametrize(
    ("rows", "is_equal"),
    [
        ([row("equal", difference=1e-5), row("equal", precision="float16", difference=1e-3)], True),
        ([row("equal", difference=1e-3)], False),
        ([row("equal", difference=float("nan"))], False),
        ([row("equal", difference=None)], False),
        ([row("hops")], True),
    ],
)
def test_what_differs_or_failed_is_not_equal(rows, is_equal):
    report = GpuReport(None, "cpu", 1e9)
    for each in rows:
        report.add(each)
    assert report.is_equal is is_equal


def test_a_peer_that_fails_costs_only_its_row():
    part = gpu.Part("peers", TINY, 1e9)

    def fail():
        raise RuntimeError("no such\nthing")

    found = part.row("broken", part.full("instant").spec, fail)
    assert found.statistics is None
    assert found.remark == "failed: no such"


@without_card
def test_without_a_card_one_line_says_what_to_install(capsys):
    assert main(["bench", "--gpu"]) == 2
    said = capsys.readouterr()
    assert said.err.startswith("streamsep: engine 'graph' finds no CUDA device here; install")
    assert said.err.count("\n") == 1
    assert gpu.main(["hops"]) == 2


def test_unknown_part_is_named(capsys):
    assert main(["bench", "--gpu", "speed"]) == 2
    assert "--gpu speed is unknown; choose of: equal, hops" in capsys.readouterr().err


@without_card
def test_script_says_the_same_and_leaves(tmp_path):
    script = ROOT / "benchmarks" / "gpu.sh"
    environment = {"OUT": str(tmp_path), "PATH": "/usr/bin:/bin", "PYTHON": sys.executable}
    done = subprocess.run([str(script)], env=environment, capture_output=True, text=True)
    assert done.returncode == 2
    assert "finds no CUDA device" in (tmp_path / "gpu.log").read_text(encoding="utf-8")
