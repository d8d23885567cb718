import pytest
import torch

from streamsep.errors import ParameterError
from streamsep_offline.training.optimise import Group, Plateau, make_optimizers, set_rates
from streamsep_offline.training.settings import Stage, Training


def _factors(stage, training, plateau=None):
    weight = torch.nn.Parameter(torch.zeros(1))
    optimizers = make_optimizers({"all": Group([weight])}, stage, training)
    plateau = plateau or Plateau()
    return [set_rates(optimizers, stage, training, d, plateau) for d in range(stage.steps)]


def test_a_cosine_rises_over_the_warm_up_and_falls_to_a_fiftieth():
    stage = Stage(100, 1e-2)
    factors = _factors(stage, Training((stage,), warm_up_steps=10))
    assert factors[0] == pytest.approx(0.1)
    assert max(factors) == factors[9]
    assert factors[50] == pytest.approx(0.5)
    assert factors[-1] == 0.02


def test_a_plateau_lowers_rates_after_its_patience_and_again():
    training = Training((Stage(1, 1.0),), plateau_patience=2, plateau_factor=0.5)
    plateau, factors = Plateau(), []
    for is_better in (True, False, False, False, False, True, False):
        plateau.hear(is_better, training)
        factors.append(plateau.factor)
    assert factors == [1.0, 1.0, 0.5, 0.5, 0.25, 0.25, 0.25]
    assert plateau.n_bad == 1


def test_groups_have_their_own_rates_and_the_others_stay():
    a, b = (torch.nn.Parameter(torch.ones(1)) for _ in range(2))
    groups = {"a": Group([a], has_decay=False), "b": Group([b])}
    stage = Stage(1, rates={"a": 1e-2})
    (optimizer,) = make_optimizers(groups, stage, Training((stage,), weight_decay=0.1))
    assert [group["lr"] for group in optimizer.param_groups] == [1e-2]
    assert optimizer.param_groups[0]["weight_decay"] == 0.0
    assert a.requires_grad
    assert not b.requires_grad
    with pytest.raises(ParameterError, match="did you mean 'a'"):
        make_optimizers(groups, Stage(1, rates={"aa": 1.0}), Training((stage,)))
    with pytest.raises(ParameterError, match="no rate above 0"):
        make_optimizers(groups, Stage(1), Training((stage,)))


def test_muon_moves_matrices_and_adamw_the_rest():
    matrix, vector, table = (torch.nn.Parameter(torch.ones(n)) for n in ((3, 2), (3,), (4, 2)))
    groups = {"a": Group([matrix, vector]), "b": Group([table], has_matrices=False)}
    stage = Stage(1, 1e-2)
    adamw, muon = make_optimizers(groups, stage, Training((stage,), optimizer="muon"))
    moved = [[w for g in one.param_groups for w in g["params"]] for one in (adamw, muon)]
    assert [len(one) for one in moved] == [2, 1]
    assert moved[1][0] is matrix
    assert set_rates([adamw, muon], stage, Training((stage,), warm_up_steps=2), 0, Plateau()) == 0.5
    assert adamw.param_groups[0]["lr"] == muon.param_groups[0]["lr"] == 5e-3


def test_muon_steps_as_far_in_every_direction_however_few_pull():
    # Two inputs, of which one is a hundred times as loud: its column alone is learned by the gradient.
    weight = torch.nn.Parameter(torch.zeros(2, 2))
    training = Training((Stage(1, 1e-2),), optimizer="muon")
    (muon,) = make_optimizers({"all": Group([weight])}, training.stages[0], training)
    weight.grad = torch.tensor([[100.0, 0.0], [0.0, 1.0]])
    muon.step()
    steps = -weight.detach().diagonal()
    assert 0.5 < steps[1] / steps[0] < 2.0
    assert steps.max() < 1e-2
