"""The graph's program without a graph, on the CPU: equal to the reference, and what a capture needs."""

import gc

import numpy as np
import pytest
import torch

import streamsep.separator
from contract import verify_separator
from signals import music
from streamsep import Separator
from streamsep.commands.main import main
from streamsep.engine import create_engine
from streamsep.engine.graph.engine import GraphEngine
from streamsep.errors import EngineError, EngineWarning
from streamsep.model import Model
from streamsep.models.open_unmix_random import random_model
from streamsep.presets import find_preset
from streamsep.spec import PROFILES, STEM_SETS, Profile, StreamSpec

SMALL = Profile("small", 256, 128, 64)
FOUR = STEM_SETS["4stems"]


def models() -> dict[str, Model]:
    return {
        "classic": Model("classic", SMALL, STEM_SETS["5stems"]),
        "ratio": random_model(SMALL, FOUR, 24),
        "softmax": random_model(SMALL, FOUR, 17, mask="softmax", residual_network=False),
        "one channel": random_model(SMALL, STEM_SETS["2stems"], 9, channels=1, nb_layers=1),
        "cue_lstm": find_preset("4stems-stage").load(),
    }


def spec_for(model, has_wiener=False, channels=None) -> StreamSpec:
    return StreamSpec(
        model.profile, 44100, channels or model.channels or 2, model.targets, has_wiener
    )


def on_cpu(model, spec, precision="float32") -> GraphEngine:
    return GraphEngine(model, spec, precision, device="cpu")


def hops(spec, sound):
    n = sound.shape[1] // spec.profile.hop
    whole = np.ascontiguousarray(sound[: spec.channels, : n * spec.profile.hop])
    return np.split(whole, n, axis=1)


@pytest.mark.parametrize("has_wiener", [False, True])
@pytest.mark.parametrize("name", models())
def test_every_hop_equals_the_reference(name, has_wiener):
    model = models()[name]
    spec = spec_for(model, has_wiener)
    ours, theirs = on_cpu(model, spec), create_engine("torch", model, spec)
    a, b, largest = ours.init_state(), theirs.init_state(), 0.0
    sound = music(0.4, channels=spec.channels)
    sound[:, 6000:9000] = 0.0
    for hop in hops(spec, sound):
        stems, a = ours.step(hop, a)
        expected, b = theirs.step(hop, b)
        assert np.abs(stems - expected).max() <= 1e-5
        largest = max(largest, float(np.abs(expected).max()))
    assert np.abs(ours.masks(a) - theirs.masks(b)).max() <= 1e-4
    assert largest > 0.05


@pytest.mark.parametrize("profile", PROFILES)
def test_every_profile_and_one_channel(profile):
    model = Model("classic", PROFILES[profile], STEM_SETS["2stems"])
    spec = spec_for(model, channels=1)
    sound = np.concatenate(hops(spec, music(0.3)), axis=1)
    difference = on_cpu(model, spec).offline(sound) - create_engine("torch", model, spec).offline(sound)
    assert np.abs(difference).max() <= 1e-5


def test_local_network_equals_the_reference():
    from streamsep.models.cue_lstm import CueLstm, to_model

    torch.manual_seed(0)
    spec = StreamSpec(SMALL, 44100, 2, FOUR)
    module = CueLstm(spec, 12, 10, (9, 5))
    with torch.no_grad():
        for weights in module.parameters():
            weights += 0.2 * torch.randn_like(weights)
    model = to_model(module)
    sound = np.concatenate(hops(spec, music(0.3)), axis=1)
    difference = on_cpu(model, spec).offline(sound) - create_engine("torch", model, spec).offline(sound)
    assert np.abs(difference).max() <= 1e-5


@pytest.mark.parametrize("precision", ["bfloat16", "float16"])
@pytest.mark.parametrize("name", ["ratio", "softmax", "cue_lstm"])
def test_half_precision_stays_near_and_finite_at_any_level(name, precision):
    model = models()[name]
    spec = spec_for(model)
    ours, theirs = on_cpu(model, spec, precision), create_engine("torch", model, spec)
    sound = np.concatenate(hops(spec, music(0.3)), axis=1)
    expected = theirs.offline(sound)
    difference = np.abs(ours.offline(sound) - expected).max()
    assert 1e-7 < difference <= {"bfloat16": 0.02, "float16": 0.002}[precision]
    assert np.isfinite(ours.offline(256.0 * np.sign(sound))).all()


