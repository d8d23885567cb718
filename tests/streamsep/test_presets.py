import json

import numpy as np
import pytest

from streamsep import Separator
from streamsep.errors import EngineError, PresetError
from streamsep.presets import find_preset, preset_files

GOOD = {
    "format": "streamsep-preset",
    "version": 1,
    "model": {"kind": "classic", "settings": {"bass_hz": 120.0}},
    "stems": ["2stems"],
    "profiles": ["tight"],
    "licence": "MIT",
}


def test_names_carry_a_selection():
    preset = find_preset("classic-2stems-tight")
    assert (preset.name, preset.stem_set, preset.profile) == ("classic", "2stems", "tight")
    assert find_preset("classic").profile == "stage"
    assert find_preset("classic", profile="instant", stem_set="5stems").stems[3] == "piano"


@pytest.mark.parametrize("name", sorted(preset_files()))
def test_every_bundled_preset_loads_and_runs(name):
    if find_preset(name).load().is_offline:
        with pytest.raises(EngineError, match="streamsep separate SONG --model"):
            Separator.from_preset(name)
        return
    separator = Separator.from_preset(name)
    x = np.random.default_rng(0).uniform(-0.1, 0.1, (2, 4096)).astype(np.float32)
    assert np.isfinite(separator.process(x)).all()


def test_by_path_and_by_folder(tmp_path, monkeypatch):
    path = tmp_path / "mine.json"
    path.write_text(json.dumps(GOOD))
    preset = find_preset(str(path))
    assert preset.load().settings == {"bass_hz": 120.0}
    monkeypatch.setenv("STREAMSEP_PRESETS", str(tmp_path))
    assert find_preset("mine").profile == "tight"
    assert "mine" in preset_files()


def test_a_preset_may_ask_for_the_wiener_filter(tmp_path):
    path = tmp_path / "mine.json"
    path.write_text(json.dumps({**GOOD, "wiener": True}))
    assert Separator.from_preset(str(path)).spec.has_wiener
    assert not Separator.from_preset(str(path), wiener=False).spec.has_wiener
    assert not Separator.from_preset("classic").spec.has_wiener


def test_a_missing_profile_lists_the_presets_that_have_it(tmp_path, monkeypatch):
    (tmp_path / "mine.json").write_text(json.dumps(GOOD))
    monkeypatch.setenv("STREAMSEP_PRESETS", str(tmp_path))
    with pytest.raises(PresetError, match="presets with 2stems at 'studio': classic"):
        find_preset("mine", profile="studio")
    with pytest.raises(PresetError, match="it exists for stems 2stems"):
        find_preset("mine", stem_set="4stems")
    with pytest.raises(PresetError, match="choose one of: studio"):
        find_preset("mine", profile="fast")
    with pytest.raises(PresetError, match="has no '4stems'"):
        find_preset("mine-4stems")


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"format": "other"}, "not a streamsep preset"),
        ({"version": 2}, "version 2, this program reads 1"),
        ({"model": {"kind": "magic"}}, "kind 'magic' is unknown"),
        ({"profiles": []}, "damaged"),
        ({"stems": ["9stems"]}, "choose one of: 2stems"),
        ({"stems": None}, "damaged"),
        ({"wiener": "yes"}, "wiener is 'yes', not true or false"),
    ],
)
def test_bad_files_get_one_clear_line(tmp_path, change, message):
    path = tmp_path / "bad.json"
    path.write_text(json.dumps({**GOOD, **change}))
    with pytest.raises(PresetError, match=message) as caught:
        find_preset(str(path))
    assert "\n" not in str(caught.value)


def test_unreadable_json_and_missing_file(tmp_path):
    (tmp_path / "bad.json").write_text("{")
    with pytest.raises(PresetError, match="not readable JSON"):
        find_preset(str(tmp_path / "bad.json"))
    with pytest.raises(PresetError, match="no preset file"):
        find_preset(str(tmp_path / "none.json"))


def test_unnamed_is_the_best_that_has_what_is_asked_for():
    assert find_preset().name == "4stems-stage"
    assert find_preset(profile="stage", stem_set="4stems").name == "4stems-stage"
    assert find_preset(profile="tight").name == "4stems-tight"
    assert find_preset(profile="instant", stem_set="2stems").name == "2stems-instant"
    assert find_preset(profile="studio").name == "4stems-studio"
    assert find_preset(stem_set="5stems").name == "5stems-stage"
    assert find_preset(profile="studio", stem_set="5stems").name == "classic"
    assert find_preset(stem_set="2stems").profile == "stage"
    with pytest.raises(PresetError, match="choose one of: studio"):
        find_preset(profile="fast")
    with pytest.raises(PresetError, match="choose one of: 2stems"):
        find_preset(stem_set="9stems")


@pytest.mark.parametrize("name", sorted(preset_files()))
def test_every_model_with_weights_has_a_card_and_is_small(name):
    model = find_preset(name).load()
    if not model.weights:
        return
    assert sum(w.nbytes for w in model.weights.values()) <= 16e6
    for entry in ("licence", "sources", "seeds", "known_failures", "scores_share_closed_percent"):
        assert model.card[entry]
    assert model.card["weights"] == model.n_weights
