import dataclasses

import numpy as np
import pytest
import torch

from streamsep.errors import CheckpointError, ParameterError
from streamsep.model import save_model
from streamsep.models import cue_bilstm
from streamsep.models.cue_bilstm import CueBilstm
from streamsep.models.cue_lstm import CueLstm
from streamsep.models.cue_lstm_weights import to_model
from streamsep.spec import PROFILES, StreamSpec
from streamsep_offline.training.recipe import read_recipe
from streamsep_offline.training.run import Run
from streamsep_offline.training.start import (
    START,
    begin_from,
    blend,
    blend_with_start,
    keep_start,
    started_task,
)

FIVE = ("vocals", "drums", "bass", "piano", "other")


def _taught(spec, n_input=5, n_hidden=6, local=None, fine=False):
    """A network that says something everywhere."""
    torch.manual_seed(1)
    network = CueLstm(spec, n_input, n_hidden, local, fine=fine)
    with torch.no_grad():
        for weight in network.parameters():
            weight += 0.2 * torch.randn_like(weight)
    return network.eval()


@pytest.fixture
def spectrum(spec):
    torch.manual_seed(2)
    return torch.randn(1, 2, spec.profile.n_bins, 12, dtype=torch.complex64)


def _masks(network, spectrum):
    with torch.inference_mode():
        return network.eval().offline(spectrum)


@pytest.mark.parametrize("fine", [False, True])
@pytest.mark.parametrize("sizes", [(5, 6), (9, 6), (5, 11), (9, 11)])
def test_a_wider_network_begins_as_the_model_it_grew_from(spec, spectrum, sizes, fine):
    known = _taught(spec)
    torch.manual_seed(3)
    grown = CueLstm(spec, *sizes, fine=fine)
    begin_from(grown, to_model(known))
    assert torch.allclose(_masks(grown, spectrum), _masks(known, spectrum), atol=1e-6)


def test_new_units_learn(spec, spectrum):
    grown = CueLstm(spec, 9, 11)
    begin_from(grown, to_model(_taught(spec)))
    before = {name: w.clone() for name, w in grown.state_dict().items()}
    bands = torch.randn(2, 20, 64, 5)
    optimizer = torch.optim.Adam(grown.parameters(), 1e-2)
    for _ in range(2):
        optimizer.zero_grad()
        grown.context(bands).square().sum().backward()
        optimizer.step()
    for name, new in (
        ("context_output.weight", (slice(None), slice(6, None))),
        ("lstm.weight_hh_l0", (slice(6, 11), slice(None))),
        ("context_input.weight", (slice(5, None), slice(None))),
    ):
        assert float((grown.state_dict()[name] - before[name])[new].abs().max()) > 1e-4


@pytest.mark.parametrize(("local", "fine"), [(None, True), ((4, 3), False)])
def test_a_new_stem_begins_as_half_of_the_rest(spec, spectrum, local, fine):
    known = _taught(spec, local=local, fine=fine)
    grown = CueLstm(dataclasses.replace(spec, targets=FIVE), 5, 6, local, fine=fine)
    begin_from(grown, to_model(known))
    ours, theirs = _masks(grown, spectrum), _masks(known, spectrum)
    summed = torch.cat([ours[:, :3], ours[:, 3:4] + ours[:, 4:]], 1)
    assert torch.allclose(ours[:, 3], ours[:, 4], atol=1e-6)
    difference = (summed - theirs).abs()  # the floor of 1e-3 counts for both parts
    assert float(difference.max()) < 0.02
    assert float(difference.mean()) < 5e-4


def test_another_profile_takes_the_tables_by_frequency(spec):
    known = _taught(spec)
    studio = StreamSpec(PROFILES["studio"], 44100, 2, spec.targets)
    grown = CueLstm(studio, 5, 6)
    begin_from(grown, to_model(known))
    assert torch.equal(grown.slopes, known.slopes)