def test_streams_that_take_turns_do_not_mix():
    model = models()["ratio"]
    spec = spec_for(model)
    engine, sound = on_cpu(model, spec), music(0.2)
    sounds = [sound, np.ascontiguousarray(sound[:, ::-1]), 0.5 * sound]
    alone = [engine.offline(np.concatenate(hops(spec, x), axis=1)) for x in sounds]
    states = [engine.init_state() for _ in sounds]
    for t, blocks in enumerate(zip(*(hops(spec, x) for x in sounds), strict=True)):
        for k in (2, 0, 1) if t % 2 else (0, 1):
            part = slice(t * spec.profile.hop, (t + 1) * spec.profile.hop)
            if k < 2:
                stems, states[k] = engine.step(blocks[k], states[k])
                assert np.array_equal(stems, alone[k][..., part])
    del states[0]
    gc.collect()
    assert np.array_equal(engine.step(hops(spec, sound)[0], engine.init_state())[0], alone[0][..., :64])


def test_bad_samples_count_as_silence_and_leave_nothing_behind():
    model = models()["cue_lstm"]
    spec = spec_for(model)
    engine = on_cpu(model, spec)
    bad, good = engine.init_state(), engine.init_state()
    for i, hop in enumerate(hops(spec, music(0.3))):
        if i == 5:
            hop[:] = (np.nan, np.inf) * (hop.shape[1] // 2)
        stems, bad = engine.step(hop, bad)
        stems = stems.copy()
        expected, good = engine.step(np.zeros_like(hop) if i == 5 else hop, good)
        assert np.array_equal(stems, expected)


@pytest.mark.parametrize("name", ["classic", "ratio"])
def test_contract_of_a_separator(name, monkeypatch):
    """Blocks of any size, sum, causality, silence, bad input: what every engine has to show."""
    monkeypatch.setattr(
        streamsep.separator, "create_engine", lambda _, model, spec, precision: on_cpu(model, spec)
    )
    short = Profile("short", 512, 512, 256)
    model = {
        "classic": Model("classic", short, STEM_SETS["2stems"]),
        "ratio": random_model(short, STEM_SETS["2stems"], 9, nb_layers=1),
    }[name]
    verify_separator(lambda: Separator(model, engine="graph"), music(0.4))


def test_a_hop_moves_no_buffer():
    model = models()["ratio"]
    engine = on_cpu(model, spec_for(model))
    state, before = engine.init_state(), engine.replay.addresses()
    for hop in hops(engine.spec, music(0.05)):
        stems, state = engine.step(hop, state)
    assert engine.replay.addresses() == before
    assert stems.ctypes.data == engine.replay.stems.ctypes.data


def test_without_cuda_the_compiled_engine_runs_and_one_line_says_so():
    if torch.cuda.is_available():
        pytest.skip("there is a card here")
    model = models()["classic"]
    with pytest.warns(EngineWarning, match="engine 'compiled' runs in float32") as told:
        engine = create_engine("graph", model, spec_for(model), "bfloat16")
    assert (engine.name, engine.precision, len(told)) == ("compiled", "float32", 1)
    with pytest.raises(EngineError, match="install an NVIDIA driver"):
        GraphEngine(model, spec_for(model))


def test_what_cannot_be_is_refused_with_a_remedy():
    model = models()["classic"]
    with pytest.raises(EngineError, match="float32, bfloat16, float16, not int8; use --engine compiled"):
        on_cpu(model, spec_for(model), "int8")
    with pytest.raises(EngineError, match="not bfloat16; use --engine graph"):
        create_engine("compiled", model, spec_for(model), "bfloat16")


def test_command_line_says_it_in_one_line(tmp_path, capsys):
    if torch.cuda.is_available():
        pytest.skip("there is a card here")
    import soundfile

    soundfile.write(tmp_path / "song.wav", music(0.3).T, 44100)
    words = ["stream", str(tmp_path / "song.wav"), "--engine", "graph", "--preset", "classic"]
    assert main([*words, "-o", str(tmp_path / "stems"), "--quiet"]) == 0
    assert capsys.readouterr().err.splitlines() == [
        "streamsep: engine 'graph' finds no CUDA device here, so engine 'compiled' runs in float32"
    ]
