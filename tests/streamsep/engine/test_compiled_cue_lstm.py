"""The compiled cue model equals the reference on music, gaps and outbursts; it forgets, and never drifts."""

import re

import numba
import numpy as np
import pytest
import torch
from numba.core.runtime import _nrt_python, rtsys

from signals import music
from streamsep.engine import create_engine
from streamsep.engine.compiled import cue_lstm, cue_masks, cue_plan, cue_rows
from streamsep.engine.compiled import cues as compiled_cues
from streamsep.errors import CheckpointError, EngineError
from streamsep.features import cues as reference_cues
from streamsep.model import Model
from streamsep.models.cue_lstm import CueLstm
from streamsep.models.cue_lstm_weights import to_model
from streamsep.spec import PROFILES, STEM_SETS, Profile, StreamSpec

SMALL = Profile("small", 256, 128, 64)
SMALLEST_NORMAL = np.finfo(np.float32).smallest_normal
MEMORY = ("smooth", "log_mean", "log_weight", "held", "band_mean", "hidden", "cell", "level")


def spec_for(profile=SMALL, sample_rate=44100, channels=2, stem_set="4stems") -> StreamSpec:
    return StreamSpec(profile, sample_rate, channels, STEM_SETS[stem_set])


def trained(spec: StreamSpec, n_input=128, n_hidden=256, local=(40, 24)) -> Model:
    """A model whose tables and outputs are far from their start; without `local` it hears the fine grid."""
    torch.manual_seed(3)
    module = CueLstm(spec, n_input, n_hidden, local, fine=local is None)
    moved = {
        "cue_logits": 0.5,
        "bias": 0.3,
        "slopes": 0.3,
        "context_output": 0.1,
        "local_output": 0.1,
    }
    with torch.no_grad():
        for name, weights in module.named_parameters():
            weights += moved.get(name.split(".")[0], 0.0) * torch.randn_like(weights)
    return to_model(module)


def small(local=(9, 5), **stream) -> tuple[Model, StreamSpec]:
    spec = spec_for(**stream)
    return trained(spec, 18, 21, local), spec


