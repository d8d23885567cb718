"""The native audio callbacks: PortAudio's signature around `play`, with a stop watch, and around `give`.

They hold no lock, touch no Python object, allocate nothing and ask the system for nothing but the time,
which Linux gives without a system call. So neither the GIL nor the garbage collector can delay them.
"""

from __future__ import annotations

import numba
import numpy as np
from numba import types

from streamsep.engine.compiled.cache import kernel
from streamsep.engine.live.draw import draw
from streamsep.engine.live.intake import LOST_BLOCKS, load_intake
from streamsep.engine.live.machine import (
    CLOCK_MONOTONIC,
    as_pointer,
    c_address,
    flush_denormals,
    loader,
    read_clock,
)
from streamsep.engine.live.memory import (
    BUSY_NS,
    LOAD_STEP,
    LONGEST_BLOCK,
    LONGEST_NS,
    N_CALLBACKS,
    N_LOADS,
    OVERFLOWS,
    OVERLOADS,
    UNDERFLOWS,
    path_type,
)
from streamsep.engine.live.path import play
from streamsep.engine.live.supply import give

CONTINUE = 0
"""What tells PortAudio to call again."""

# Flags of PortAudio: input lost, output had a gap.
_INPUT_OVERFLOW, _OUTPUT_UNDERFLOW = 2, 4
# Where `unsigned long` has 32 bits, the other half of the register is anything.
_LOW_HALF = 0xFFFFFFFF

load_path = loader(path_type)


def callback_address() -> int:
    """Address of the callback as C sees it; `path` is `LiveEngine.address`.

    int f(const void *in, void *out, unsigned long n, const void *time, unsigned long flags, void *path)
    """
    return c_address(_callback, (types.intp,) * 6)


@kernel
def _callback(inputs, outputs, n_samples, time_info, flags, address):
    flush_denormals()
    path = load_path(address)
    n = n_samples & _LOW_HALF
    before = _now(path.clock)
    played = numba.carray(as_pointer(outputs), (n, path.n_outputs), np.float32)
    if inputs == 0:  # the stream has no input
        inputs = draw(path.intake, n, before)
    if inputs == 0:
        played[:] = np.float32(0.0)
        return CONTINUE
    samples = numba.carray(as_pointer(inputs), (n, path.n_inputs), np.float32)
    play(samples, played, path)
    counts = path.counts
    if flags & _OUTPUT_UNDERFLOW:
        counts[UNDERFLOWS] += 1
    elif flags & _INPUT_OVERFLOW:  # JACK reports each gap as both
        counts[OVERFLOWS] += 1
    busy = _now(path.clock) - before
    counts[BUSY_NS] += busy
    counts[LONGEST_NS] = max(counts[LONGEST_NS], busy)
    counts[LONGEST_BLOCK] = max(counts[LONGEST_BLOCK], n)
    load = busy / (np.float64(path.ns_per_sample) * max(n, 1))
    path.loads[min(int(load / LOAD_STEP), N_LOADS - 1)] += 1
    if load > 1.0:
        counts[OVERLOADS] += 1
    counts[N_CALLBACKS] += 1
    return CONTINUE


def capture_address() -> int:
    """The same for a stream without output: its argument is the address of a `HeldIntake`'s block."""
    return c_address(_capture, (types.intp,) * 6)


@kernel
def _capture(inputs, outputs, n_samples, time_info, flags, address):
    intake = load_intake(address)
    n = n_samples & _LOW_HALF
    if inputs != 0:
        block = numba.carray(as_pointer(inputs), (n, intake.ring.shape[1]), np.float32)
        give(intake, block, _now(intake.time) * 1e-9)
    if flags & _INPUT_OVERFLOW:
        intake.counts[LOST_BLOCKS] += 1
    return CONTINUE


@kernel
def _now(clock):
    """Nanoseconds of the monotonic clock."""
    read_clock(CLOCK_MONOTONIC, clock)
    return clock[0] * 1_000_000_000 + clock[1]
