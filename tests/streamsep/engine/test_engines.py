"""The compiled engine equals the reference, hop by hop and as a whole, for every profile and stem set."""

import sys
import threading
import time
import tracemalloc

import numpy as np
import pytest

from signals import music
from streamsep.batch.backend import create_backend
from streamsep.engine import create_engine
from streamsep.errors import EngineError
from streamsep.model import Model
from streamsep.spec import PROFILES, STEM_SETS, StreamSpec


def _engine(name="compiled", profile="stage", stem_set="4stems", sample_rate=44100, channels=2):
    spec = StreamSpec(PROFILES[profile], sample_rate, channels, STEM_SETS[stem_set])
    return create_engine(name, Model("classic", spec.profile, spec.targets), spec)


def _whole_hops(engine, audio):
    hop = engine.spec.profile.hop
    return audio[:, : audio.shape[1] // hop * hop]


@pytest.mark.parametrize("sample_rate", [44100, 48000])
@pytest.mark.parametrize("channels", [1, 2])
@pytest.mark.parametrize("stem_set", STEM_SETS)
@pytest.mark.parametrize("profile", PROFILES)
def test_classic_compiled_equals_torch(profile, stem_set, channels, sample_rate):
    args = dict(profile=profile, stem_set=stem_set, channels=channels, sample_rate=sample_rate)
    ours, reference = _engine("compiled", **args), _engine("torch", **args)
    x = _whole_hops(ours, music(1.0, sample_rate, channels))
    difference = np.abs(ours.offline(x) - reference.offline(x)).max()
    assert difference <= 1e-5


def test_masks_are_equal_too():
    ours, reference = _engine("compiled"), _engine("torch")
    x = _whole_hops(ours, music(0.5))
    a, b = ours.init_state(), reference.init_state()
    for start in range(0, x.shape[1], 512):
        hop = np.ascontiguousarray(x[:, start : start + 512])
        _, a = ours.step(hop, a)
        _, b = reference.step(hop, b)
    assert (
        np.abs(ours.masks(a) - reference.masks(b)).max() < 1e-3
    )  # bins at the rounding floor included
    assert np.abs(ours.masks(a).sum(axis=0) - 1).max() < 1e-6


def test_step_allocates_nothing():
    engine = _engine()
    state, hop = engine.init_state(), np.ascontiguousarray(music(0.1)[:, :512])
    for _ in range(4):
        engine.step(hop, state)
    tracemalloc.start()
    before = tracemalloc.take_snapshot()
    for _ in range(200):
        engine.step(hop, state)
    after = tracemalloc.take_snapshot()
    tracemalloc.stop()
    ours = [tracemalloc.Filter(True, "*streamsep*")]  # other threads of the process allocate, too
    grown = after.filter_traces(ours).compare_to(before.filter_traces(ours), "filename")
    assert sum(max(0, d.size_diff) for d in grown) < 4096  # arrays would be 200 x 12 KiB


def test_step_releases_the_gil():
    """Nobody is made to give the GIL up here, so the other thread only counts while a step releases it."""
    engine = _engine(profile="studio")
    state, hop = engine.init_state(), np.ascontiguousarray(music(0.1)[:, :1024])
    engine.step(hop, state)
    counted, stop = [0], threading.Event()

    def count():
        while not stop.is_set():
            counted[0] += 1
            time.sleep(0)  # hands the GIL back to the stepping thread

    interval = sys.getswitchinterval()
    thread = threading.Thread(target=count)
    thread.start()
    sys.setswitchinterval(10.0)
    try:
        during = 0
        for _ in range(200):
            before = counted[0]
            engine.step(hop, state)
            during += counted[0] - before
    finally:
        sys.setswitchinterval(interval)
        stop.set()
        thread.join()
    assert during > 0


def test_unknown_engine_and_precision_list_what_exists():
    model = Model("classic", PROFILES["stage"], STEM_SETS["4stems"])
    spec = StreamSpec(PROFILES["stage"], 44100, 2, STEM_SETS["4stems"])
    with pytest.raises(EngineError, match="compiled, torch"):
        create_engine("gpu", model, spec)
    with pytest.raises(EngineError, match="float32, int8"):
        create_engine("compiled", model, spec, "int4")
    with pytest.raises(EngineError, match="compiled for int8"):
        create_engine("torch", model, spec, "int8")


@pytest.mark.parametrize("name", ["compiled", "torch", "graph"])
def test_what_hears_the_future_runs_on_no_engine(name):
    spec = StreamSpec(PROFILES["studio"], 44100, 2, STEM_SETS["4stems"])
    model = Model("cue_bilstm", spec.profile, spec.targets)
    for make in (create_engine, lambda *args: create_backend(*args, capacity=1)):
        with pytest.raises(EngineError, match="use: streamsep separate SONG --model"):
            make(name, model, spec)
