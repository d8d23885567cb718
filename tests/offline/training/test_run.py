import dataclasses
import json

import pytest

from streamsep.errors import CheckpointError
from streamsep_offline.training.card import make_card
from streamsep_offline.training.checkpoint import save_checkpoint
from streamsep_offline.training.loop import CHECKPOINT, new_memory
from streamsep_offline.training.recipe import read_recipe
from streamsep_offline.training.run import DESCRIPTION, Run, best_seed, read_run


@pytest.fixture
def run(tmp_path):
    recipe = read_recipe("tiny", ["training.seeds=[1, 2, 3]"])
    run = Run(tmp_path / "run", recipe, tmp_path / "songs", tmp_path / "run", ("vocals", "other"))
    run.write()
    return run


def _keep(run, seed, loss):
    memory = {
        **new_memory(),
        "best_loss": loss,
        "best_step": 20,
        "best": {} if loss is None else {"w": 1},
    }
    save_checkpoint(memory, run.seed_folder(seed) / CHECKPOINT)


def test_a_run_is_read_as_it_was_written(run):
    assert read_run(run.folder) == run
    assert run.spec.targets == ("vocals", "other")


def test_the_best_seed_is_the_one_of_the_lowest_select_loss(run):
    for seed, loss in ((1, 2.0), (3, 1.0)):
        _keep(run, seed, loss)
    seed, memory = best_seed(run)
    assert (seed, memory["best_loss"]) == (3, 1.0)


def test_before_the_first_check_there_is_nothing_to_keep(run):
    with pytest.raises(
        CheckpointError, match="no weights yet: train to the first check, every 20 steps"
    ):
        best_seed(run)


def test_what_is_no_run_is_told(tmp_path, run):
    with pytest.raises(CheckpointError, match="is no run"):
        read_run(tmp_path)
    (tmp_path / DESCRIPTION).write_text("{")
    with pytest.raises(CheckpointError, match="not readable JSON"):
        read_run(tmp_path)
    (tmp_path / DESCRIPTION).write_text('{"format": "streamsep-model"}')
    with pytest.raises(CheckpointError, match="of no run"):
        read_run(tmp_path)


def test_the_card_says_what_where_and_how(run):
    memory = {**new_memory(), "step": 60, "best_step": 40, "best_loss": -6.5}
    card = make_card(run, 2, memory, "CC0-1.0", {"share_closed": 0.3})
    assert json.loads(json.dumps(card)) == card
    assert card["trained_on"] == "songs in songs"
    assert (card["seed"], card["steps"], card["best_step"]) == (2, 60, 40)
    assert card["recipe"]["model"]["kind"] == "open_unmix"
    assert card["scores"] == {"share_closed": 0.3}
    made = dataclasses.replace(run, recipe=read_recipe("4stems-stage"))
    assert "450 made songs (seed 1); for 15 %" in make_card(made, 1, memory)["trained_on"]
