import pytest

from streamsep.errors import ParameterError, PresetError
from streamsep.spec import PROFILES
from streamsep_offline.training.recipe import make_recipe, read_recipe, recipe_files

RECIPES = sorted(recipe_files())


@pytest.mark.parametrize("name", RECIPES)
def test_recipes_that_come_with_it_are_read(name):
    recipe = read_recipe(name)
    assert recipe.name == name
    assert recipe.description
    assert make_recipe(recipe.table) == recipe


def test_there_is_a_cue_model_for_each_profile():
    assert {f"cue-{profile}" for profile in PROFILES} < set(RECIPES)
    assert all(read_recipe(f"cue-{name}").model.profile == name for name in PROFILES)


def test_lists_of_songs_share_none():
    recipe = read_recipe("4stems-stage")
    assert recipe.songs.recorded_share <= 0.2  # three songs of one act must not become the model
    lists = [set(getattr(recipe.songs, name).folders) for name in ("train", "select", "report")]
    assert sum(map(len, lists)) == len(set.union(*lists))
    assert not any("development" in folder for folder in lists[0] | lists[1])


def test_keys_are_set_from_outside():
    changes = [
        "training.batch=4",
        "training.stages.0.steps=7",
        "data.layout=musdb",
        "data.targets=['a']",
    ]
    recipe = read_recipe("tiny", changes)
    assert (recipe.training.batch, recipe.training.n_steps) == (4, 7)
    assert (recipe.data.layout, recipe.data.targets) == ("musdb", ("a",))
    assert read_recipe("tiny").training.n_steps != 7


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ("training.batches=4", "no key 'batches'; did you mean 'batch'"),
        ("training.batch=many", "training.batch is 'many', expected a whole number"),
        ("training.batch", "expected key=value"),
        ("training.stages.5.steps=1", "nothing of that name"),
        ("training.average=1.5", "training.average is 1.5, expected 0 to below 1"),
        ("training.accumulate=3", "a divisor of batch"),
        ("training.seeds=[2, 2]", r"training.seeds is \(2, 2\), expected each once"),
        ("training.seeds=[-1]", "expected 0 or more"),
        ("training.betas=[0.9, 1.0]", r"expected 0 to below 1"),
        ("training.stages.0.schedule=linear", "schedule"),
        (
            "model.kind=transformer",
            "is 'transformer'; there are: cue_lstm, cue_bilstm, open_unmix",
        ),
        ("model.learns=phase", "model.learns is 'phase'"),
        ("model.bidirectional=true", "magnitudes"),
        ("loss.kind=magnitude_mes", "did you mean 'magnitude_mse'"),
        ("loss=mse", "loss is 'mse', expected a table"),
        ("augment=5", "augment is 5, expected tables"),
        ("augment=[1]", "expected tables"),
        ("data.targets=vocals", r'expected a list, as in \["vocals"\]'),
        ("modle.kind=x", "no key 'modle'; did you mean 'model'"),
    ],
)
def test_a_change_that_does_not_fit_is_refused(change, message):
    with pytest.raises(ParameterError, match=message):
        read_recipe("tiny", [change])


def test_a_cue_model_refuses_what_its_stored_examples_cannot_hold():
    with pytest.raises(ParameterError, match=r"augment 'noise' changes what is heard only"):
        read_recipe("cue-stage", ["augment=[{kind='noise'}]"])
    assert read_recipe("umx-causal", ["augment=[{kind='noise'}]"]).augment == ({"kind": "noise"},)


def test_unknown_names_and_broken_files_are_told(tmp_path):
    with pytest.raises(ParameterError, match="did you mean 'tiny'"):
        read_recipe("tinny")
    with pytest.raises(ParameterError, match="cannot be read"):
        read_recipe(str(tmp_path / "none.toml"))
    broken = tmp_path / "broken.toml"
    broken.write_text("name = ")
    with pytest.raises(ParameterError, match=r"is no TOML .*mend"):
        read_recipe(str(broken))
    with pytest.raises(PresetError, match="profile 'stag'"):
        read_recipe("tiny", ["model.profile=stag"])


def test_a_cue_model_that_hears_both_ways_needs_a_symmetric_window():
    recipe = read_recipe("4stems-offline")
    assert recipe.model.bidirectional
    assert not read_recipe("4stems-stage").model.bidirectional
    with pytest.raises(ParameterError, match="'stage' has an asymmetric window"):
        read_recipe("4stems-offline", ["model.profile=stage"])
    with pytest.raises(ParameterError, match=r"augment 'noise' changes what is heard only"):
        read_recipe("4stems-offline", ["augment=[{kind='noise'}]"])


@pytest.mark.parametrize(
    "name", ["4stems-offline", "4stems-studio", "4stems-stage-further", "umx-causal-stage"]
)
def test_no_other_model_learns_from_songs_that_one_is_scored_by(name):
    ours, live = (read_recipe(one).table["songs"] for one in (name, "4stems-stage"))
    assert all(ours[key] == live[key] for key in ("seed", "select", "report"))
    # Made songs of the list train, however many, are of other instruments and singers.
    assert ours["train"]["folders"] == live["train"]["folders"]
