"""The graph engine equals the reference; on the processor it is the same program without a graph."""

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
from streamsep.presets import find_preset
from streamsep.spec import PROFILES, STEM_SETS, Profile

NAMES = ["classic", "ratio", "softmax", "one channel", "cues", "local", "summed"]


def graph(model, spec, device, precision="float32") -> GraphEngine:
    return GraphEngine(model, spec, precision, device, kernels="plain")


@pytest.mark.parametrize(
    ("name", "has_wiener"), [*((name, False) for name in NAMES), ("classic", True), ("ratio", True)]
)
def test_every_hop_equals_the_reference(name, has_wiener, device, models, spec_for, hops):
    model = models[name]
    spec = spec_for(model, has_wiener)
    ours, theirs = graph(model, spec, device), create_engine("torch", model, spec)
    a, b, largest = ours.init_state(), theirs.init_state(), 0.0
    sound = music(0.25, channels=spec.channels)
    sound[:, 4000:6000] = 0.0
    sound[:, 7000:8000] *= 40.0
    for hop in hops(spec, sound):
        stems, a = ours.step(hop, a)
        expected, b = theirs.step(hop, b)
        largest = max(largest, float(np.abs(expected).max()))
        assert np.abs(stems - expected).max() <= 1e-5 * max(1.0, largest)
    assert np.abs(ours.masks(a) - theirs.masks(b)).max() <= 1e-4
    assert largest > 0.05


@pytest.mark.parametrize("profile", PROFILES)
def test_every_profile_and_one_channel(profile, device, spec_for, hops):
    model = Model("classic", PROFILES[profile], STEM_SETS["2stems"])
    spec = spec_for(model, channels=1)
    sound = np.concatenate(hops(spec, music(0.15)), axis=1)
    expected = create_engine("torch", model, spec).offline(sound)
    assert np.abs(graph(model, spec, device).offline(sound) - expected).max() <= 1e-5


def test_the_shipped_model_equals_the_reference(device, spec_for, hops):
    model = find_preset("4stems-stage").load()
    spec = spec_for(model, has_wiener=True)
    sound = np.concatenate(hops(spec, music(0.3)), axis=1)
    expected = create_engine("torch", model, spec).offline(sound)
    assert np.abs(graph(model, spec, device).offline(sound) - expected).max() <= 1e-5


@pytest.mark.parametrize("precision", ["bfloat16", "float16"])
@pytest.mark.parametrize("name", ["ratio", "softmax", "local"])
def test_half_precision_stays_near_and_finite_at_any_level(
    name, precision, device, models, spec_for, hops
):
    model = models[name]
    spec = spec_for(model)
    ours = graph(model, spec, device, precision)
    sound = np.concatenate(hops(spec, music(0.2)), axis=1)
    expected = create_engine("torch", model, spec).offline(sound)
    difference = np.abs(ours.offline(sound) - expected).max()
    assert 1e-7 < difference <= {"bfloat16": 0.03, "float16": 0.004}[precision]
    assert np.isfinite(ours.offline(256.0 * np.sign(sound))).all()


def test_streams_that_take_turns_do_not_mix(device, models, spec_for, hops):
    spec = spec_for(models["ratio"])
    engine, sound = graph(models["ratio"], spec, device), music(0.1)
    sounds = [hops(spec, x) for x in (sound, np.ascontiguousarray(sound[:, ::-1]))]
    alone = [engine.offline(np.concatenate(x, axis=1)) for x in sounds]
    states = [engine.init_state() for _ in sounds]
    for t in range(len(sounds[0])):
        for k in (0, 1):
            stems, states[k] = engine.step(sounds[k][t], states[k])
            assert np.array_equal(stems, alone[k][..., t * 64 : (t + 1) * 64])
    states.clear()
    gc.collect()
    stems, _ = engine.step(sounds[0][0], engine.init_state())
    assert np.array_equal(stems, alone[0][..., :64])


def test_bad_samples_count_as_silence_and_leave_nothing_behind(device, models, spec_for, hops):
    spec = spec_for(models["local"])
    engine = graph(models["local"], spec, device)
    bad, good = engine.init_state(), engine.init_state()
    for i, hop in enumerate(hops(spec, music(0.1))):
        if i == 5:
            hop[:] = (np.nan, np.inf) * (hop.shape[1] // 2)
        stems = engine.step(hop, bad)[0].copy()
        expected, good = engine.step(np.zeros_like(hop) if i == 5 else hop, good)
        assert np.array_equal(stems, expected)


def test_contract_of_a_separator(monkeypatch):
    """Blocks of any size, sum, causality, silence, bad input: what every engine has to show."""
    monkeypatch.setattr(
        streamsep.separator,
        "create_engine",
        lambda name, model, spec, precision: graph(model, spec, "cpu", precision),
    )
    profile = Profile("short", 512, 512, 256)
    model = Model("classic", profile, STEM_SETS["2stems"], sample_rates=(8000,))
    verify_separator(lambda: Separator(model, sample_rate=8000), music(0.8, 8000))


def test_a_hop_moves_no_buffer(device, models, spec_for, hops):
    spec = spec_for(models["ratio"])
    engine = graph(models["ratio"], spec, device)
    state, before = engine.init_state(), engine.replay.addresses()
    for hop in hops(spec, music(0.05)):
        stems, state = engine.step(hop, state)
    assert engine.replay.addresses() == before
    assert stems.ctypes.data == engine.replay.stems.ctypes.data


@pytest.mark.skipif(torch.cuda.is_available(), reason="there is a card here")
def test_without_cuda_the_compiled_engine_runs_and_one_line_says_so(models, spec_for):
    model = models["classic"]
    with pytest.warns(EngineWarning, match="engine 'compiled' runs in float32") as told:
        engine = create_engine("graph", model, spec_for(model), "bfloat16")
    assert (engine.name, engine.precision, len(told)) == ("compiled", "float32", 1)
    with pytest.raises(EngineError, match="install an NVIDIA driver"):
        GraphEngine(model, spec_for(model))


@pytest.mark.skipif(torch.cuda.is_available(), reason="there is a card here")
def test_command_line_says_it_in_one_line(tmp_path, capsys):
    soundfile = pytest.importorskip("soundfile")
    soundfile.write(tmp_path / "song.wav", music(0.3).T, 44100)
    words = ["stream", str(tmp_path / "song.wav"), "--engine", "graph", "--preset", "classic"]
    assert main([*words, "-o", str(tmp_path / "mix.wav"), "--quiet"]) == 0
    assert capsys.readouterr().err.splitlines() == [
        "streamsep: engine 'graph' finds no CUDA device here, so engine 'compiled' runs in float32"
    ]
    assert (tmp_path / "mix.wav").stat().st_size > 10_000


def test_what_cannot_be_is_refused_with_a_remedy(models, spec_for):
    model = models["classic"]
    with pytest.raises(EngineError, match="bfloat16, float16, not int8; use --engine compiled"):
        graph(model, spec_for(model), "cpu", "int8")
    with pytest.raises(EngineError, match="not bfloat16; use --engine graph"):
        create_engine("compiled", model, spec_for(model), "bfloat16")
