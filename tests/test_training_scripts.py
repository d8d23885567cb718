"""Scripts that train: what they refuse, what they plan; with RIG=long their dry runs reach the end."""

import importlib.util
import os
import subprocess
import sys
import tarfile
from pathlib import Path

import pytest

pytest.importorskip("torch")
pytest.importorskip("lightning_fabric")

from rig.jack import is_thorough

ROOT = Path(__file__).parents[1]
GPU_TRAIN = ROOT / "benchmarks" / "gpu_train.sh"
TRAIN_ALL = ROOT / "offline" / "recipes" / "train_all.sh"


def _run(*words, timeout=60, **variables):
    variables = {"PYTHON": sys.executable, **variables}
    return subprocess.run(
        ["bash", *map(str, words)],
        env=os.environ | {name: str(value) for name, value in variables.items()},
        capture_output=True,
        text=True,
        timeout=timeout,
    )


@pytest.mark.parametrize("script", [GPU_TRAIN, TRAIN_ALL], ids=lambda path: path.name)
def test_they_are_programs_without_mistakes_of_syntax(script):
    assert os.access(script, os.X_OK)
    assert _run("-n", script).returncode == 0


def test_recipes_with_shipped_models_are_listed_with_their_hours():
    names = [line.split()[0] for line in _run(TRAIN_ALL, "--list").stdout.splitlines()]
    assert "4stems-stage" in names
    assert all((TRAIN_ALL.parent / f"{name}.toml").is_file() for name in names)
    assert "SAMPLES" in _run(TRAIN_ALL, "--help").stdout


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ([], "SAMPLES"),
        (["nowhere"], "nowhere is no folder"),
        (["--only", "4stems-stag", "."], "no such recipe"),
        (["--fast", "."], "unknown option --fast"),
    ],
)
def test_bad_orders_are_refused(words, message):
    done = _run(TRAIN_ALL, *words)
    assert done.returncode == 2
    assert message in done.stderr


def test_what_is_there_is_left_alone(tmp_path):
    (tmp_path / "models" / "4stems-stage").mkdir(parents=True)
    (tmp_path / "models" / "4stems-stage" / "model.json").write_text("{}")
    done = _run(TRAIN_ALL, "--only", "4stems-stage", tmp_path, tmp_path)
    assert done.returncode == 0
    assert "4stems-stage is there" in done.stdout


def test_without_a_pack_nothing_begins(tmp_path):
    done = _run(GPU_TRAIN, PACK=tmp_path / "none", OUT=tmp_path / "out", WORK=tmp_path / "work")
    assert done.returncode == 2
    assert "gpu_pack.py" in done.stdout


@pytest.fixture(scope="module")
def planner():
    spec = importlib.util.spec_from_file_location("gpu_plan", ROOT / "benchmarks" / "gpu_plan.py")
    module = importlib.util.module_from_spec(spec)
    sys.modules["gpu_plan"] = module  # dataclasses look there
    spec.loader.exec_module(module)
    yield module
    del sys.modules["gpu_plan"]


def _plan(planner, wide_s=0.1, narrow_s=0.05, apart_db=0.0, **changes):
    step_s = {"32-true": wide_s, "bf16-mixed": narrow_s}
    loss_db = {"32-true": -6.0, "bf16-mixed": -6.0 + apart_db}
    found = planner.Measured(step_s, loss_db, song_s=3.0, example_s=0.3)
    given = {"batch": 64, "shard_size": 64, "example_share": 0.85, "jobs": 13, "seconds": 1200.0}
    return planner.plan(found, **(given | changes))


def test_the_faster_arithmetic_is_taken_where_it_is_right(planner):
    assert _plan(planner)["training.precision"] == "bf16-mixed"
    assert _plan(planner, narrow_s=0.095)["training.precision"] == "32-true"
    assert _plan(planner, apart_db=0.2)["training.precision"] == "32-true"
    assert _plan(planner, apart_db=float("nan"))["training.precision"] == "32-true"


