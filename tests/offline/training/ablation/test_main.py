"""A plan from songs to table, as users type it; and what is done is done once."""

import json
import os
import signal
import subprocess
import sys
import time

import pytest

pytest.importorskip("scipy", reason="needs the extra 'maker'")

from rig.jack import is_thorough
from streamsep_offline.training.ablation.__main__ import main
from streamsep_offline.training.log import read_log


def _words(place, *more):
    return [
        str(place / "plan.toml"),
        "--data",
        str(place / "samples"),
        "-o",
        str(place / "out"),
        *more,
    ]


def _times(folder, *patterns):
    return {p: p.stat().st_mtime_ns for pattern in patterns for p in folder.rglob(pattern)}


def test_from_songs_to_a_table_and_curves(place, capsys):
    out = place / "out"
    assert main(_words(place, "--only", "base")) == 0
    said = capsys.readouterr()
    assert said.out.count("\n| ") == 2
    assert "base seed 2 step 2: loss" in said.err
    (examples,) = out.glob("examples-*")
    stored = _times(examples, "*.npy")
    assert len(stored) == 4 * 6, "made, recorded, and two lists to choose by"
    trained = _times(out / "runs", "checkpoint.pt", "log.csv")
    assert len(trained) == 4
    # A process that was killed before the result was written.
    result = (out / "results" / "base.json").read_text()
    (out / "results" / "base.json").unlink()
    assert main(_words(place, "--only", "base", "--quiet")) == 0
    assert (out / "results" / "base.json").read_text() == result
    assert _times(examples, "*.npy") == stored

    assert main(_words(place)) == 0
    table, curves = capsys.readouterr().out, (out / "curves.svg").read_text()
    assert (out / "table.md").read_text() in table
    assert table.rstrip().count("| wider | LSTM of 8 | 2 |") == 1
    assert "made songs to learn from" in curves
    assert _times(out / "runs" / "base", "checkpoint.pt", "log.csv") == trained
    assert not list(out.glob("examples-*")), "deleted with their last variant"
    assert len(_times(out / "ground", "mixture.npy")) == 2
    found = {
        name: json.loads((out / "results" / f"{name}.json").read_text())
        for name in ("base", "wider", "no-metal")
    }
    for one in found.values():
        assert one["seeds"].keys() == {"1", "2"}
        assert all(s["loss_db"].keys() == {"made", "recorded"} for s in one["seeds"].values())
    assert found["wider"]["weights"] > found["base"]["weights"]
    lists = json.loads((out / "runs" / "no-metal" / "lists.json").read_text())["lists"]["train"]
    assert list(lists["songs"]) == ["train-s1-00000", "train-s1-00002", "act/one"]
    assert lists["without"] == ["style:metal"]

    done = _times(out / "results", "*.json")
    assert main(_words(place, "--quiet")) == 0
    assert _times(out / "results", "*.json") == done
    (place / "small.toml").write_text((place / "small.toml").read_text().replace("1e-3", "2e-3"))
    assert main(_words(place)) == 2
    assert "base.json is of another recipe than the plan says" in capsys.readouterr().err


@pytest.mark.skipif(not is_thorough(), reason="a quarter of a minute; RIG=long")
def test_the_share_closed_is_measured_where_it_is_asked_for(place):
    out, only = place / "out", ("--only", "base", "--quiet")
    assert main(_words(place, *only)) == 0
    trained = _times(out / "runs", "log.csv")
    assert main(_words(place, *only, "--share")) == 0
    assert _times(out / "runs", "log.csv") == trained
    seeds = json.loads((out / "results" / "base.json").read_text())["seeds"]
    for seed in seeds.values():
        assert seed["share_closed"].keys() == {"made", "recorded"}
    assert "made songs, % closed" in (out / "table.md").read_text()


@pytest.mark.skipif(not is_thorough(), reason="a quarter of a minute; RIG=long")
def test_ctrl_c_keeps_what_was_learned_and_the_same_command_goes_on(place):
    steps, path = 40, place / "small.toml"
    text = path.read_text().replace("steps = 2", f"steps = {steps}")
    path.write_text(text.replace("check_every = 2", f"check_every = {steps}"))
    (place / "plan.toml").write_text((place / "plan.toml").read_text().replace("[1, 2]", "[1]"))
    words = _words(place, "--only", "base")
    env = {**os.environ, "OMP_NUM_THREADS": "1"}
    command = [sys.executable, "-m", "streamsep_offline.training.ablation", *words]
    process = subprocess.Popen(command, env=env, stderr=subprocess.PIPE, text=True)
    folder, until = place / "out" / "runs" / "base" / "seed-1", time.monotonic() + 120.0
    while len(read_log(folder)) < 3 and time.monotonic() < until:
        time.sleep(0.02)
    process.send_signal(signal.SIGINT)
    _, said = process.communicate(timeout=60)
    assert process.returncode == 130
    assert "stopped; the same command goes on" in said
    n_done = len(read_log(folder))
    before = [row["loss"] for row in read_log(folder)]
    assert n_done >= 3
    assert main([*words, "--quiet"]) == 0
    rows = read_log(folder)
    assert [int(row["step"]) for row in rows] == list(range(1, steps + 1))
    assert [row["loss"] for row in rows[:n_done]] == before


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--only", "bass"], "variant 'bass' is unknown; did you mean 'base'?"),
        (["--jobs", "0"], "--jobs 0 is too small"),
    ],
)
def test_mistakes_are_told_before_anything_is_made(place, words, message, capsys):
    assert main(_words(place, *words)) == 2
    assert message in capsys.readouterr().err
    assert not (place / "out" / "runs").exists()


def test_plans_go_by_name_too(place, capsys):
    assert main(["ablaton", *_words(place)[1:]]) == 2
    assert (
        "did you mean 'ablation'? there are: ablation, learning-curves" in capsys.readouterr().err
    )
