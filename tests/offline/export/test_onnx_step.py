import sys

import numpy as np
import pytest

from signals import music
from streamsep import Separator
from streamsep.errors import CheckpointError, EngineError, MissingExtraError, ParameterError
from streamsep.model import Model
from streamsep.presets import find_preset
from streamsep.spec import PROFILES, STEM_SETS
from streamsep_offline.export.onnx_runner import OnnxEngine, OnnxSeparator
from streamsep_offline.export.onnx_step import export_onnx

CASES = [
    ("cue_lstm", {}, 44100, 2),
    ("cue_lstm", {"profile": "instant", "stem_set": "2stems", "local": None}, 48000, 2),
    ("cue_lstm", {"profile": "studio", "stem_set": "5stems"}, 44100, 1),
    ("open_unmix", {}, 44100, 2),
    ("open_unmix", {"profile": "studio", "channels": 1, "nb_layers": 2}, 44100, 1),
    ("open_unmix", {"profile": "tight", "residual_network": False}, 48000, 2),
    ("open_unmix", {"mask": "softmax", "exponent": 1.0, "residual_network": False}, 44100, 2),
    ("classic", {"stem_set": "5stems"}, 44100, 2),
    ("classic", {"profile": "tight", "stem_set": "2stems"}, 48000, 1),
]


@pytest.mark.parametrize(("kind", "keys", "rate", "channels"), CASES)
def test_every_kind_is_the_separator_hop_by_hop(kind, keys, rate, channels, make_model, tmp_path):
    model = make_model(kind, **keys)
    export_onnx(model, tmp_path / "step.onnx", rate, channels)
    exported = OnnxSeparator(tmp_path / "step.onnx")
    audio = music(1.5, rate, channels)
    stems = exported.separate(audio, rate)
    wanted = Separator(model, sample_rate=rate, channels=channels, engine="torch").separate(audio)
    assert stems.shape == wanted.shape
    assert np.abs(stems - wanted).max() < 1e-5
    assert np.abs(wanted[0]).max() > 0.01


@pytest.mark.parametrize("preset", ["4stems-stage", "2stems-tight"])
def test_the_shipped_model_over_seconds_with_gaps_and_bursts(preset, tmp_path):
    """Memories that wait through silence and disbelieve a burst are carried as they should be."""
    audio = music(6.0)
    audio[:, 2 * 44100 : 3 * 44100] = 0.0
    audio[:, 4 * 44100 : 4 * 44100 + 3000] *= 200.0
    model = find_preset(preset).load()
    export_onnx(model, tmp_path / "step.onnx")
    stems = OnnxSeparator(tmp_path / "step.onnx").separate(audio, 44100)
    wanted = Separator(model, engine="torch").separate(audio)
    differences = np.abs(stems - wanted).max((0, 1))
    near_burst = np.s_[4 * 44100 - 2048 : 4 * 44100 + 3000 + 2048]
    assert differences.max() < 1e-5 * np.abs(audio).max()
    differences[near_burst] = 0.0
    assert differences.max() < 1e-5
    assert np.abs(audio).max() > 10.0


@pytest.mark.parametrize("kind", ["cue_lstm", "open_unmix", "classic"])
def test_stems_sum_to_the_delayed_audio_whatever_a_host_sends(kind, make_model, tmp_path):
    export_onnx(make_model(kind), tmp_path / "step.onnx")
    engine = OnnxEngine(tmp_path / "step.onnx")
    hop, latency = engine.spec.profile.hop, engine.spec.latency_samples
    audio = music(1.0)[:, : 60 * hop].copy()
    audio[0, 5000], audio[1, 9000], audio[0, 12000] = np.nan, np.inf, 1e6
    state, parts = engine.init_state(), []
    for start in range(0, audio.shape[1], hop):
        stems, state = engine.stems(audio[:, start : start + hop], state)
        parts.append(stems)
    stems = np.concatenate(parts, axis=-1)
    assert np.isfinite(stems).all()
    clean = np.clip(np.nan_to_num(audio, nan=0.0, posinf=0.0), -256, 256)
    np.testing.assert_allclose(stems.sum(0)[:, latency:], clean[:, :-latency], atol=1e-4)
    assert not stems.sum(0)[:, :latency].any()


def test_the_file_says_what_a_host_needs(make_model, tmp_path):
    path = tmp_path / "step.onnx"
    export_onnx(make_model("cue_lstm"), path, 48000)
    description = OnnxEngine(path).description
    assert description["targets"] == list(STEM_SETS["4stems"])
    assert (description["sample_rate"], description["channels"]) == (48000, 2)
    assert (description["hop"], description["latency_samples"]) == (512, 512)
    assert description["states"]["hidden"] == [1, 12]
    assert path.stat().st_size < 2e6


def test_standard_operators_only(make_model, tmp_path):
    """Opset 18 of the standard domain: what any runtime has."""
    import onnx

    for kind in ("cue_lstm", "open_unmix", "classic"):
        path = tmp_path / f"{kind}.onnx"
        export_onnx(make_model(kind), path)
        loaded = onnx.load(path)
        assert [(each.domain, each.version) for each in loaded.opset_import] == [("", 18)]
        assert {node.domain for node in loaded.graph.node} == {""}
        assert "DFT" not in {node.op_type for node in loaded.graph.node}


def test_what_cannot_be_exported_is_named(make_model, tmp_path):
    path = tmp_path / "step.onnx"
    with pytest.raises(ParameterError, match="sample_rate=32000 is not served"):
        export_onnx(make_model("classic"), path, 32000)
    with pytest.raises(ParameterError, match=r"channels=1 is not served by this model; use 2"):
        export_onnx(make_model("open_unmix"), path, channels=1)
    with pytest.raises(EngineError, match="'future' cannot be exported"):
        export_onnx(Model("future", PROFILES["stage"], STEM_SETS["4stems"]), path)
    with pytest.raises(CheckpointError, match="missing"):
        export_onnx(Model("cue_lstm", PROFILES["stage"], STEM_SETS["4stems"]), path)
    assert not path.exists()


def test_without_onnx_the_extra_is_named(make_model, tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "onnx", None)
    with pytest.raises(MissingExtraError, match=r"streamsep\[bench\]"):
        export_onnx(make_model("classic"), tmp_path / "step.onnx")


def test_what_hears_the_future_has_no_step(tmp_path):
    model = Model("cue_bilstm", PROFILES["studio"], STEM_SETS["4stems"])
    with pytest.raises(EngineError, match="use: streamsep separate"):
        export_onnx(model, tmp_path / "step.onnx")
    assert not any(tmp_path.iterdir())
