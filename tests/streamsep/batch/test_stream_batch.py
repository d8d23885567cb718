"""Every stream of a batch equals a Separator of its own, whoever else comes, goes, stalls or begins anew."""

import threading

import numpy as np
import pytest

from rig.jack import is_thorough
from signals import music
from streamsep import Separator, StreamBatch
from streamsep.batch.backend import create_backend
from streamsep.errors import (
    BatchFullError,
    BlockSizeError,
    EngineError,
    ParameterError,
    SampleRateError,
    ShapeError,
    StreamLeftError,
)
from streamsep.model import Model
from streamsep.models.open_unmix_random import random_model
from streamsep.presets import find_preset
from streamsep.spec import PROFILES, STEM_SETS, Profile

SMALL = Profile("small", 256, 128, 64)
OVERLAPPED = Profile("overlapped", 256, 256, 64)
SONG = music(2.0)


def classic(profile=SMALL, stem_set="4stems") -> Model:
    return Model("classic", profile, STEM_SETS[stem_set])


class Client:
    """A stream of a batch beside a Separator that hears the same."""

    def __init__(self, batch, separator, rng):
        self.stream = batch.join(block_size=separator.block_size)
        self.separator, self.rng = separator, rng
        self.begin()

    def begin(self):
        self.separator.reset()
        self.at = int(self.rng.integers(SONG.shape[1] - 10_000))
        self.expected = [np.zeros((len(self.separator.stems), self.separator.channels, 0))]
        self.n_checked = 0

    def write(self):
        unit = self.separator.block_size or 1
        n = -(-int(self.rng.choice([1, 3, 40, 64, 100, 441, 1500])) // unit) * unit
        block = SONG[: self.separator.channels, self.at : self.at + n]
        taken = self.stream.write(block[:, : block.shape[1] // unit * unit])
        self.at = (self.at + taken) % (SONG.shape[1] - 10_000)
        if taken:
            self.expected.append(self.separator.process(block[:, :taken]))

    def check(self, n=None):
        stems = self.stream.read(n)
        whole = np.concatenate(self.expected, axis=-1)
        expected = whole[..., : stems.shape[-1]]
        self.expected = [whole[..., stems.shape[-1] :]]
        self.n_checked += stems.shape[-1]
        assert np.abs(stems - expected).max(initial=0.0) <= 1e-5

    def check_all(self, batch):
        while batch.run():
            pass
        self.check()
        assert self.expected[0].shape[-1] == self.stream.n_ready == 0


def drive(batch, make_separator, n_changes, seed=0):
    """Random writes, reads and rounds, until so many streams joined, left or began anew."""
    rng = np.random.default_rng(seed)
    separators = [make_separator(size) for size in (None, None, 16, 48) * 2]
    clients, changes, refused, checked = [], 0, 0, 0
    while changes < n_changes:
        action = rng.choice(["join", "leave", "reset", *["write"] * 6, *["run"] * 5, *["read"] * 4])
        if action == "join":
            if batch.n_streams == batch.capacity:
                with pytest.raises(BatchFullError, match=f"all {batch.capacity} places"):
                    batch.join()
                refused += 1
                continue
            clients.append(Client(batch, separators.pop(), rng))
            changes += 1
        elif action == "run":
            batch.run(max_hops=rng.choice([None, None, 1, 2]))
        elif clients:
            client = clients[rng.integers(len(clients))]
            if action == "write":
                client.write()
            elif action == "read":
                client.check(None if rng.integers(2) else int(rng.integers(500)))
            else:
                if rng.integers(2):  # half of them with all that they are owed
                    client.check_all(batch)
                checked += client.n_checked
                changes += 1
                if action == "reset":
                    client.stream.reset()
                    client.begin()
                else:
                    client.stream.leave()
                    clients.remove(client)
                    separators.insert(0, client.separator)
    for client in clients:
        client.check_all(batch)
    assert refused > n_changes // 100
    assert checked > 50 * n_changes


def shipped() -> Model:
    return find_preset("4stems-stage").load()


def open_unmix() -> Model:
    return random_model(SMALL, STEM_SETS["4stems"], 33, residual_network=False)


@pytest.mark.parametrize("make", [classic, *([shipped, open_unmix] if is_thorough() else [])])
def test_streams_equal_separators_through_1000_changes(make):
    model = make()
    batch = StreamBatch(model, capacity=5)
    drive(batch, lambda size: Separator(model, block_size=size), 1000)


@pytest.mark.parametrize("engine", ["compiled", "torch"])
@pytest.mark.parametrize("channels", [1, 2])
def test_engines_and_channels(engine, channels):
    model, options = classic(OVERLAPPED, "2stems"), dict(sample_rate=48000, channels=channels)
    batch = StreamBatch(model, capacity=3, engine=engine, **options)
    drive(batch, lambda size: Separator(model, block_size=size, **options), 60)


def test_latencies_follow_from_the_promise():
    batch = StreamBatch(classic(), capacity=3)
    assert batch.latency_samples == SMALL.synthesis_length - 1
    for block_size in (None, 48, 64):
        stream = batch.join(block_size=block_size)
        assert stream.latency_samples == SMALL.latency_samples(block_size)
    with pytest.raises(BlockSizeError, match="breaks the promise block_size=64"):
        stream.write(np.zeros((2, 65), np.float32))
    for bad in (0, 9000):
        with pytest.raises(BlockSizeError, match=f"block_size={bad}"):
            batch.join(block_size=bad)


def test_the_oldest_deadline_comes_first():
    batch = StreamBatch(classic(), capacity=4)
    streams = [batch.join() for _ in range(4)]
    hop, hop_s = np.zeros((2, batch.hop), np.float32), batch.spec.hop_s
    assert batch.next_deadline_s() is None
    for stream, at_s in zip(streams, (5.0, 2.0, 9.0, 2.5), strict=True):
        stream.write(hop, at_s=at_s)
    done = []
    while (deadline_s := batch.next_deadline_s()) is not None:
        assert batch.run(now_s=1.0, max_hops=1) == 1
        done.append(deadline_s - hop_s)
    assert done == pytest.approx([2.0, 2.5, 5.0, 9.0])
    assert batch.n_late == 0
    streams[0].write(hop, at_s=1.0)
    assert batch.run(now_s=2.0) == 1
    assert batch.n_late == 1


def test_rounds_wait_for_more_while_there_is_slack():
    hop_s = SMALL.hop / 44100
    batch = StreamBatch(classic(), capacity=3, gather_s=0.5 * hop_s)
    one, other = batch.join(), batch.join()
    hop = np.zeros((2, batch.hop), np.float32)
    one.write(hop, at_s=0.0)
    assert batch.run(now_s=0.4 * hop_s) == 0
    assert batch.run(now_s=0.6 * hop_s) == 1
    one.write(hop, at_s=hop_s)
    other.write(hop, at_s=hop_s)
    assert batch.run(now_s=hop_s) == 2
    with pytest.raises(ParameterError, match="every deadline"):
        StreamBatch(classic(), capacity=1, gather_s=hop_s)


def test_a_client_that_does_not_read_is_held_back_alone():
    batch = StreamBatch(classic(), capacity=2)
    deaf, other = batch.join(), batch.join(block_size=100)
    block, taken = SONG[:, :3000], []
    for _ in range(5):
        taken.append(deaf.write(block))
        assert other.write(block) == 3000
        while batch.run():
            pass
        assert other.read().shape[-1] == 3000
    assert sum(taken) == deaf.position == 8192
    assert taken[-1] == 0
    assert deaf.read(1000).shape[-1] == 1000
    assert deaf.write(block) == 1000
    # While nobody runs the batch, no more than the queue is taken either, in units of the promise.
    assert [other.write(block) for _ in range(4)] == [3000, 3000, 2100, 0]
    assert other.n_queued >= 8100


def test_gains_ramp_and_mix():
    batch = StreamBatch(classic(), capacity=2)
    gained, plain = batch.join(), batch.join()
    target = np.array([0.0, 2.0, 1.0, 0.5], np.float32)

    def hear(n):
        for stream in (gained, plain):
            stream.write(
                SONG[:, plain.position if stream is gained else gained.position - n :][:, :n]
            )
        while batch.run():
            pass
        return gained.read(), plain.read()

    a, b = hear(1000)
    assert np.array_equal(a, b)
    gained.gains = target
    assert np.array_equal(gained.gains, target)
    a, b = hear(1000)
    assert np.array_equal(a[..., 64:], b[..., 64:] * target[:, None, None])
    ramp = 1.0 + (target[:, None] - 1.0) * np.arange(1, 65) / 64
    assert np.abs(a[..., :64] - b[..., :64] * ramp[:, None]).max() <= 1e-6
    gained.gains = None
    hear(100)
    a, b = hear(1000)
    assert np.array_equal(a, b)
    gained.gains = target
    gained.write(SONG[:, :500])
    while batch.run():
        pass
    assert gained.mix(100).shape == (2, 100)
    for bad in ([1.0], [1.0, 1.0, np.nan, 1.0], [1.0, 1.0, -0.1, 1.0], [17.0] * 4):
        with pytest.raises(ParameterError, match="gains"):
            gained.gains = bad


def test_the_mix_at_unity_is_the_delayed_input():
    batch = StreamBatch(classic(), capacity=1)
    stream = batch.join()
    stream.write(SONG[:, :5000])
    while batch.run():
        pass
    mix, delay = stream.mix(), stream.latency_samples
    assert np.abs(mix[:, delay:] - SONG[:, : 5000 - delay]).max() <= 1e-6


def test_bad_samples_stay_in_their_own_stream():
    batch = StreamBatch(classic(), capacity=2)
    alone, beside = batch.join(), batch.join()
    separator = Separator(classic())
    beside.write(np.full((2, 2000), np.nan, np.float32))
    alone.write(SONG[:, :2000])
    while batch.run():
        pass
    assert np.abs(alone.read() - separator.process(SONG[:, :2000])).max() <= 1e-5
    assert np.all(beside.read() == 0.0)


def test_runner_and_clients_in_threads_of_their_own():
    batch = StreamBatch(classic(), capacity=4)
    stop, wrong = threading.Event(), []

    def serve():
        while not stop.is_set():
            batch.run()

    def sing(seed):
        rng, separator = np.random.default_rng(seed), Separator(classic())
        for _ in range(3):
            with batch.join() as stream:
                heard, at = [], 0
                while sum(part.shape[-1] for part in heard) < 12_000:
                    n = int(rng.integers(1, 700))
                    at += stream.write(SONG[:, at : min(at + n, 12_000)])
                    heard.append(stream.read())
                expected = separator.process(SONG[:, :12_000])
                separator.reset()
                wrong.append(np.abs(np.concatenate(heard, axis=-1) - expected).max())

    runner = threading.Thread(target=serve)
    clients = [threading.Thread(target=sing, args=(seed,)) for seed in range(4)]
    for thread in (runner, *clients):
        thread.start()
    for client in clients:
        client.join(timeout=60)
    stop.set()
    runner.join()
    assert len(wrong) == 12
    assert max(wrong) <= 1e-5


def test_presets_select_model_and_profile():
    with StreamBatch.from_preset("classic-2stems-tight", capacity=1) as batch:
        assert batch.stems == STEM_SETS["2stems"]
        assert batch.hop == PROFILES["tight"].hop
        assert not batch.spec.has_wiener
        assert (batch.n_streams, batch.capacity) == (0, 1)
    preset = find_preset("classic", "instant")
    assert StreamBatch.from_preset(preset, capacity=1).hop == PROFILES["instant"].hop


def test_refusals_say_what_to_do():
    for wrong, error, match in (
        ({"sample_rate": 32000}, SampleRateError, "resample outside"),
        ({"channels": 3}, ShapeError, "mix it down"),
        ({"capacity": 0}, ParameterError, "capacity=0"),
        ({"threads": 0}, ParameterError, "threads=0"),
        ({"engine": "abacus"}, EngineError, "compiled, torch"),
        ({"engine": "torch", "threads": 2}, EngineError, "engine 'compiled'"),
        ({"precision": "int4"}, EngineError, "float32, int8"),
    ):
        with pytest.raises(error, match=match):
            StreamBatch(classic(), **{"capacity": 1, **wrong})
    batch = StreamBatch(classic(), capacity=1)
    stream = batch.join()
    with pytest.raises(ShapeError, match="channels=1"):
        stream.write(np.zeros((1, 10), np.float32))
    with pytest.raises(ParameterError, match="n=-1"):
        stream.read(-1)
    stream.leave()
    stream.leave()
    assert (stream.n_ready, stream.n_queued, stream.position, batch.n_streams) == (0, 0, 0, 0)
    for use in (lambda: stream.write(SONG), stream.read, stream.reset):
        with pytest.raises(StreamLeftError, match="join again"):
            use()
    batch.close()
    batch.close()
    for use in (batch.run, batch.join):
        with pytest.raises(EngineError, match="closed"):
            use()


def test_a_backend_can_be_used_by_itself():
    spec = StreamBatch(classic(), capacity=1).spec
    backend = create_backend("compiled", classic(), spec, 3)
    hops = np.ascontiguousarray(SONG[:, :128].reshape(2, 2, 64).swapaxes(0, 1))
    stems = np.zeros((2, 3, 2, 64), np.float32)
    for slot in range(3):
        backend.reset(slot)
    backend.step(np.array([2, 0]), hops, stems)
    first = stems.copy()
    backend.reset(2)
    backend.step(np.array([2]), hops[:1], stems[:1])
    assert np.array_equal(stems[0], first[0])
    assert backend.latency_samples == SMALL.synthesis_length - SMALL.hop
    backend.close()