def test_steps_fill_the_time_and_makers_keep_up(planner):
    settings = _plan(planner)
    step_s = planner.SPARE * 0.05
    n_steps, pace = settings["training.stages.0.steps"], settings["examples.steps_per_shard"]
    assert n_steps * step_s == pytest.approx(1200.0, rel=0.01)
    made_s = planner.SPARE * (1.0 + planner.RENDERING) * 64 * 0.3 / 13
    assert pace * step_s * 0.85 >= made_s * 0.99, "a shard is made before the next is wanted"
    assert settings["data.examples"] <= settings["songs.train.made"] * 3.0 / (0.5 * 0.3) * 1.01


def test_a_slow_machine_still_gets_a_plan(planner):
    settings = _plan(planner, wide_s=30.0, narrow_s=60.0, jobs=-1, seconds=20.0)
    assert settings["training.stages.0.steps"] == 1
    assert settings["songs.train.made"] >= 2


@pytest.mark.skipif(not is_thorough(), reason="minutes: with RIG=long only")
def test_a_dry_run_trains_stops_and_goes_on(audio_pack, tmp_path):
    pack, work = audio_pack, tmp_path / "work"
    for n_call in (1, 2):
        out = tmp_path / f"out{n_call}"
        done = _run(GPU_TRAIN, DRY=1, LIMIT_S=420, PACK=pack, OUT=out, WORK=work, timeout=600)
        assert done.returncode == 0, done.stdout
        assert ("goes on" if n_call == 2 else "begins") in done.stdout
        assert (out / "model.tar").is_file()
        (pack / "state").mkdir(exist_ok=True)
        for part in out.glob("state.tar.part-*"):
            (pack / "state" / part.name).write_bytes(part.read_bytes())
        for name in ("run", "samples", "programs"):  # a fresh machine
            (work / name).rename(tmp_path / f"{name}{n_call}")
    logs = [(tmp_path / f"out{n}" / "gpu-train-log.csv").read_text() for n in (1, 2)]
    assert logs[1].startswith(logs[0]), "no step is taken twice"
    assert len(logs[1]) > len(logs[0])


@pytest.fixture
def audio_pack(tmp_path):
    """Samples as they are, in a pack."""
    samples = Path(os.environ.get("STREAMSEP_AUDIO") or ROOT.parent / "shared" / "audio")
    if not samples.is_dir():
        pytest.skip(f"no samples at {samples}; set STREAMSEP_AUDIO")
    pack = tmp_path / "pack"
    (pack / "wheels").mkdir(parents=True)
    (pack / "pack.json").write_text("{}")
    with tarfile.open(pack / "samples.tar.xz", "w:xz", preset=0) as file:
        for name in ("cc0-album/caesium", "cc0-album/francium", "cc0-album/potassium"):
            file.add(samples / name, name)
        for name in ("cc0-album/hydrogen", "drums/uzu", "voices/sms-tools", "voices/vocadito"):
            file.add(samples / name, name)
    with tarfile.open(pack / "programs.tar.xz", "w:xz"):
        pass
    return pack


@pytest.mark.skipif(not is_thorough(), reason="minutes: with RIG=long only")
def test_a_dry_run_of_the_whole_path_ends_with_a_model(tmp_path):
    samples = Path(os.environ.get("STREAMSEP_AUDIO") or ROOT.parent / "shared" / "audio")
    if not samples.is_dir():
        pytest.skip(f"no samples at {samples}; set STREAMSEP_AUDIO")
    words = (TRAIN_ALL, "--only", "4stems-stage", samples, tmp_path)
    done = _run(*words, DRY=1, timeout=900)
    assert done.returncode == 0, done.stdout + done.stderr
    assert (tmp_path / "models" / "4stems-stage" / "model.json").is_file()
    assert "share closed" in (tmp_path / "4stems-stage" / "scores-select.md").read_text()
    assert "is there" in _run(*words, DRY=1).stdout
