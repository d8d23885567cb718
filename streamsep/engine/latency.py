"""The delay of a stream: how many samples late its output is, so that it never has to wait for input.

After m host samples a resampler has produced K(m) engine samples, the engine has finished
A = floor(K / hop) hop - (S - hop) samples of every stem, and the resampler back has n(A) host samples.
The delay is the largest m - n over all m at which a block may end. n only grows when a hop completes, so
the worst m are the last block ends before a hop, and the pattern repeats after
hop * host_rate / gcd(host_rate, engine_rate) host samples. Without resampling this gives S - gcd(block, hop).
"""

from __future__ import annotations

import math

import numpy as np

from streamsep.resample import StreamingResampler
from streamsep.spec import Profile


def stream_latency_samples(
    profile: Profile,
    block_size: int | None,
    into: StreamingResampler | None,
    back: StreamingResampler | None,
) -> int:
    """Delay in host samples.

    Args:
        profile: Window pair of the engine.
        block_size: Promised size of the host's blocks (or a divisor of them); None promises nothing.
        into: Resampler from the host's rate to the engine's; None where they are equal.
        back: Resampler from the engine's rate to the host's; None where they are equal.
    """
    if into is None or back is None:
        return profile.latency_samples(block_size)
    hop = profile.hop
    common = math.gcd(into.rate_in, into.rate_out)
    period = hop * into.rate_in // common
    n_hops = into.rate_out // common
    # Skip the start, where counts are clipped at zero, by whole periods: the residues stay the same.
    skip = (
        n_hops - 1 + 4 * (profile.synthesis_length + into.half_width + back.half_width)
    ) // n_hops
    hops = skip * n_hops + np.arange(1, n_hops + 1, dtype=np.int64)
    # First count of host samples at which each of these hops is complete: n_available(m) >= hops * hop.
    complete = into.half_width + (hops * hop - 1) * into.rate_in // into.rate_out + 1
    step = math.gcd(1 if block_size is None else block_size, period)
    before = (complete - 1) // step * step
    finished = (into.n_available(before) // hop + 1) * hop - profile.synthesis_length
    return int(np.max(before - back.n_available(finished)))