def test_both_experts_begin_from_one_model_or_from_two(spec):
    studio = StreamSpec(PROFILES["studio"], 44100, 2, spec.targets)
    both = CueBilstm(studio, 5, 7)
    begin_from(both, to_model(_taught(spec)))
    assert torch.equal(both.forwards.slopes, both.backwards.slopes)
    with torch.no_grad():
        both.backwards.bias += 1.0
    wider = CueBilstm(studio, 5, 9)
    begin_from(wider, cue_bilstm.to_model(both))
    assert torch.equal(wider.backwards.bias, both.backwards.bias)
    assert torch.equal(wider.forwards.bias, both.forwards.bias)


@pytest.mark.parametrize(
    ("grown", "known", "message"),
    [
        ({"n_hidden": 4}, {}, r"of \(24, 5\), the recipe \(16, 5\).*n_hidden"),
        ({}, {"local": (4, 3)}, "set model.local, too"),
        ({"local": (5, 3)}, {"local": (4, 3)}, "model.local to its own"),
        ({}, {"fine": True}, r"of \(5, 1436\), the recipe \(5, 320\).*model.fine"),
    ],
)
def test_what_does_not_fit_is_told(spec, grown, known, message):
    model = to_model(_taught(spec, **known))
    with pytest.raises(ParameterError, match=message):
        begin_from(CueLstm(spec, **{"n_input": 5, "n_hidden": 6, **grown}), model)


def test_other_stems_and_other_kinds_are_told(spec):
    model = to_model(_taught(dataclasses.replace(spec, targets=FIVE)))
    with pytest.raises(ParameterError, match="no parts of vocals, drums, bass, other"):
        begin_from(CueLstm(spec, 5, 6), model)
    with pytest.raises(ParameterError, match="kind 'classic'"):
        begin_from(CueLstm(spec, 5, 6), dataclasses.replace(model, kind="classic"))


def test_a_blend_lies_on_the_way_from_the_start(spec):
    known, trained = _taught(spec), CueLstm(spec, 5, 6)
    start, end = known.state_dict(), trained.state_dict()
    for share, expected in ((0.0, start), (1.0, end)):
        assert all(torch.equal(w, expected[k]) for k, w in blend(start, end, share).items())
    half = blend(start, end, 0.5)["bias"]
    assert torch.allclose(half, (start["bias"] + end["bias"]) / 2)
    with pytest.raises(ParameterError, match=r"--blend 1\.5 is out of range"):
        blend(start, end, 1.5)
    with pytest.raises(CheckpointError, match="of another network"):
        blend(CueLstm(spec, 5, 7).state_dict(), end, 0.5)


@pytest.fixture
def run(spec, tmp_path):
    """A run that begins from a model folder."""
    save_model(to_model(_taught(spec)), tmp_path / "model")
    sizes = ["model.n_input=7", "model.n_hidden=8", f"model.start={tmp_path / 'model'}"]
    recipe = read_recipe("4stems-stage", sizes)
    return Run(tmp_path / "run", recipe, tmp_path, tmp_path / "run", spec.targets)


def test_a_run_keeps_what_it_began_from(run, spec, spectrum, tmp_path):
    keep_start(run)
    before = _masks(started_task(run, 1).network, spectrum)
    save_model(to_model(CueLstm(spec, 5, 6)), tmp_path / "model")  # somebody trains it again
    assert torch.equal(_masks(started_task(run, 1).network, spectrum), before)
    (run.seed_folder(1)).mkdir()
    (run.seed_folder(1) / "checkpoint.pt").touch()
    keep_start(run)
    assert (run.folder / START).is_dir()
    assert torch.equal(_masks(started_task(run, 1).network, spectrum), before)


def test_a_trained_network_goes_a_part_of_the_way_back(run):
    task, start = started_task(run, 1), started_task(run, 1).network.state_dict()
    with torch.no_grad():
        task.network.bias += 1.0
    blend_with_start(run, task, 1, 0.25)
    moved = (task.network.bias - start["bias"]).detach().numpy()
    np.testing.assert_allclose(moved, 0.25, atol=1e-5)
    plain = dataclasses.replace(run, recipe=read_recipe("4stems-stage"))
    with pytest.raises(ParameterError, match="began from none"):
        blend_with_start(plain, task, 1, 0.25)
