import csv
import dataclasses
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch
from lightning_fabric import Fabric

from rig.jack import is_thorough
from streamsep.errors import CheckpointError, ParameterError
from streamsep.spec import PROFILES, StreamSpec
from streamsep_offline.losses.make import make_loss
from streamsep_offline.training.checkpoint import load_checkpoint, save_checkpoint
from streamsep_offline.training.errors import DivergedError
from streamsep_offline.training.excerpt_feed import ExcerptFeed
from streamsep_offline.training.log import RunLog, read_log
from streamsep_offline.training.loop import CHECKPOINT, Loop
from streamsep_offline.training.settings import Stage, Training
from streamsep_offline.training.tasks.open_unmix import OpenUnmixDesign, OpenUnmixTask

SPEC = StreamSpec(PROFILES["stage"], 44100, 2, ("vocals", "drums", "bass", "other"))
DESIGN = OpenUnmixDesign("open_unmix", hidden_size=8, layers=2, statistics=0)
TRAINING = Training((Stage(6, 3e-3), Stage(4, 1e-3)), batch=2, check_every=2, warm_up_steps=2)


@pytest.fixture(scope="module")
def feed(excerpts):
    short = dataclasses.replace(
        excerpts, settings=dataclasses.replace(excerpts.settings, examples=4)
    )
    return ExcerptFeed([short], [1.0], [short], batch=2, seed=1)


def _train(feed, folder, training=TRAINING, design=DESIGN, **kwargs):
    task = OpenUnmixTask(design, SPEC, make_loss({"kind": "complex_l1"}), seed=1)
    log = RunLog(folder)
    fabric = Fabric(accelerator="cpu", devices=1, precision=training.precision)
    loop = Loop(task, feed, training, 1, folder, log, fabric)
    try:
        memory = loop.run(**kwargs)
    finally:
        log.close()
    return task, memory, [row["loss"] for row in read_log(folder)]


def _equal(a, b):
    return all(torch.equal(w, b[name]) for name, w in a.items())


def test_training_lowers_the_loss_and_keeps_the_best(feed, tmp_path):
    training = dataclasses.replace(TRAINING, stages=(Stage(30, 1e-2),), check_every=5)
    task, memory, losses = _train(feed, tmp_path, training)
    assert len(losses) == 30
    assert np.mean([float(x) for x in losses[-5:]]) < 0.9 * float(losses[0])
    selected = [float(row["select"]) for row in read_log(tmp_path) if row["select"]]
    assert memory["best_loss"] == min(selected)
    assert _equal(task.network.state_dict(), memory["best"])
    assert (tmp_path / "curves.png").read_bytes().startswith(b"\x89PNG")
    assert list((tmp_path / "tensorboard").iterdir())


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"average": 0.9, "clip_percentile": 50.0},
        {"pieces": 2, "accumulate": 2},
        {"optimizer": "muon", "weight_decay": 0.01},
        {"stages": (Stage(10, 3e-3, schedule="plateau"),), "plateau_patience": 1},
    ],
    ids=["plain", "averaged-autoclip", "pieces-accumulated", "muon", "plateau"],
)
def test_a_run_that_was_stopped_goes_on_as_if_it_had_not_been(feed, tmp_path, changes):
    training = dataclasses.replace(TRAINING, **changes)
    _, whole, losses = _train(feed, tmp_path / "a", training)
    for stop in (1, 4, 7):
        _train(feed, tmp_path / "b", training, n_steps=stop)
    _, parts, again = _train(feed, tmp_path / "b", training)
    assert again == losses
    assert _equal(whole["best"], parts["best"])


def test_killed_at_any_moment_it_has_the_losses_and_weights_of_a_run_that_was_not(
    songs_folder, tmp_path
):
    """SIGKILL, at any moment; tests/offline/training/programs/killed.py."""
    program, n_kills = Path(__file__).parent / "programs" / "killed.py", 10 if is_thorough() else 2
    subprocess.run(
        [sys.executable, program, songs_folder, tmp_path, str(n_kills)], check=True, timeout=240
    )
    whole, killed = (load_checkpoint(tmp_path / name / CHECKPOINT) for name in ("whole", "killed"))
    assert (tmp_path / "n_killed").read_text() == str(n_kills)
    assert _equal(whole["best"], killed["best"])
    assert whole["best_loss"] == killed["best_loss"]

    def losses(name):
        with (tmp_path / name / "log.csv").open() as file:
            return [(row["step"], row["loss"], row["select"]) for row in csv.DictReader(file)]

    assert losses("killed") == losses("whole")
    assert len(losses("whole")) == 40


def test_a_checkpoint_of_another_optimizer_is_told(feed, tmp_path):
    _train(feed, tmp_path, n_steps=3)
    with pytest.raises(CheckpointError, match="1 optimizers, expected 2"):
        _train(feed, tmp_path, dataclasses.replace(TRAINING, optimizer="muon"))


