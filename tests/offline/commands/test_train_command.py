"""`streamsep train` and `streamsep export` as users type them, on songs that the test writes."""

import os
import signal
import subprocess
import sys
import time

import numpy as np
import pytest
import torch
from lightning_fabric import Fabric

from layouts_on_disk import WRITERS
from streamsep import Separator, find_preset
from streamsep.commands.main import main
from streamsep.errors import EngineError
from streamsep.model import load_model
from streamsep_offline.training.log import read_log
from streamsep_offline.training.loop import Loop
from streamsep_offline.training.material import Material
from streamsep_offline.training.run import best_task, read_run

SMALL = [
    *(
        "--set",
        "model.hidden_size=4",
        "--set",
        "data.seconds=0.5",
        "--set",
        "data.valid_seconds=0.5",
    ),
    *(
        "--set",
        "loss.kind=complex_l1",
        "--set",
        "training.batch=2",
        "--set",
        "training.check_every=2",
    ),
    *("--set", "data.samples_per_track=2", "--set", "model.statistics=2"),
]
RUN = [sys.executable, "-c", "from streamsep.commands.main import main; raise SystemExit(main())"]


@pytest.fixture(scope="module")
def songs(tmp_path_factory):
    return WRITERS["musdb_hq"](tmp_path_factory.mktemp("songs")).folder


def _train(songs, folder, *more, steps=4):
    small = [*SMALL, "--set", f"training.stages.0.steps={steps}"]
    return ["train", "tiny", "--data", str(songs), "-o", str(folder), *small, *map(str, more)]


def test_from_songs_to_a_preset_that_streams(songs, tmp_path, capsys):
    assert main(_train(songs, tmp_path / "run")) == 0
    said = capsys.readouterr().err
    assert "step 4: loss" in said
    assert "s of music per second" in said
    assert f"streamsep export {tmp_path / 'run'}" in said.replace("\n", "")
    scores = tmp_path / "scores.json"
    scores.write_text('{"share_closed": 0.25}')
    model = tmp_path / "my-model"
    order = ["export", tmp_path / "run", "-o", model, "--name", "mine", "--scores", scores]
    assert main([*map(str, order), "--licence", "CC0-1.0", "--onnx", str(tmp_path / "m.onnx")]) == 0
    card = load_model(model).card
    assert (card["name"], card["licence"], card["steps"]) == ("mine", "CC0-1.0", 4)
    assert card["scores"] == {"share_closed": 0.25}
    preset = find_preset(str(model))
    assert (preset.name, preset.stems, preset.licence) == ("my-model", card_stems(card), "CC0-1.0")
    stems = Separator.from_preset(str(model)).process(np.zeros((2, 512), np.float32))
    assert stems.shape == (4, 2, 512)
    assert (tmp_path / "m.onnx").stat().st_size > 0
    capsys.readouterr()
    assert main([*map(str, order)]) == 2
    assert "not empty" in capsys.readouterr().err


def card_stems(card):
    return tuple(card["stems"])


def test_one_stem_against_the_rest_streams_too(songs, tmp_path):
    chosen = _train(songs, tmp_path / "run", "--set", "data.targets=['drums']", steps=2)
    assert main(chosen) == 0
    assert main(["export", str(tmp_path / "run"), "-o", str(tmp_path / "model")]) == 0
    preset = find_preset(str(tmp_path / "model"))
    assert preset.stems == ("drums", "other")
    separator = Separator.from_preset(preset)
    assert separator.stems == ("drums", "other")
    assert separator.process(np.zeros((2, 512), np.float32)).shape == (2, 2, 512)


def test_a_shipped_model_learns_ones_own_songs_and_goes_half_way_back(songs, tmp_path, capsys):
    small = [
        "data.seconds=1.5",
        "examples.shards=1",
        "examples.shard_size=2",
        "examples.select_size=2",
    ]
    small += [
        "training.average=0",
        "training.check_every=1",
        "training.batch=2",
        "training.stages=[{steps=2, rate=1e-3}]",
    ]
    small += [
        "model.start=4stems-stage",
        "model.n_input=192",
        "model.n_hidden=384",
        "model.fine=true",
    ]
    words = [w for one in small for w in ("--set", one)]
    run, model = tmp_path / "run", tmp_path / "model"
    assert main(["train", "cue-stage", "--data", str(songs), "-o", str(run), *words]) == 0
    shipped, moved = find_preset("4stems-stage").load(), []
    for share in (0.0, 0.5, 1.0):
        words = ["--blend", str(share), "--force"]
        assert main(["export", str(run), "-o", str(model), *words]) == 0
        blended = load_model(model)
        moved.append(float(np.abs(blended.weights["bias"] - shipped.weights["bias"]).max()))
        assert blended.card["blend"] == share
    assert moved == pytest.approx([0.0, 0.5 * moved[2], moved[2]], rel=1e-2)
    assert moved[2] > 1e-5
    capsys.readouterr()
    assert main(["export", str(run), "-o", str(model), "--blend", "2", "--force"]) == 2
    assert "--blend 2 is out of range; expected 0 (start) to 1 (trained)" in capsys.readouterr().err


