import dataclasses
import itertools

import numpy as np
import pytest
import torch

from streamsep.model import load_model, save_model
from streamsep.models.cue_lstm import from_model, to_model
from streamsep.spec import PROFILES, StreamSpec
from streamsep_offline.training.batches import STEPS_PER_SHARD, WINDOW, Pool, draw_batch
from streamsep_offline.training.examples import Varying
from streamsep_offline.training.shards import make_shard, open_shard
from streamsep_offline.training.songs import STEMS
from streamsep_offline.training.trainer import Stage, TrainingSettings, select_loss, train

STAGE = PROFILES["stage"]
SPEC = StreamSpec(STAGE, 44100, 2, STEMS)
SETTINGS = TrainingSettings(
    n_input=16,
    n_hidden=12,
    local=(8, 6),
    batch=2,
    seed=3,
    check_every=2,
    stages=(Stage(6, 2e-2, 3e-3), Stage(4, 5e-3, 0.0, 3e-3)),
)


@pytest.fixture(scope="module")
def shard(songs, tmp_path_factory):
    folder = tmp_path_factory.mktemp("examples") / "made-000"
    make_shard(folder, songs, 4, (1,), STAGE, Varying())
    return open_shard(folder)


def _run(shard, folder, settings=SETTINGS, **kwargs):
    lines = []
    pools = [Pool([shard], 1.0)]
    module = train(SPEC, settings, pools, [shard], folder / "checkpoint.pt", lines.append, **kwargs)
    return module, torch.load(folder / "checkpoint.pt", weights_only=True), lines


def test_training_lowers_the_loss(shard, tmp_path):
    module, memory, lines = _run(shard, tmp_path)
    assert memory["step"] == 10
    assert len(lines) == 5
    torch.manual_seed(SETTINGS.seed)
    before = select_loss(type(module)(SPEC, 16, 12), [shard], batch=2)
    assert select_loss(module, [shard], batch=2) < before - 0.3
    assert module.has_local


def test_a_run_that_was_stopped_goes_on_as_if_it_had_not_been(shard, tmp_path):
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    _, whole, _ = _run(shard, tmp_path / "a")
    for stop in (4, 8):  # in the first stage and in the second
        _run(shard, tmp_path / "b", stop_after=stop)
    _, parts, _ = _run(shard, tmp_path / "b")
    assert parts["losses"] == whole["losses"]
    for name, weight in whole["module"].items():
        assert torch.equal(weight, parts["module"][name]), name


def test_a_group_without_a_rate_stays_as_it_is(shard, tmp_path):
    settings = dataclasses.replace(SETTINGS, stages=(Stage(2, 1e-2, 0.0),))
    torch.manual_seed(settings.seed)
    _, memory, _ = _run(shard, tmp_path, settings)
    assert not torch.equal(memory["module"]["slopes"], torch.zeros_like(memory["module"]["slopes"]))
    assert torch.all(memory["module"]["context_output.weight"] == 0)


def test_what_is_best_on_the_select_list_is_kept(shard, tmp_path):
    """What is learned makes a select list of other stems worse: the first weights are returned."""
    other = dataclasses.replace(
        shard, cross=shard.cross[:, :, ::-1], references=shard.references[:, :, ::-1]
    )
    settings, pools = (
        dataclasses.replace(SETTINGS, stages=(Stage(10, 2e-2, 3e-3),)),
        [Pool([shard], 1.0)],
    )
    module = train(SPEC, settings, pools, [other], tmp_path / "checkpoint.pt", lambda line: None)
    memory = torch.load(tmp_path / "checkpoint.pt", weights_only=True)
    assert select_loss(module, [other]) == pytest.approx(memory["best_loss"], abs=1e-4)
    last = type(module)(SPEC, 16, 12)
    last.load_state_dict(memory["module"])
    assert select_loss(last, [other]) > memory["best_loss"] + 0.3


def test_batches_depend_on_seed_and_step_only(shard):
    a, b, c = (draw_batch([Pool([shard], 1.0)], 3, 1, step) for step in (0, 0, 1))
    assert np.array_equal(a.features, b.features)
    assert not np.array_equal(a.features, c.features)


def test_batches_come_from_a_window_that_reaches_every_shard():
    shards = [object() for _ in range(WINDOW + 5)]
    pool = Pool(shards, 1.0)
    windows = [pool.at(step) for step in range(0, STEPS_PER_SHARD * len(shards))]
    assert all(len(window) == WINDOW for window in windows)
    assert {id(s) for window in windows for s in window} == {id(s) for s in shards}
    moved = [a != b for a, b in itertools.pairwise(windows)]
    assert sum(moved) == len(shards) - 1


def test_the_trained_model_is_exported_and_runs(shard, tmp_path):
    module, _, _ = _run(shard, tmp_path)
    save_model(to_model(module), tmp_path / "model")
    again = from_model(load_model(tmp_path / "model"), SPEC)
    spectrum = torch.randn(1, 2, 1025, 5, dtype=torch.complex64)
    with torch.inference_mode():
        assert torch.allclose(module.offline(spectrum), again.offline(spectrum), atol=1e-6)