def test_an_average_moves_slower_than_what_it_follows(feed, tmp_path):
    training = dataclasses.replace(TRAINING, stages=(Stage(4, 1e-2),), average=0.9)
    start = OpenUnmixTask(DESIGN, SPEC, None, seed=1).network.state_dict()
    _train(feed, tmp_path, training, n_steps=4)
    _, memory, _ = _train(feed, tmp_path / "b", dataclasses.replace(training, average=0.0))
    averaged = load_checkpoint(tmp_path / CHECKPOINT)["best"]
    key = "networks.vocals.fc3.weight"
    slow, fast = ((w[key] - start[key]).norm() for w in (averaged, memory["best"]))
    assert 0.0 < slow < 0.6 * fast


def test_patience_ends_a_stage_early(feed, tmp_path):
    training = dataclasses.replace(
        TRAINING, stages=(Stage(50, 1e-12),), average=0.0, patience=2, check_every=1
    )
    _, memory, losses = _train(feed, tmp_path, training)
    assert memory["stage"] == 1
    assert len(losses) < 10


def test_a_run_stopped_by_its_last_look_does_not_go_on(feed, tmp_path, monkeypatch):
    """Killed between the checkpoint of the check that ends a stage and that of the next stage."""
    stages = (Stage(50, 1e-12), Stage(2, 1e-12))
    training = dataclasses.replace(TRAINING, stages=stages, patience=2, check_every=1)
    _, _, whole = _train(feed, tmp_path / "whole", training)

    def killed(memory, path):
        save_checkpoint(memory, path)
        if memory.get("plateau", {}).get("n_bad") == training.patience:
            raise _KilledError

    with monkeypatch.context() as patched:
        patched.setattr("streamsep_offline.training.loop.save_checkpoint", killed)
        with pytest.raises(_KilledError):
            _train(feed, tmp_path / "parts", training)
    _, memory, parts = _train(feed, tmp_path / "parts", training)
    assert parts == whole
    assert memory["stage"] == 2


class _KilledError(Exception):
    pass


def test_a_task_that_is_not_cut_into_pieces_has_its_whole_gradient(feed, tmp_path):
    """Cue models give one piece whatever is asked for."""

    class Whole(OpenUnmixTask):
        def pieces(self, batch, n):
            return super().pieces(batch, 1)

    losses = []
    for n in (1, 3):
        task = Whole(DESIGN, SPEC, make_loss({"kind": "complex_l1"}), seed=1)
        training = dataclasses.replace(TRAINING, pieces=n)
        log = RunLog(tmp_path / str(n))
        Loop(task, feed, training, 1, tmp_path / str(n), log, Fabric(devices=1)).run()
        log.close()
        losses.append([row["loss"] for row in read_log(tmp_path / str(n))])
    assert losses[0] == losses[1]


def test_a_batch_that_devices_cannot_share_is_refused(feed, tmp_path):
    class TwoDevices:
        world_size = 2

    training = dataclasses.replace(TRAINING, batch=6, accumulate=2)
    with pytest.raises(ParameterError, match=r"training\.batch is 6, expected a multiple of 4"):
        Loop(None, feed, training, 1, tmp_path, None, TwoDevices())


def test_a_broken_select_list_is_told(feed, tmp_path):
    class Broken(ExcerptFeed):
        def read_select(self, index):
            mixture, stems = super().read_select(index)
            return mixture * np.nan, stems

    broken = Broken(feed._train, feed._shares, [feed._train[0]], 2, 1)
    with pytest.raises(DivergedError, match=r"select loss after step 2 is nan.*data check"):
        _train(broken, tmp_path)


def test_a_broken_example_is_told_and_the_weights_stay(feed, tmp_path):
    class Broken(ExcerptFeed):
        def read(self, step, part, n_parts):
            mixture, stems = super().read(step, part, n_parts)
            return mixture * (np.nan if step == 3 else 1.0), stems

    broken = Broken(feed._train, feed._shares, [feed._train[0]], 2, 1)
    with pytest.raises(DivergedError, match=r"step 4 is nan.*streamsep data check"):
        _train(broken, tmp_path)
    assert load_checkpoint(tmp_path / CHECKPOINT)["step"] == 2


def test_lower_precision_still_learns(feed, tmp_path):
    training = dataclasses.replace(TRAINING, precision="bf16-mixed", stages=(Stage(12, 1e-2),))
    _, _, losses = _train(feed, tmp_path, training)
    assert float(losses[-1]) < float(losses[0])


def test_the_mean_over_a_select_list_counts_examples_not_batches(feed, tmp_path):
    task = OpenUnmixTask(DESIGN, SPEC, make_loss({"kind": "complex_l1"}), seed=1)

    class Uneven(ExcerptFeed):
        def n_select(self):
            return 2

        def read_select(self, index):
            rows = [0] if index == 0 else [1, 2, 3]
            parts = [super(Uneven, self).read_select(i) for i in rows]
            return tuple(np.concatenate(x) for x in zip(*parts, strict=True))

    uneven = Uneven(feed._train, feed._shares, [feed._train[0]], 2, 1)
    fabric = Fabric(accelerator="cpu", devices=1)
    found = [
        Loop(task, one, TRAINING, 1, tmp_path, RunLog(tmp_path), fabric).select_loss(task.network)
        for one in (feed, uneven)
    ]
    assert found[0] == pytest.approx(found[1], rel=1e-5)
