import dataclasses

import pytest
import torch
from lightning_fabric import Fabric

from streamsep.model import load_model
from streamsep.models import cue_bilstm
from streamsep.models.cue_lstm_weights import from_model
from streamsep_offline.training.cues.batches import CueFeed, Pool
from streamsep_offline.training.log import RunLog, read_log
from streamsep_offline.training.loop import Loop
from streamsep_offline.training.settings import Stage, Training
from streamsep_offline.training.tasks.cue_lstm import CueDesign, CueTask

DESIGN = CueDesign("cue_lstm", n_input=16, n_hidden=12, local=(8, 6))
BOTH_WAYS = dataclasses.replace(DESIGN, kind="cue_bilstm", profile="studio", fine=True)
RATES = ({"tables": 2e-2, "context": 3e-3}, {"tables": 5e-3, "local": 3e-3})
TRAINING = Training(tuple(Stage(6, rates=rates) for rates in RATES), batch=2, check_every=3)


def _train(shard, spec, folder, training=TRAINING):
    feed, task = CueFeed([Pool((shard,), 1.0)], [shard], 2, 3, 2.5), CueTask(DESIGN, spec, 3)
    log, fabric = RunLog(folder), Fabric(accelerator="cpu", devices=1)
    memory = Loop(task, feed, training, 3, folder, log, fabric).run()
    log.close()
    return task, memory, read_log(folder)


def test_training_starts_as_the_separator_without_weights_and_gets_better(shard, spec, tmp_path):
    task, memory, rows = _train(shard, spec, tmp_path)
    untrained = CueTask(DESIGN, spec, 3)
    feed = CueFeed([Pool((shard,), 1.0)], [shard], 2, 3, 2.5)
    loop = Loop(untrained, feed, TRAINING, 3, tmp_path / "x", None, Fabric(accelerator="cpu"))
    assert memory["best_loss"] < loop.select_loss(untrained.network) - 0.2
    assert len(rows) == 12
    task.export(tmp_path / "model", {"name": "mine"})
    model = load_model(tmp_path / "model")
    assert model.card["name"] == "mine"
    spectrum = torch.randn(1, 2, 1025, 5, dtype=torch.complex64)
    with torch.inference_mode():
        ours, again = task.network.offline(spectrum), from_model(model, spec).offline(spectrum)
    assert torch.allclose(ours, again, atol=1e-6)


def test_a_group_without_a_rate_stays_as_it_is(shard, spec, tmp_path):
    training = dataclasses.replace(TRAINING, stages=(Stage(2, rates={"tables": 1e-2}),))
    task, _, _ = _train(shard, spec, tmp_path, training)
    weights = task.network.state_dict()
    assert float(weights["slopes"].abs().max()) > 0.0
    assert float(weights["context_output.weight"].abs().max()) == 0.0


def test_one_that_hears_both_ways_learns_with_both_experts(both_ways_shard, studio, tmp_path):
    def feed():
        pool, names = Pool((both_ways_shard,), 1.0), BOTH_WAYS.arrays
        return CueFeed([pool], [both_ways_shard], 2, 3, 2.5, names)

    task, log, fabric = CueTask(BOTH_WAYS, studio, 3), RunLog(tmp_path), Fabric(accelerator="cpu")
    memory = Loop(task, feed(), TRAINING, 3, tmp_path, log, fabric).run()
    log.close()
    untrained = CueTask(BOTH_WAYS, studio, 3)
    loop = Loop(untrained, feed(), TRAINING, 3, tmp_path / "x", None, fabric)
    assert memory["best_loss"] < loop.select_loss(untrained.network) - 0.2
    for name, weight in task.network.named_parameters():
        assert not torch.equal(weight, untrained.network.get_parameter(name)), name
    experts = (task.network.forwards, task.network.backwards)
    assert not torch.equal(*(expert.slopes for expert in experts)), "they know other things"
    task.export(tmp_path / "model", {"name": "mine"})
    model = load_model(tmp_path / "model")
    assert (model.kind, model.card["name"]) == ("cue_bilstm", "mine")
    spectrum = torch.randn(1, 2, 2049, 5, dtype=torch.complex64)
    with torch.inference_mode():
        ours = task.network.offline(spectrum)
        again = cue_bilstm.from_model(model, studio).offline(spectrum)
    assert torch.allclose(ours, again, atol=1e-6)


@pytest.mark.parametrize("design", [DESIGN, BOTH_WAYS])
def test_every_weight_is_in_one_group(studio, design):
    task = CueTask(design, studio, 3)
    grouped = [id(w) for group in task.groups().values() for w in group.weights]
    assert sorted(grouped) == sorted(id(w) for w in task.network.parameters())
    assert [name for name, group in task.groups().items() if not group.has_decay] == ["tables"]
    with pytest.raises(KeyError):
        task.groups()["all"]


@pytest.mark.parametrize("precision", ["32-true", "bf16-mixed"])
def test_a_step_is_taken_in_either_precision(shard, spec, precision):
    feed = CueFeed([Pool((shard,), 1.0)], [shard], 2, 3, 2.5)
    fabric = Fabric(accelerator="cpu", devices=1, precision=precision)
    task = fabric.setup(CueTask(DESIGN, spec, 3))
    batch = tuple(torch.as_tensor(x) for x in feed.read(0, 0, 1))
    (piece,) = task.pieces(batch, 1)
    loss, _ = task(piece, None)
    fabric.backward(loss)
    assert bool(torch.isfinite(loss))
    gradients = [w.grad for w in task.parameters()]
    assert all(g is None or (g.dtype == torch.float32 and g.isfinite().all()) for g in gradients)
    assert any(g is not None and g.any() for g in gradients)


def test_a_step_is_computed_where_the_weights_are(shard, spec):
    """Nothing is left on the processor: on "meta", as on a GPU, tensors of two devices do not mix."""
    feed = CueFeed([Pool((shard,), 1.0)], [shard], 2, 3, 2.5)
    task = CueTask(DESIGN, spec, 3).to("meta")
    batch = tuple(torch.as_tensor(x).to("meta") for x in feed.read(0, 0, 1))
    (piece,) = task.pieces(batch, 1)
    loss, _ = task(piece, None)
    loss.backward()
    assert loss.device.type == "meta"
    assert task.network.lstm.weight_hh_l0.grad is not None
