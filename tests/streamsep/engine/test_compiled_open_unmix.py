"""The compiled networks equal the reference; int8 stays near; hops neither allocate nor hold the GIL."""

import sys
import threading

import numpy as np
import pytest
import torch
from numba.core.runtime import _nrt_python, rtsys

from signals import music
from streamsep.engine import create_engine
from streamsep.engine.compiled import open_unmix, open_unmix_plan, pack
from streamsep.engine.compiled.simd import HAS_BYTE_DOT
from streamsep.errors import CheckpointError, EngineError
from streamsep.model import Model
from streamsep.models import build_mask_model
from streamsep.models.open_unmix_random import random_model
from streamsep.spec import PROFILES, STEM_SETS, Profile, StreamSpec

SMALL = Profile("small", 256, 128, 64)
TARGETS = STEM_SETS["4stems"]


def spec_for(model: Model) -> StreamSpec:
    return StreamSpec(model.profile, 44100, model.channels, model.targets)


def run(model: Model, precision: str, n_hops: int) -> tuple[np.ndarray, np.ndarray]:
    """Compiled masks [targets, channels, bins, frames] and the spectrum they were made from."""
    engine = create_engine("compiled", model, spec_for(model), precision)
    hop, state = model.profile.hop, engine.init_state()
    sound = music(n_hops * hop / 44100 + 0.01, channels=model.channels)
    masks, spectra = [], []
    for i in range(n_hops):
        block = np.ascontiguousarray(sound[:, i * hop : (i + 1) * hop])
        _, state = engine.step(block, state)
        frame = state.frame.views
        masks.append(engine.masks(state).copy())
        spectra.append(frame.re + 1j * frame.im)
    return np.stack(masks, -1), np.stack(spectra, -1).astype(np.complex64)


def reference(model: Model, spectra: np.ndarray) -> np.ndarray:
    """Masks of the PyTorch module for the same spectrum."""
    with torch.inference_mode():
        module = build_mask_model(model, spec_for(model))
        return module.offline(torch.from_numpy(spectra)[None])[0].numpy()


def models() -> dict[str, Model]:
    odd = {"channels": 1, "nb_layers": 1, "exponent": 1.0}
    return {
        "ratio": random_model(SMALL, TARGETS, 48),
        "residual": random_model(SMALL, TARGETS, 48, residual_network=False),
        "odd-sizes": random_model(SMALL, STEM_SETS["2stems"], 33, **odd),
        "exponent": random_model(SMALL, TARGETS, 20, nb_layers=2, exponent=1.3),
        "softmax": random_model(SMALL, TARGETS, 48, mask="softmax", exponent=4.0),
        "softmax-residual": random_model(
            SMALL, STEM_SETS["5stems"], 16, mask="softmax", exponent=4.0, residual_network=False
        ),
        **{name: random_model(p, TARGETS, 64) for name, p in PROFILES.items()},
    }


@pytest.mark.parametrize("name", models())
def test_float32_equals_the_reference(name):
    model = models()[name]
    masks, spectra = run(model, "float32", 40)
    expected = reference(model, spectra)
    assert np.abs(masks - expected).max() <= 1e-5
    assert expected.std() > 0.02
    assert np.abs(masks.sum(0) - 1.0).max() <= 1e-6


@pytest.mark.parametrize("name", models())
def test_int8_stays_near_float32(name):
    model = models()[name]
    masks, spectra = run(model, "int8", 40)
    difference = np.abs(masks - reference(model, spectra))
    assert 1e-6 < np.quantile(difference, 0.999) <= 0.02
    assert difference.max() <= (
        0.02 if name in PROFILES else 0.05
    )  # toy networks average over less


@pytest.mark.parametrize("precision", ["float32", "int8"])
def test_full_size_network_equals_the_reference(precision):
    model = random_model(PROFILES["studio"], TARGETS, 512)
    masks, spectra = run(model, precision, 20)
    tolerance = {"float32": 1e-5, "int8": 0.02}[precision]
    assert np.abs(masks - reference(model, spectra)).max() <= tolerance


@pytest.mark.skipif(not HAS_BYTE_DOT, reason="this processor has one int8 layout only")
def test_both_int8_layouts_compute_the_same(monkeypatch):
    model = random_model(SMALL, TARGETS, 48)
    spec, rng = spec_for(model), np.random.default_rng(0)
    words = open_unmix.make_plan(model, spec, "int8")
    monkeypatch.setattr(open_unmix_plan, "pack_int8", lambda m: pack.pack_int8(m, words=False))
    single = open_unmix.make_plan(model, spec, "int8")
    assert (words.fc1.weights.dtype, single.fc1.weights.dtype) == (np.int32, np.int8)
    a, b = (open_unmix.make_state(plan, spec).views for plan in (words, single))
    for _ in range(20):
        a.magnitude[:] = b.magnitude[:] = rng.exponential(1.0, a.magnitude.shape)
        open_unmix.estimate_gains(words, a)
        open_unmix.estimate_gains(single, b)
    assert np.abs(a.gains - b.gains).max() <= 1e-5
    assert a.gains.std() > 0.05


@pytest.mark.parametrize("precision", ["float32", "int8"])
def test_stems_of_the_engines_are_equal(precision):
    model = random_model(PROFILES["tight"], TARGETS, 32, residual_network=False)
    spec = spec_for(model)
    sound = music(0.5)[:, : 80 * spec.profile.hop]
    ours = create_engine("compiled", model, spec, precision).offline(sound)
    theirs = create_engine("torch", model, spec).offline(sound)
    assert np.abs(ours - theirs).max() <= {"float32": 1e-5, "int8": 0.02}[precision]
    assert np.abs(ours).max() > 0.05


