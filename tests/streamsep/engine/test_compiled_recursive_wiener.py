"""The compiled Wiener filter equals the reference, behind models and alone, on music and on anything else."""

import numba
import numpy as np
import pytest
import torch
from numba.core.runtime import _nrt_python, rtsys

from signals import music
from streamsep import wiener_settings
from streamsep.engine import create_engine
from streamsep.engine.compiled import recursive_wiener
from streamsep.engine.compiled.arena import allocate
from streamsep.engine.compiled.frame import FrameState, frame_shapes
from streamsep.engine.compiled.recursive_wiener import filter_stems
from streamsep.model import Model
from streamsep.presets import find_preset
from streamsep.recursive_wiener import RecursiveWiener
from streamsep.spec import PROFILES, STEM_SETS, Profile, StreamSpec
from streamsep.wiener_settings import memory_weight

SMALL = Profile("small", 256, 128, 64)


def spec_for(model, sample_rate=44100, channels=2, has_wiener=True) -> StreamSpec:
    return StreamSpec(model.profile, sample_rate, channels, model.targets, has_wiener)


def classic_model(profile=SMALL, stem_set="4stems") -> Model:
    return Model("classic", profile, STEM_SETS[stem_set])


def offline(name, model, spec, sound):
    whole = sound[:, : sound.shape[1] // spec.profile.hop * spec.profile.hop]
    return create_engine(name, model, spec).offline(np.ascontiguousarray(whole))


def assert_equal_engines(model, spec, sound):
    ours, theirs = (offline(name, model, spec, sound) for name in ("compiled", "torch"))
    assert np.abs(ours - theirs).max() <= 1e-5
    plain = offline("compiled", model, spec_for(model, spec.sample_rate, has_wiener=False), sound)
    assert np.abs(ours - plain).max() > 1e-3


@pytest.mark.parametrize("sample_rate", [44100, 48000])
@pytest.mark.parametrize("stem_set", STEM_SETS)
@pytest.mark.parametrize("profile", PROFILES)
def test_stems_equal_the_reference(profile, stem_set, sample_rate):
    model = classic_model(PROFILES[profile], stem_set)
    assert_equal_engines(model, spec_for(model, sample_rate), music(0.5, sample_rate))


def test_behind_the_trained_model_too():
    model = find_preset("4stems-stage").load()
    assert_equal_engines(model, spec_for(model), music(1.0))


def test_masks_that_differ_between_channels():
    """No model that is compiled with the filter here has such masks, so the kernel stands alone."""
    spec = StreamSpec(SMALL, 44100, 2, STEM_SETS["4stems"], True)
    state, reference = allocate(FrameState, frame_shapes(spec)).views, RecursiveWiener(spec)
    memory, theirs = np.float32(memory_weight(spec)), reference.init_state(1)
    rng = np.random.default_rng(0)
    for _ in range(50):
        state.re[:], state.im[:] = rng.standard_normal((2, 2, SMALL.n_bins))
        masks = rng.uniform(size=state.masks.shape) ** 4
        state.masks[:] = masks / masks.sum(0)
        filter_stems(state.places, memory, state)
        stems = torch.from_numpy(state.masks * (state.re + 1j * state.im))
        expected, theirs = reference.step(stems[None, ..., None], theirs)
        ours = state.filtered[:, :, 0] + 1j * state.filtered[:, :, 1]
        assert np.abs(ours - expected[0, :-1, ..., 0].numpy()).max() <= 1e-5
        assert np.abs(ours - stems[:-1].numpy()).max() > 0.1


def test_gaps_outbursts_and_one_side_equal_the_reference():
    sound, t = music(1.4), np.arange(round(1.4 * 44100)) / 44100
    sound[:, (t > 0.2) & (t < 0.35)] = 0.0
    sound[:, (t > 0.45) & (t < 0.55)] *= 30.0
    sound[1, (t > 0.6) & (t < 0.8)] = 0.0
    sound[0, t > 0.9] = sound[1, t > 0.9]
    model = classic_model()
    ours, theirs = (offline(name, model, spec_for(model), sound) for name in ("compiled", "torch"))
    assert np.abs(ours - theirs).max() <= 1e-5 * np.abs(theirs).max()


def test_one_channel_is_not_filtered():
    model, sound = classic_model(), music(0.2, channels=1)
    with_filter, without = (
        offline("compiled", model, spec_for(model, channels=1, has_wiener=w), sound)
        for w in (True, False)
    )
    assert np.array_equal(with_filter, without)


def test_memory_and_stems_of_extreme_input_are_finite_and_never_denormal():
    model, sound = classic_model(), music(1.0)
    engine = create_engine("compiled", model, spec_for(model))
    scales = np.geomspace(1e-20, 100.0, sound.shape[1])
    state = engine.init_state()
    for x in (sound * scales, 256.0 * np.sign(sound), sound * np.array([[1.0], [0.0]]), sound * 0):
        for start in range(0, x.shape[1] - SMALL.hop, SMALL.hop):
            hop = np.ascontiguousarray(x[:, start : start + SMALL.hop], np.float32)
            stems, state = engine.step(hop, state)
            places = np.abs(state.frame.views.places)
            assert np.isfinite(stems).all()
            assert np.isfinite(places).all()
            assert not ((places > 0) & (places < np.finfo(np.float32).smallest_normal)).any()
    assert not stems.any()


def test_constants_are_those_of_the_reference():
    for name in ("BACKGROUND", "SPREAD", "SILENCE", "FLUSH"):
        assert getattr(recursive_wiener, name) == np.float32(getattr(wiener_settings, name))


@numba.njit
def _filter(count, places, memory, state):
    for _ in range(count):
        filter_stems(places, memory, state)


def test_filter_allocates_nothing():
    """numba counts its allocations; handing arrays from Python to machine code is one each, per call."""
    spec = StreamSpec(SMALL, 44100, 2, STEM_SETS["4stems"], True)
    state = allocate(FrameState, frame_shapes(spec)).views
    state.re[:], state.masks[:] = 1.0, 0.25
    _nrt_python.memsys_enable_stats()
    counts = []
    for count in (1, 1, 100):
        before = rtsys.get_allocation_stats()
        _filter(count, state.places, np.float32(0.01), state)
        after = rtsys.get_allocation_stats()
        counts.append((after.alloc - before.alloc, after.mi_alloc - before.mi_alloc))
    assert counts[2] == counts[1]
    assert state.places.any()