def test_ctrl_c_keeps_what_was_learned_and_resume_goes_on(songs, tmp_path):
    """The losses are those of a run that nobody stopped."""
    env = {**os.environ, "OMP_NUM_THREADS": "1"}
    log, steps = tmp_path / "run" / "seed-1" / "log.csv", 24
    process = subprocess.Popen(
        [*RUN, *_train(songs, tmp_path / "run", steps=steps)],
        env=env, stderr=subprocess.PIPE, text=True,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
    )  # fmt: skip
    end = time.monotonic() + 60.0
    while not (log.is_file() and len(log.read_text().splitlines()) > 6):
        assert time.monotonic() < end
        assert process.poll() is None
        time.sleep(0.02)
    process.send_signal(signal.SIGINT)
    _, said = process.communicate(timeout=60)
    assert process.returncode == 130, said
    assert f"streamsep train --resume {tmp_path / 'run'}" in said.replace("\n", "")
    n_done = len(read_log(tmp_path / "run" / "seed-1"))
    assert 5 <= n_done < steps
    assert main(["train", "--resume", str(tmp_path / "run"), "--threads", "1"]) == 0
    assert main(_train(songs, tmp_path / "whole", "--threads", 1, steps=steps)) == 0
    resumed, whole = (read_log(tmp_path / name / "seed-1") for name in ("run", "whole"))
    assert [row["loss"] for row in resumed] == [row["loss"] for row in whole]