@pytest.mark.parametrize("precision", ["float32", "int8"])
def test_digital_silence_stays_silent_and_masks_stay_whole(precision):
    model = random_model(SMALL, TARGETS, 32)
    engine = create_engine("compiled", model, spec_for(model), precision)
    state, silence = engine.init_state(), np.zeros((2, SMALL.hop), np.float32)
    for _ in range(20):
        stems, state = engine.step(silence, state)
        assert not stems.any()
    assert np.abs(engine.masks(state).sum(0) - 1.0).max() <= 1e-6


@pytest.mark.parametrize("precision", ["float32", "int8"])
def test_loud_and_faint_sound_give_finite_masks(precision):
    model = random_model(SMALL, TARGETS, 32)
    engine = create_engine("compiled", model, spec_for(model), precision)
    for gain in (100.0, 1e-6, 1e-30):
        state, block = engine.init_state(), gain * music(0.01)[:, : SMALL.hop]
        for _ in range(5):
            _, state = engine.step(np.ascontiguousarray(block), state)
        masks = engine.masks(state)
        assert np.isfinite(masks).all()
        assert np.abs(masks.sum(0) - 1.0).max() <= 1e-6


@pytest.mark.parametrize("precision", ["float32", "int8"])
def test_streams_share_a_plan_without_leaking(precision):
    model = random_model(SMALL, TARGETS, 32)
    engine = create_engine("compiled", model, spec_for(model), precision)
    sound = music(0.2)
    other = np.ascontiguousarray(sound[:, ::-1])
    a, b, alone = engine.init_state(), engine.init_state(), engine.init_state()
    for i in range(40):
        part = slice(i * SMALL.hop, (i + 1) * SMALL.hop)
        block = np.ascontiguousarray(sound[:, part])
        stems, a = engine.step(block, a)
        _, b = engine.step(np.ascontiguousarray(other[:, part]), b)
        expected, alone = engine.step(block, alone)
        assert np.array_equal(stems, expected)


def count_arrays(arguments) -> int:
    if isinstance(arguments, tuple):
        return sum(count_arrays(argument) for argument in arguments)
    return int(isinstance(arguments, np.ndarray))


@pytest.mark.parametrize("precision", ["float32", "int8"])
def test_hop_allocates_nothing(precision):
    """By numba's own count: one record per array that Python hands over, and nothing in the hop."""
    model = random_model(SMALL, TARGETS, 32)
    spec = spec_for(model)
    state = create_engine("compiled", model, spec, precision).init_state()
    plan = open_unmix.make_plan(model, spec, precision)
    block = np.ascontiguousarray(music(0.1)[:, : SMALL.hop])
    arguments = (block, state.stems, state.frame_plan, state.frame.views, plan, state.model.views)
    open_unmix.hop(*arguments)
    _nrt_python.memsys_enable_stats()
    counts = []
    for _ in range(3):
        before = rtsys.get_allocation_stats()
        for _ in range(100):
            open_unmix.hop(*arguments)
        after = rtsys.get_allocation_stats()
        counts.append((after.alloc - before.alloc, after.mi_alloc - before.mi_alloc))
    # The count is the whole process's; a thread of a test before this one may still be ending.
    assert min(counts) == (100 * count_arrays(arguments),) * 2
    assert state.stems.any()


def looks_into_a_hop(engine, state, block) -> bool:
    """Whether Python saw the first network's memory written while the last one's was not yet."""
    memory, done = state.model.views.hidden, []
    memory[:] = 0.0

    def step():
        engine.step(block, state)
        done.append(True)

    thread = threading.Thread(target=step)
    thread.start()
    seen = False
    while not done and not seen:
        seen = bool(memory[0].any()) and not memory[-1].any()
        if not memory[0].any():
            threading.Event().wait(1e-5)
    thread.join()
    return seen


def test_python_runs_while_a_hop_is_under_way():
    """No thread is ever made to give the GIL up here, so only a hop that releases it lets us look."""
    model = random_model(PROFILES["studio"], TARGETS, 256)
    engine = create_engine("compiled", model, spec_for(model))
    state, block = engine.init_state(), np.ascontiguousarray(music(0.1)[:, :1024])
    engine.step(block, state)
    interval = sys.getswitchinterval()
    sys.setswitchinterval(60.0)
    try:
        # A busy machine may look away for the few milliseconds of a hop, hence the attempts.
        assert any(looks_into_a_hop(engine, state, block) for _ in range(50))
    finally:
        sys.setswitchinterval(interval)


def test_foreign_keys_and_other_streams_are_refused():
    model = random_model(SMALL, TARGETS, 16)
    weights = dict(model.weights) | {"vocals.stft.window": np.zeros(4, np.float32)}
    foreign = Model("open_unmix", SMALL, TARGETS, 2, settings=model.settings, weights=weights)
    with pytest.raises(CheckpointError, match=r"missing none, foreign vocals\.stft\.window"):
        create_engine("compiled", foreign, spec_for(foreign))
    with pytest.raises(EngineError, match="made for channels 2, the stream has 1"):
        create_engine("compiled", model, StreamSpec(SMALL, 44100, 1, TARGETS))


def test_plan_leaves_the_weights_as_they_are():
    model = random_model(SMALL, TARGETS, 16)
    kept = {key: array.copy() for key, array in model.weights.items()}
    for precision in ("float32", "int8"):
        open_unmix.make_plan(model, spec_for(model), precision)
    assert all(np.array_equal(model.weights[key], array) for key, array in kept.items())
