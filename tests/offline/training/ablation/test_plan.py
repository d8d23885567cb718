"""Plans: those that ship compare what they say, and what cannot be compared is refused."""

import pytest

from streamsep.errors import ParameterError
from streamsep_offline.training.ablation.__main__ import find_plan
from streamsep_offline.training.ablation.plan import examples_key, read_plan
from streamsep_offline.training.recipe import read_recipe


def _recipes(name):
    plan = read_plan(find_plan(name))
    return {variant.name: plan.recipe_of(variant) for variant in plan.variants}


def test_all_variants_of_the_ablation_learn_from_as_many_songs_as_the_first():
    recipes = _recipes("ablation")
    assert {(r.songs.train.made, r.songs.train.of) for r in recipes.values()} == {(150, 450)}
    assert {r.training.seeds for r in recipes.values()} == {(1, 2, 3)}
    whole = recipes["base"]
    for name, kind in (
        ("no-equaliser", "equalise"),
        ("no-width", "width"),
        ("no-repitch", "repitch"),
    ):
        changed = [
            after
            for before, after in zip(whole.augment, recipes[name].augment, strict=True)
            if before != after
        ]
        assert [(one["kind"], one["chance"]) for one in changed] == [(kind, 0)]
    assert len({examples_key(recipe) for recipe in recipes.values()}) == len(recipes)


def test_learning_curves_share_examples_where_only_the_network_differs():
    recipes = _recipes("learning-curves")
    keys = {name: examples_key(recipe) for name, recipe in recipes.items()}
    assert len(set(keys.values())) == 4
    assert keys["songs-450"] == keys["hidden-64"] == keys["hidden-512"]
    assert sorted({r.model.n_hidden for r in recipes.values()}) == [64, 128, 256, 512]
    assert sorted({r.songs.train.made for r in recipes.values()}) == [50, 100, 200, 450]


def test_plans_are_no_recipes():
    with pytest.raises(ParameterError, match="recipe 'ablation' is unknown"):
        read_recipe("ablation")


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        (
            "wider",
            "base",
            r"has variants \['base', 'base', 'no-metal'\]; name at least one, each once",
        ),
        ("wider", "Wi der", "variant 'Wi der' cannot name a folder"),
        (
            '"weights"]\n[[variants]]\nname = "no',
            '"size"]\n[[variants]]\nname = "no',
            "curve 'size' is unk",
        ),
        (
            "n_hidden=8",
            "n_hiden=8",
            "variant 'wider': model has no key 'n_hiden'; did you mean 'n_hidden'",
        ),
        (
            "model.n_hidden=8",
            "model.profile=tight",
            "variant 'wider' has another model.profile than the f",
        ),
        ("model.n_hidden=8", "songs.select.made=2", "another songs.select than the first"),
        (
            "model.n_hidden=8",
            "model.kind=cue_bilstm",
            "cannot|compare models of kind 'cue_lstm'|symmetric",
        ),
        ('recipe = "small.toml"', 'recipe = "cue-stage"', "has no lists of songs"),
        ("seeds = [1, 2]", "seeds = [1, 1]", "variant 'base': training.seeds"),
        ("seeds", "seed", "plan has no key 'seed'; did you mean 'seeds'"),
        ("seeds = [", "seeds = ", "is no TOML"),
    ],
)
def test_plans_that_cannot_be_are_refused(place, old, new, message):
    path = place / "plan.toml"
    text = path.read_text().replace(old, new, 1)
    assert text != path.read_text()
    path.write_text(text)
    with pytest.raises(ParameterError, match=message):
        read_plan(path)
