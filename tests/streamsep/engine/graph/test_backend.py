"""Many streams in one hop, by slot: each equals a stream of its own on the reference, whoever else comes."""

import numpy as np
import pytest
import torch

import streamsep.batch.stream_batch
from signals import music
from streamsep import Separator, StreamBatch
from streamsep.batch import create_backend
from streamsep.engine import create_engine
from streamsep.engine.graph.backend import GraphBackend, batch_sizes
from streamsep.errors import EngineWarning

SONG = music(2.0)


def graph(model, spec, capacity, device="cpu") -> GraphBackend:
    return GraphBackend(model, spec, capacity, device=device, kernels="plain")


@pytest.mark.parametrize("name", ["classic", "softmax", "local"])
def test_streams_come_go_and_begin_anew_and_equal_the_reference(name, device, models, spec_for):
    model = models[name]
    spec = spec_for(model, has_wiener=name == "classic")
    hop, rng, sound = spec.profile.hop, np.random.default_rng(0), SONG
    backend, engine = graph(model, spec, 5, device), create_engine("torch", model, spec)
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
        stems = np.full((len(due), len(spec.estimated), 2, hop), np.nan, np.float32)
        backend.step(np.array(due, np.int64), blocks.astype(np.float32), stems)
        for i, slot in enumerate(due):
            expected, playing[slot] = engine.step(blocks[i].astype(np.float32), playing[slot])
            assert np.abs(stems[i] - expected).max() <= 1e-5
            largest = max(largest, float(np.abs(expected).max()))
    assert seen >= {0, 1, 2, 3}
    assert largest > 0.05
    assert backend.addresses() == before


def test_bad_samples_of_one_stream_stay_out_of_all(device, models, spec_for):
    spec = spec_for(models["ratio"])
    sound, stems = SONG, np.zeros((3, 3, 2, 64), np.float32)
    good, bad = (graph(models["ratio"], spec, 3, device) for _ in range(2))
    slots = np.arange(3)
    for start in range(0, 64 * 40, 64):
        blocks = np.stack([sound[:, start : start + 64]] * 3)
        good.step(slots, blocks, stems)
        expected = stems.copy()
        blocks[1, :, ::3] = (np.nan, np.inf)[start % 128 // 64]
        bad.step(slots, blocks, stems)
        assert np.isfinite(stems).all()
        assert np.array_equal(stems[::2], expected[::2])


def test_silence_is_silent(device, models, spec_for):
    spec, stems = spec_for(models["local"]), np.ones((2, 3, 2, 64), np.float32)
    backend = graph(models["local"], spec, 2, device)
    for _ in range(3):
        backend.step(np.arange(2), np.zeros((2, 2, 64), np.float32), stems)
        assert not stems.any()


@pytest.mark.parametrize(
    ("capacity", "sizes"), [(1, (1,)), (2, (1, 2)), (5, (1, 2, 4, 8)), (1024, 2 ** np.arange(11))]
)
def test_sizes_are_powers_of_two_that_hold_all(capacity, sizes):
    assert batch_sizes(capacity) == tuple(sizes)


@pytest.mark.skipif(torch.cuda.is_available(), reason="there is a card here")
def test_batches_know_the_name(models, spec_for):
    model = models["classic"]
    spec = spec_for(model)
    with pytest.warns(EngineWarning, match="engine 'compiled' runs in float32"):
        backend = create_backend("graph", model, spec, 2, "float16")
    stems = np.full((2, 4, 2, 64), np.nan, np.float32)
    backend.reset(0), backend.reset(1)
    backend.step(np.arange(2), np.zeros((2, 2, 64), np.float32), stems)
    assert not stems.any()
    backend.close()


def test_a_batch_of_streams_on_it_equals_separators(monkeypatch, models):
    """The whole `StreamBatch`, with writes of any size."""
    monkeypatch.setattr(
        streamsep.batch.stream_batch,
        "create_backend",
        lambda name, model, spec, capacity, precision, threads: graph(model, spec, capacity),
    )
    batch = StreamBatch(models["ratio"], capacity=3, engine="graph")
    rng, found, expected = np.random.default_rng(0), [], []
    for _ in range(3):
        stream, separator = batch.join(), Separator(models["ratio"], engine="torch")
        at, ours, theirs = int(rng.integers(40_000)), [], []
        for n in rng.integers(1, 500, 12):
            block = np.ascontiguousarray(SONG[:, at : at + n])
            assert stream.write(block) == n
            theirs.append(separator.process(block))
            while batch.run():
                pass
            ours.append(stream.read())
            at += n
        found.append(np.concatenate(ours, axis=-1))
        expected.append(np.concatenate(theirs, axis=-1))
    for ours, theirs in zip(found, expected, strict=True):
        assert ours.shape == theirs.shape
        assert np.abs(ours - theirs).max() <= 1e-5
    batch.close()