def whole_hops(spec: StreamSpec, sound: np.ndarray) -> np.ndarray:
    hop = spec.profile.hop
    return np.ascontiguousarray(sound[:, : sound.shape[1] // hop * hop], np.float32)


def feed(engine, state, sound: np.ndarray) -> None:
    """Step through a sound, hop by hop."""
    hop = engine.spec.profile.hop
    hops = np.ascontiguousarray(sound[:, : sound.shape[1] // hop * hop], np.float32)
    for start in range(0, hops.shape[1], hop):
        engine.step(np.ascontiguousarray(hops[:, start : start + hop]), state)


def run(engine, state, sound: np.ndarray) -> np.ndarray:
    """Masks of all frames, [frames, targets, channels, bins]."""
    hop, masks = engine.spec.profile.hop, []
    for start in range(0, sound.shape[1] - hop + 1, hop):
        feed(engine, state, sound[:, start : start + hop])
        masks.append(engine.masks(state).copy())
    return np.stack(masks)


def remembered(state) -> list[np.ndarray]:
    views = state.model.views
    return [getattr(views, name)[int(views.half[0])].copy() for name in MEMORY]


@pytest.mark.parametrize("sample_rate", [44100, 48000])
@pytest.mark.parametrize("channels", [1, 2])
@pytest.mark.parametrize("profile", PROFILES)
def test_stems_equal_the_reference(profile, channels, sample_rate):
    spec = spec_for(PROFILES[profile], sample_rate, channels)
    model = trained(spec, local=None if channels == sample_rate % 2 + 1 else (40, 24))
    sound = whole_hops(spec, music(0.4, sample_rate, channels))
    ours = create_engine("compiled", model, spec).offline(sound)
    theirs = create_engine("torch", model, spec).offline(sound)
    assert np.abs(ours - theirs).max() <= 1e-5
    assert np.abs(theirs).max() > 0.05


@pytest.mark.parametrize("stem_set", STEM_SETS)
@pytest.mark.parametrize("local", [None, (9, 5)])
def test_odd_widths_and_every_stem_set_equal_the_reference(stem_set, local):
    model, spec = small(local, stem_set=stem_set)
    sound = whole_hops(spec, music(0.5))
    ours = create_engine("compiled", model, spec).offline(sound)
    theirs = create_engine("torch", model, spec).offline(sound)
    assert np.abs(ours - theirs).max() <= 1e-5


@pytest.mark.parametrize("local", [None, (9, 5)])
def test_a_residual_of_several_classes_equals_the_reference_and_is_their_sum(local):
    model, spec = small(local)
    two = model.at(spec.profile, STEM_SETS["2stems"])
    sound, ours = whole_hops(spec, music(0.5)), []
    for one in (model, two):
        stream = spec_for(stem_set="4stems" if one is model else "2stems")
        engine = create_engine("compiled", one, stream)
        ours.append(run(engine, engine.init_state(), sound))
        stems = create_engine("torch", one, stream).offline(sound)
        assert np.abs(engine.offline(sound) - stems).max() <= 1e-5
    four, summed = ours
    assert np.abs(summed[:, 0] - four[:, 0]).max() <= 1e-6
    assert np.abs(summed[:, 1] - four[:, 1:].sum(1)).max() <= 1e-6
    assert np.ptp(summed[:, 1]) > 0.1


def test_gap_outburst_and_rise_equal_the_reference():
    model, spec = small()
    sound = music(1.4)
    t = np.arange(sound.shape[1]) / 44100
    sound[:, (t > 0.2) & (t < 0.35)] = 0.0
    sound[:, (t > 0.45) & (t < 0.55)] *= 300.0  # shorter than it takes to be believed
    sound[:, (t > 0.65) & (t < 0.85)] *= 1e-3
    sound[:, t > 0.9] *= 40.0  # 32 dB
    sound = whole_hops(spec, sound)
    a, b = create_engine("compiled", model, spec), create_engine("torch", model, spec)
    ours, state = run(a, a.init_state(), sound), b.init_state()
    for i, mask in enumerate(ours):
        _, state = b.step(sound[:, i * SMALL.hop : (i + 1) * SMALL.hop], state)
        assert np.abs(mask - b.masks(state)).max() <= 2e-3


@pytest.mark.parametrize("local", [None, (40, 24)])
def test_int8_masks_stay_near_float32(local):
    spec = spec_for(PROFILES["stage"])
    model = trained(spec, local=local)
    masks = []
    for precision in ("float32", "int8"):
        engine = create_engine("compiled", model, spec, precision)
        masks.append(run(engine, engine.init_state(), music(1.0)))
    assert 1e-6 < np.abs(masks[0] - masks[1]).max() <= 0.02


def test_digital_silence_is_silent_and_leaves_no_trace():
    model, spec = small()
    engine = create_engine("compiled", model, spec)
    state, silence = engine.init_state(), np.zeros((2, SMALL.hop), np.float32)
    for _ in range(10):
        stems, state = engine.step(silence, state)
        assert not stems.any()
    assert not any(memory.any() for memory in remembered(state))
    run(engine, state, music(0.2))
    run(engine, state, np.zeros((2, SMALL.n_fft + SMALL.hop), np.float32))
    before = remembered(state)
    for _ in range(1000):
        stems, state = engine.step(silence, state)
        assert not stems.any()
    assert all(map(np.array_equal, before, remembered(state)))


def test_masks_are_normal_again_soon_after_an_outburst():
    spec = spec_for(PROFILES["stage"])
    engine = create_engine("compiled", trained(spec), spec)
    calm, t = music(8.0), np.arange(8 * 44100) / 44100
    burst = np.where((t > 2.0) & (t < 3.0), 100.0 / np.abs(calm).max(), 1.0) * calm
    ours = run(engine, engine.init_state(), burst)
    expected = run(engine, engine.init_state(), calm)
    last = slice(-20, None)
    assert np.abs(ours[last] - expected[last]).mean() <= 0.04


@pytest.mark.parametrize("name", ["square", "fade", "tiny", "one side", "scales"])
def test_anything_gives_finite_masks_and_no_denormal_numbers(name):
    model, spec = small()
    engine = create_engine("compiled", model, spec)
    sound, rng = music(2.0), np.random.default_rng(0)
    n = sound.shape[1]
    scales = np.exp(rng.uniform(-30.0, 6.0, n // 999 + 1)).repeat(999)[:n]
    sounds = {
        "square": 256.0 * np.sign(sound),
        "fade": sound * np.exp(-25.0 * np.arange(n) / 44100),
        "tiny": 1e-20 * sound,
        "one side": sound * np.array([[1.0], [0.0]]),
        "scales": np.clip(sound * scales, -256.0, 256.0),
    }
    state = engine.init_state()
    for start in range(0, n - SMALL.hop, SMALL.hop):
        block = sounds[name][:, start : start + SMALL.hop]
        stems, state = engine.step(np.ascontiguousarray(block, np.float32), state)
        memory = np.abs(state.model.flat)
        assert np.isfinite(memory).all()
        assert np.isfinite(stems).all()
        assert not ((memory > 0.0) & (memory < SMALLEST_NORMAL)).any()
        assert np.abs(engine.masks(state).sum(0) - 1.0).max() <= 1e-6


def test_the_past_is_forgotten_so_nothing_drifts():
    """20,000 frames of another past make no difference to what is heard 20 s later."""
    model, spec = small()
    engine = create_engine("compiled", model, spec)
    noise = 0.1 * np.random.default_rng(0).standard_normal((2, 20_000 * SMALL.hop))
    now, probe = np.tile(music(2.0), 10), music(0.2)
    old, young = engine.init_state(), engine.init_state()
    feed(engine, old, noise)
    assert np.abs(run(engine, old, probe) - run(engine, young, probe)).max() > 0.1
    feed(engine, old, now)
    feed(engine, young, now)
    assert np.abs(run(engine, old, probe) - run(engine, young, probe)).max() <= 5e-3


@pytest.mark.parametrize(("n_bins", "n"), [(129, 1), (129, 8), (2049, 120), (5, 7)])
def test_mean_over_bins_is_exact(n_bins, n):
    x = (1e3 * np.random.default_rng(n).standard_normal(n_bins)).astype(np.float32)
    mean = np.empty_like(x)
    cue_rows.mean_around(x, n, n_bins, mean)
    expected = np.convolve(
        np.pad(x.astype(np.float64), n, mode="edge"), np.ones(2 * n + 1), "valid"
    )
    assert np.abs(mean - expected / (2 * n + 1)).max() <= 1e-4


def test_shared_layer_is_a_product_in_every_bin():
    rng = np.random.default_rng(0)
    weights, x, y = (
        rng.standard_normal(s).astype(np.float32) for s in ((5, 7), (7, 192), (5, 192))
    )
    expected = y + weights @ x
    cue_masks.add_layer(weights, x, y)
    assert np.abs(y - expected).max() <= 1e-5


def test_constants_are_those_of_the_reference():
    for name in ("FLOOR", "LOG_FLOOR", "SILENCE", "OUTBURST"):
        assert getattr(compiled_cues, name) == np.float32(getattr(reference_cues, name))


@numba.njit
def _hops(count, samples, stems, frame_plan, frame, plan, memory):
    for _ in range(count):
        cue_lstm.hop(samples, stems, frame_plan, frame, plan, memory)


def test_hop_allocates_nothing():
    """numba counts its allocations; handing arrays from Python to machine code is one each, per call."""
    model, spec = small()
    state = create_engine("compiled", model, spec).init_state()
    plan = cue_lstm.make_plan(model, spec, "float32")
    block = np.ascontiguousarray(music(0.1)[:, : SMALL.hop])
    arguments = (block, state.stems, state.frame_plan, state.frame.views, plan, state.model.views)
    _nrt_python.memsys_enable_stats()
    counts = []
    for n_hops in (1, 1, 100):
        before = rtsys.get_allocation_stats()
        _hops(n_hops, *arguments)
        after = rtsys.get_allocation_stats()
        counts.append((after.alloc - before.alloc, after.mi_alloc - before.mi_alloc))
    assert counts[2] == counts[1]
    assert state.stems.any()


def test_weights_that_do_not_fit_are_named():
    model, spec = small()
    weights = dict(model.weights) | {"bias": np.zeros((3, 4), np.float32), "extra": np.zeros(1)}
    del weights["lstm.bias"]
    foreign = Model("cue_lstm", SMALL, spec.targets, weights=weights)
    listed = re.escape("missing lstm.bias, foreign extra, of another shape bias")
    with pytest.raises(CheckpointError, match=listed):
        create_engine("compiled", foreign, spec)
    with pytest.raises(EngineError, match="separates vocals, drums, bass, other"):
        create_engine("compiled", model, spec_for(stem_set="2stems"))


def test_plan_leaves_the_weights_as_they_are():
    model, spec = small()
    kept = {key: array.copy() for key, array in model.weights.items()}
    for precision in ("float32", "int8"):
        cue_plan.make_plan(model, spec, precision)
    assert all(np.array_equal(model.weights[key], array) for key, array in kept.items())
