"""The batched engine gives each stream what an engine of its own gives, in any company and any thread."""

import numpy as np
import pytest
from numba.core.runtime import _nrt_python, rtsys

from rig.jack import is_thorough
from signals import music
from streamsep.batch.compiled_backend import CompiledBackend
from streamsep.engine import create_engine
from streamsep.model import Model
from streamsep.models.open_unmix_random import random_model
from streamsep.presets import find_preset
from streamsep.spec import STEM_SETS, Profile, StreamSpec

SMALL = Profile("small", 256, 128, 64)
SONG = music(2.0)


def classic() -> Model:
    return Model("classic", SMALL, STEM_SETS["4stems"])


def open_unmix() -> Model:
    return random_model(SMALL, STEM_SETS["4stems"], 33, residual_network=False)


def cue_lstm() -> Model:
    return find_preset("4stems-stage").load()


def karaoke() -> Model:
    return find_preset("2stems-tight").load()


def spec_for(model, has_wiener=False) -> StreamSpec:
    return StreamSpec(model.profile, 44100, 2, model.targets, has_wiener)


def random_round(rng, capacity, spec):
    """Some slots in any order, and a hop of music for each."""
    slots = rng.permutation(capacity)[: rng.integers(1, capacity + 1)].astype(np.int64)
    hop = spec.profile.hop
    starts = rng.integers(0, SONG.shape[1] - hop, len(slots))
    hops = np.stack([SONG[:, start : start + hop] for start in starts])
    return slots, hops, np.zeros((len(slots), len(spec.estimated), 2, hop), np.float32)


CASES = [(open_unmix, "int8", False), (cue_lstm, "float32", False)]
if is_thorough():  # each is machine code of its own, which takes a while to make
    CASES += [(classic, "float32", False), (classic, "float32", True)]
    CASES += [
        (open_unmix, "float32", False),
        (cue_lstm, "int8", False),
        (karaoke, "float32", False),
    ]


@pytest.mark.parametrize(("make", "precision", "has_wiener"), CASES)
def test_streams_equal_engines_of_their_own(make, precision, has_wiener):
    model, capacity, rng = make(), 21, np.random.default_rng(7)
    spec = spec_for(model, has_wiener)
    engine = create_engine("compiled", model, spec, precision)
    alone = CompiledBackend(model, spec, capacity, precision, 1)
    shared = CompiledBackend(model, spec, capacity, precision, 3)
    states = [engine.init_state() for _ in range(capacity)]
    loudest = 0.0
    for k in range(25):
        slots, hops, stems = random_round(rng, capacity, spec)
        if k % 10 == 9:
            fresh = int(rng.integers(capacity))
            states[fresh] = engine.init_state()
            alone.reset(fresh)
            shared.reset(fresh)
        again = stems.copy()
        alone.step(slots, hops, stems)
        shared.step(slots, hops, again)
        assert np.array_equal(stems, again), "threads changed the result"
        for i, slot in enumerate(slots):
            expected, states[slot] = engine.step(hops[i], states[slot])
            assert np.abs(stems[i] - expected).max() <= 1e-5
        loudest = max(loudest, float(np.abs(stems).max()))
    assert loudest > 0.05
    alone.close()
    shared.close()


def count_arrays(arguments) -> int:
    if isinstance(arguments, tuple):
        return sum(count_arrays(argument) for argument in arguments)
    return int(isinstance(arguments, np.ndarray))


def test_a_step_allocates_nothing():
    """By numba's own count: one record per array that Python hands over, and nothing in the step."""
    model = open_unmix()
    backend = CompiledBackend(model, spec_for(model), 5)
    _, hops, _ = random_round(np.random.default_rng(0), 5, backend.spec)
    hops = np.ascontiguousarray(np.broadcast_to(hops[:1], (5, *hops.shape[1:])))
    slots, stems = np.arange(5), np.zeros((5, 3, 2, SMALL.hop), np.float32)
    backend.step(slots, hops, stems)
    owned = (backend._frames, backend._plan, backend._memory, *backend._works[0])
    n_arrays = count_arrays((slots, hops, stems, *owned))
    _nrt_python.memsys_enable_stats()
    counts = []
    for _ in range(3):
        before = rtsys.get_allocation_stats()
        for _ in range(50):
            backend.step(slots, hops, stems)
        counts.append(rtsys.get_allocation_stats().alloc - before.alloc)
    assert min(counts) == 50 * n_arrays  # other threads of the process may be ending meanwhile
    assert stems.any()