def test_two_processes_share_the_batches(songs, tmp_path):
    """torchrun with two CPU processes over gloo: the same data, one run."""
    torchrun = [sys.executable, "-m", "torch.distributed.run", "--nproc_per_node", "2"]
    torchrun += ["--master_port", "0", "--rdzv-backend", "c10d", "--rdzv-endpoint", "localhost:0"]
    order = _train(songs, tmp_path / "two", "--device", "cpu", "--threads", 1)
    done = subprocess.run(
        [*torchrun, "-m", "streamsep_offline.commands.train_program", *order],
        env={**os.environ, "OMP_NUM_THREADS": "1"},
        capture_output=True, text=True, timeout=180,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    rows = read_log(tmp_path / "two" / "seed-1")
    assert [row["step"] for row in rows] == list("1234")
    run = read_run(tmp_path / "two")
    task, seed, memory = best_task(run)
    feed = Material(run, 1, lambda done, total: None).feed(seed)
    loop = Loop(
        task, feed, run.recipe.training, 1, tmp_path, None, Fabric(accelerator="cpu", devices=1)
    )
    assert loop.select_loss(task.network) == pytest.approx(memory["best_loss"], rel=1e-6), (
        "what both looked at is what was kept"
    )
    assert main(_train(songs, tmp_path / "one", "--threads", 1)) == 0
    alone = read_log(tmp_path / "one" / "seed-1")
    # Batch norm sees half a batch on each, so that losses agree roughly and not to the bit.
    for a, b in zip(rows, alone, strict=True):
        assert float(a["loss"]) == pytest.approx(float(b["loss"]), rel=0.1)


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["train", "tinny", "--data", "."], "did you mean 'tiny'"),
        (["train", "tiny"], "--data DIR"),
        (["train", "tiny", "--data", "nowhere"], "nowhere is no folder"),
        (["train", "tiny", "--data", ".", "--set", "training.batch"], "expected key=value"),
        (["train", "tiny", "--data", ".", "--workers", "-1"], "--workers -1 is too small"),
        (["train", "--resume", "."], "is no run"),
        (["train", "--resume", ".", "--stop-after", "soon"], "write 45s, 9m"),
        (["train", "tiny", "--data", ".", "--device", "gpu"], "device 'gpu' is unknown"),
        (["train", "tiny", "--resume", "."], "leave out recipe"),
        (["export", ".", "-o", "model"], "is no run"),
    ],
)
def test_bad_orders_are_one_line_and_leave_nothing(words, message, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    assert main(words) == 2
    said = capsys.readouterr().err
    assert message in said
    assert len(said.strip().splitlines()) == 1
    assert list(tmp_path.iterdir()) == []


def test_an_empty_folder_is_told_before_anything_is_written(tmp_path, capsys):
    (tmp_path / "songs").mkdir()
    assert (
        main(["train", "tiny", "--data", str(tmp_path / "songs"), "-o", str(tmp_path / "run")]) == 2
    )
    assert str(tmp_path / "songs") in capsys.readouterr().err
    assert not (tmp_path / "run").exists()


def test_a_run_ends_when_its_time_is_up_and_goes_on(songs, tmp_path, capsys):
    endless = _train(songs, tmp_path / "run", "--stop-after", "5s", steps=100_000)
    assert main(endless) == 130
    assert f"--resume {tmp_path / 'run'}" in capsys.readouterr().err.replace("\n", "")
    n_steps = len(read_log(tmp_path / "run" / "seed-1"))
    assert n_steps > 0
    assert main(["train", "--resume", str(tmp_path / "run"), "--stop-after", "3s"]) == 130
    assert f"goes on after step {n_steps}" in capsys.readouterr().err
    assert len(read_log(tmp_path / "run" / "seed-1")) > n_steps


def test_another_recipe_does_not_overwrite_a_run(songs, tmp_path, capsys):
    assert main(_train(songs, tmp_path / "run", steps=2)) == 0
    assert main(_train(songs, tmp_path / "run", steps=3)) == 2
    assert "another recipe" in capsys.readouterr().err
    elsewhere = tmp_path / "songs"
    elsewhere.mkdir()
    assert main(_train(elsewhere, tmp_path / "run", steps=2)) == 2
    assert f"holds a run of songs in {songs}" in capsys.readouterr().err


def test_a_mistake_before_the_first_step_is_mended_in_place(songs, tmp_path, capsys):
    wrong = _train(songs, tmp_path / "run", "--set", "model.hidden_size=0", steps=2)
    assert main(wrong) == 2
    assert main(_train(songs, tmp_path / "run", steps=2)) == 0
    assert "another recipe" not in capsys.readouterr().err
    rates = [float(row["rate"]) for row in read_log(tmp_path / "run" / "seed-1")]
    assert rates[0] == pytest.approx(3e-3 / 20)  # the recipe's, at the first of 20 steps of warm-up


@pytest.mark.skipif(torch.cuda.is_available(), reason="there is a GPU")
def test_a_gpu_that_is_not_there_is_one_line(songs, tmp_path, capsys):
    assert main(_train(songs, tmp_path / "run", "--device", "cuda")) == 2
    assert "device 'cuda' is not available here" in capsys.readouterr().err
    assert not (tmp_path / "run").exists()


def test_a_file_where_the_model_shall_be_is_one_line(tmp_path, capsys):
    (tmp_path / "model").write_text("")
    assert main(["export", str(tmp_path), "-o", str(tmp_path / "model")]) == 2
    assert "is a file; name a folder" in capsys.readouterr().err


def test_recipes_are_listed_and_shown(capsys):
    assert main(["train"]) == 0
    assert "umx-causal" in capsys.readouterr().err
    assert main(["train", "tiny", "--show"]) == 0
    assert 'name = "tiny"' in capsys.readouterr().out


def test_a_profile_names_what_costs_most(songs, tmp_path, capsys):
    assert main(_train(songs, tmp_path / "run", "--profile")) == 0
    said = capsys.readouterr().err
    assert "s of music per second" in said
    assert "%" in said
    assert not (tmp_path / "run").exists()


def test_a_cue_model_that_hears_both_ways_from_songs_to_a_model(songs, tmp_path, capsys):
    small = ["model.n_input=4", "model.n_hidden=4", "data.seconds=1.5", "data.examples=4"]
    small += ["examples.shards=1", "examples.shard_size=2", "examples.select_size=2"]
    small += ["training.batch=2", "training.check_every=2", "augment=[]"]
    small += ["model.kind=cue_bilstm", "data.coherent=1.0"]

    def order(folder, steps):
        sets = [*small, f"training.stages.0.steps={steps}"]
        chosen = [word for one in sets for word in ("--set", one)]
        where = ["--data", str(songs), "-o", str(folder), "--threads", "1"]
        return ["train", "cue-studio", *where, *chosen]

    assert main(order(tmp_path / "run", 4)) == 0
    assert main(["train", "--resume", str(tmp_path / "run"), "--threads", "1"]) == 0
    assert main([*order(tmp_path / "profiled", 4), "--profile"]) == 0
    capsys.readouterr()
    export = ["export", str(tmp_path / "run"), "-o", str(tmp_path / "model")]
    assert main([*export, "--onnx", str(tmp_path / "m.onnx")]) == 2
    assert "hears the future, leave it out" in capsys.readouterr().err
    assert main(export) == 0
    whole = (tmp_path / "model" / "model.safetensors").stat().st_size
    assert main([*export, "--half", "--force"]) == 0
    assert (tmp_path / "model" / "model.safetensors").stat().st_size < 0.6 * whole
    said = capsys.readouterr().err.replace("\n", " ")
    assert f"streamsep separate song.wav --model {tmp_path / 'model'}" in " ".join(said.split())
    model = load_model(tmp_path / "model")
    assert (model.kind, model.profile.name) == ("cue_bilstm", "studio")
    assert model.card["weights"] > 2 * 4 * 4
    with pytest.raises(EngineError, match="use: streamsep separate"):
        Separator(model)
