import numpy as np
import pytest

from streamsep.engine.fifo import Fifo
from streamsep.engine.latency import stream_latency_samples
from streamsep.resample import StreamingResampler
from streamsep.spec import PROFILES


def _most_owed(profile, block, into, back):
    """Brute force: walk through the start and then through every block end of a whole period."""
    hop = profile.hop
    period = hop * into.rate_in // np.gcd(into.rate_in, into.rate_out)
    owed = 0
    start = 8 * profile.synthesis_length
    for m in range(0, start + int(np.lcm(period, block)) + 1, block):
        finished = (into.n_available(m) // hop + 1) * hop - profile.synthesis_length
        owed = max(owed, m - back.n_available(max(0, finished)))
    return owed


@pytest.mark.parametrize("block", [1, 32, 100, 441, 512])
@pytest.mark.parametrize("rates", [(96000, 48000), (88200, 44100), (32000, 48000), (22050, 44100)])
@pytest.mark.parametrize("profile", ["instant", "stage"])
def test_declared_latency_is_the_most_ever_owed(profile, rates, block):
    host, engine = rates
    into, back = StreamingResampler(host, engine, 1), StreamingResampler(engine, host, 1)
    declared = stream_latency_samples(PROFILES[profile], block, into, back)
    assert declared == _most_owed(PROFILES[profile], block, into, back)


def test_without_resampling_it_is_the_profile_s():
    for profile in PROFILES.values():
        for block in (None, 1, 64, 441, 4096):
            assert stream_latency_samples(profile, block, None, None) == profile.latency_samples(
                block
            )


@pytest.mark.parametrize("host", [8000, 11025, 32000, 96000, 192000])
def test_resampling_costs_at_most_three_milliseconds(host):
    engine = 44100 if host == 11025 else 48000
    into, back = StreamingResampler(host, engine, 1), StreamingResampler(engine, host, 1)
    profile = PROFILES["stage"]
    added_s = (
        stream_latency_samples(profile, None, into, back) / host
        - profile.latency_samples(None) / engine
    )
    assert 0 <= added_s <= 0.003 + 2 / min(host, engine)  # and the rounding to whole samples


def test_fifo_is_a_queue_whatever_the_sizes():
    rng = np.random.default_rng(0)
    fifo, model, fed = Fifo((2, 1), 64), [], 0
    fifo.clear(5)
    model += [0.0] * 5
    for _ in range(500):
        n = int(rng.integers(0, 64 - fifo.n_held + 1))
        values = np.arange(fed, fed + n, dtype=np.float32)
        fed += n
        fifo.push(np.broadcast_to(values, (2, 1, n)))
        model += values.tolist()
        out = np.empty((2, 1, int(rng.integers(0, fifo.n_held + 1))), np.float32)
        fifo.pop(out)
        expected, model = model[: out.shape[-1]], model[out.shape[-1] :]
        assert out[0, 0].tolist() == out[1, 0].tolist() == expected
        assert fifo.n_held == len(model)
