from pathlib import Path

import pytest

from streamsep.errors import ParameterError
from streamsep.spec import PROFILES
from streamsep_offline.training.recipe import read_recipe

RECIPES = sorted((Path(__file__).parents[3] / "offline" / "recipes").glob("*.toml"))


@pytest.mark.parametrize("path", RECIPES, ids=lambda p: p.stem)
def test_recipes_that_come_with_it_are_read(path):
    recipe = read_recipe(path)
    assert recipe.name == path.stem
    assert recipe.profile in PROFILES
    assert recipe.recorded_share <= 0.2  # three songs of one act must not become the model
    lists = [set(getattr(recipe, name).folders) for name in ("train", "select", "report")]
    assert sum(map(len, lists)) == len(set.union(*lists)), "the lists share songs"
    assert not any("development" in folder for folder in lists[0] | lists[1])


def test_a_recipe_that_does_not_fit_is_refused(tmp_path):
    path = tmp_path / "r.toml"
    path.write_text(RECIPES[0].read_text(encoding="utf-8").replace("batch = 8", "batches = 8"))
    with pytest.raises(ParameterError, match="batches"):
        read_recipe(path)
