import json

import numpy as np
import pytest

from streamsep.errors import CheckpointError, EngineError
from streamsep.model import Model, load_model, save_model
from streamsep.spec import PROFILES, STEM_SETS


@pytest.fixture
def folder(tmp_path):
    weights = {
        "vocals.w": np.arange(6, dtype=np.float32).reshape(2, 3),
        "vocals.count": np.array(7, np.int64),
    }
    model = Model(
        "open_unmix",
        PROFILES["stage"],
        STEM_SETS["4stems"],
        2,
        weights=weights,
        card={"licence": "MIT"},
    )
    save_model(model, tmp_path / "m")
    return tmp_path / "m"


def test_round_trip(folder):
    model = load_model(folder)
    assert model.profile == PROFILES["stage"]
    assert model.targets == STEM_SETS["4stems"]
    assert np.array_equal(model.weights["vocals.w"], np.arange(6).reshape(2, 3))
    assert model.weights["vocals.count"].shape == ()
    assert model.n_weights == 7
    assert model.card == {"licence": "MIT"}


def cue_model(targets="4stems", profile="stage"):
    return Model("cue_lstm", PROFILES[profile], STEM_SETS[targets], weights={"bias": np.ones(3)})


def test_cue_models_serve_hops_of_their_window_and_sums_of_their_last_stems(tmp_path):
    model = cue_model()
    other = model.at(PROFILES["instant"], STEM_SETS["2stems"])
    assert (other.profile, other.targets) == (PROFILES["instant"], STEM_SETS["2stems"])
    assert other.classes == model.classes == STEM_SETS["4stems"]
    assert other.weights is model.weights
    assert model.at(PROFILES["stage"], STEM_SETS["4stems"]) == model
    save_model(other, tmp_path)
    again = load_model(tmp_path)
    assert again.classes == STEM_SETS["4stems"]
    assert again.at(PROFILES["tight"], STEM_SETS["2stems"]).classes == STEM_SETS["4stems"]


@pytest.mark.parametrize(
    ("model", "profile", "stems"),
    [
        (cue_model(), "studio", "4stems"),  # another analysis window
        (cue_model(), "stage", "5stems"),  # a stem that it does not know
        (cue_model("2stems"), "stage", "4stems"),
        (Model("open_unmix", PROFILES["stage"], STEM_SETS["4stems"]), "tight", "4stems"),
        (Model("open_unmix", PROFILES["stage"], STEM_SETS["4stems"]), "stage", "2stems"),
    ],
)
def test_what_weights_cannot_do_is_refused(model, profile, stems):
    with pytest.raises(CheckpointError, match=f"at 'stage', not .* at '{profile}'"):
        model.at(PROFILES[profile], STEM_SETS[stems])


def test_half_precision_takes_half_of_the_space_and_is_read_as_float32(tmp_path):
    w = np.random.default_rng(1).standard_normal((300, 40)).astype(np.float32)
    model = Model(
        "cue_lstm", PROFILES["stage"], STEM_SETS["4stems"], weights={"w": w, "n": np.array(7)}
    )
    for is_half, name in ((False, "whole"), (True, "half")):
        save_model(model, tmp_path / name, is_half)
    sizes = [(tmp_path / n / "model.safetensors").stat().st_size for n in ("whole", "half")]
    assert sizes[1] < 0.52 * sizes[0]
    read = load_model(tmp_path / "half").weights
    assert read["w"].dtype == np.float32
    np.testing.assert_allclose(read["w"], w, rtol=2**-11, atol=1e-7)
    assert read["n"] == 7


def test_a_weight_beyond_half_precision_is_told_and_nothing_written(tmp_path):
    model = Model(
        "cue_lstm", PROFILES["stage"], STEM_SETS["4stems"], weights={"w": np.float32([1e5])}
    )
    with pytest.raises(CheckpointError, match="weight 'w' reaches 100000"):
        save_model(model, tmp_path / "half", is_half=True)
    assert not (tmp_path / "half").exists()


def test_models_without_weights_write_none(tmp_path):
    save_model(Model("classic", PROFILES["tight"], STEM_SETS["2stems"]), tmp_path)
    assert [p.name for p in tmp_path.iterdir()] == ["model.json"]
    assert load_model(tmp_path).kind == "classic"


def _edit(folder, **change):
    path = folder / "model.json"
    path.write_text(json.dumps({**json.loads(path.read_text()), **change}))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"format": "pytorch"}, "not a streamsep model"),
        ({"version": 99}, "version 99, this program reads 1"),
        ({"kind": "magic"}, "kind 'magic'"),
        ({"profile": {"name": "x"}}, "damaged"),
        ({"profile": {"name": "x", "n_fft": 3, "synthesis_length": 2, "hop": 1}}, "damaged"),
    ],
)
def test_foreign_or_other_version(folder, change, message):
    _edit(folder, **change)
    with pytest.raises(CheckpointError, match=message):
        load_model(folder)


def test_missing_damaged_and_altered(folder, tmp_path):
    with pytest.raises(CheckpointError, match="no model at"):
        load_model(tmp_path / "nowhere")
    weights = folder / "model.safetensors"
    data = weights.read_bytes()
    weights.write_bytes(data[:-1] + bytes([data[-1] ^ 1]))
    with pytest.raises(CheckpointError, match="sha256"):
        load_model(folder)
    weights.unlink()
    with pytest.raises(CheckpointError, match="missing"):
        load_model(folder)
    (folder / "model.json").write_text("not json")
    with pytest.raises(CheckpointError, match="not readable JSON"):
        load_model(folder)


def test_a_pickle_is_never_opened(folder):
    """A file that is no safetensors is refused even where its digest is recorded."""
    import hashlib

    evil = b"\x80\x04\x95cos\nsystem\n"
    (folder / "model.safetensors").write_bytes(evil)
    _edit(folder, weights_sha256=hashlib.sha256(evil).hexdigest())
    with pytest.raises(CheckpointError, match="not a safetensors file"):
        load_model(folder)


def test_what_hears_the_future_is_refused_as_a_stream():
    model = Model("cue_bilstm", PROFILES["studio"], STEM_SETS["4stems"])
    assert model.is_offline
    with pytest.raises(EngineError, match="use: streamsep separate SONG --model"):
        model.require_stream()
    Model("cue_lstm", PROFILES["studio"], STEM_SETS["4stems"]).require_stream()
