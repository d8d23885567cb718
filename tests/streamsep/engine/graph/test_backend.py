"""Many streams in one hop, by slot: each equals a stream of its own on the reference, whoever else is there."""

import numpy as np
import pytest
import torch

from signals import music
from streamsep.batch import create_backend
from streamsep.engine import create_engine
from streamsep.engine.graph.backend import GraphBackend, batch_sizes
from streamsep.errors import EngineWarning
from streamsep.model import Model
from streamsep.models.open_unmix_random import random_model
from streamsep.presets import find_preset
from streamsep.spec import STEM_SETS, Profile, StreamSpec

SMALL = Profile("small", 256, 128, 64)


def models() -> dict[str, Model]:
    return {
        "classic": Model("classic", SMALL, STEM_SETS["4stems"]),
        "open_unmix": random_model(SMALL, STEM_SETS["4stems"], 16, residual_network=False),
        "cue_lstm": find_preset("4stems-stage").load(),
    }


@pytest.mark.parametrize("name", models())
def test_streams_come_go_and_begin_anew_and_equal_the_reference(name):
    model = models()[name]
    spec = StreamSpec(model.profile, 44100, 2, model.targets, name == "classic")
    hop, rng, sound = spec.profile.hop, np.random.default_rng(0), music(2.0)
    backend, engine = GraphBackend(model, spec, 5, device="cpu"), create_engine("torch", model, spec)
    before, playing, largest, seen = backend.addresses(), {}, 0.0, set()
    for _ in range(60):
        if rng.random() < 0.4:  # joins, leaves, resets
            slot = int(rng.integers(5))
            backend.reset(slot)
            if slot in playing and rng.random() < 0.5:
                del playing[slot]
            else:
                playing[slot] = engine.init_state()
        due = [slot for slot in playing if rng.random() < 0.8]
        rng.shuffle(due)
        seen.add(len(due))
        starts = rng.integers(sound.shape[1] - hop, size=len(due))
        blocks = np.stack([np.zeros((2, hop)), *(sound[:, i : i + hop] for i in starts)])[1:]
        if due and rng.random() < 0.1:
            blocks[0] = 0.0
        stems = np.full((len(due), 3, 2, hop), np.nan, np.float32)
        backend.step(np.array(due, np.int64), blocks.astype(np.float32), stems)
        for i, slot in enumerate(due):
            expected, playing[slot] = engine.step(blocks[i].astype(np.float32), playing[slot])
            assert np.abs(stems[i] - expected).max() <= 1e-5
            largest = max(largest, float(np.abs(expected).max()))
    assert seen >= {0, 1, 2, 3}
    assert largest > 0.05
    assert backend.addresses() == before


def test_bad_samples_of_one_stream_stay_out_of_all():
    model = models()["open_unmix"]
    spec = StreamSpec(SMALL, 44100, 2, model.targets)
    sound, stems = music(0.1), np.zeros((3, 3, 2, 64), np.float32)
    good, bad = (GraphBackend(model, spec, 3, device="cpu") for _ in range(2))
    slots = np.arange(3)
    for start in range(0, 64 * 40, 64):
        blocks = np.stack([sound[:, start : start + 64]] * 3)
        good.step(slots, blocks, stems)
        expected = stems.copy()
        blocks[1, :, ::3] = (np.nan, np.inf)[start % 128 // 64]
        bad.step(slots, blocks, stems)
        assert np.isfinite(stems).all()
        assert np.array_equal(stems[::2], expected[::2])


def test_silence_is_silent():
    model = models()["cue_lstm"]
    spec = StreamSpec(model.profile, 44100, 2, model.targets)
    backend, stems = GraphBackend(model, spec, 2, device="cpu"), np.ones((2, 3, 2, 512), np.float32)
    for _ in range(3):
        backend.step(np.arange(2), np.zeros((2, 2, 512), np.float32), stems)
        assert not stems.any()


@pytest.mark.parametrize(
    ("capacity", "sizes"), [(1, (1,)), (2, (1, 2)), (5, (1, 2, 4, 8)), (1024, 2 ** np.arange(11))]
)
def test_sizes_are_powers_of_two_that_hold_all(capacity, sizes):
    assert batch_sizes(capacity) == tuple(sizes)


def test_batches_know_the_name():
    if torch.cuda.is_available():
        pytest.skip("there is a card here")
    model = models()["classic"]
    spec = StreamSpec(SMALL, 44100, 2, model.targets)
    with pytest.warns(EngineWarning, match="engine 'compiled' runs in float32"):
        backend = create_backend("graph", model, spec, 2, "float16")
    stems = np.full((2, 3, 2, 64), np.nan, np.float32)
    backend.reset(0), backend.reset(1)
    backend.step(np.arange(2), np.zeros((2, 2, 64), np.float32), stems)
    assert not stems.any()
    backend.close()
