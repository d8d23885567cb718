"""A microphone beside the music: dry, louder or softer, with a little room; never through the separator.

Its callback is machine code of a stream of its own, from the microphone to the output that the music uses
too; systems mix the two. So the voice is as late as the buffers and no later.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numba
import numpy as np
from numba import types

from streamsep.engine.compiled.cache import kernel
from streamsep.engine.compiled.sanitise import sanitise
from streamsep.engine.live.callback import CONTINUE
from streamsep.engine.live.limiter import RELEASE_S, limit
from streamsep.engine.live.machine import (
    Block,
    as_pointer,
    c_address,
    flush_denormals,
    loader,
)
from streamsep.engine.live.reverb import Reverb, make_reverb, reverberate

GAIN, ROOM = range(2)
"""Controls: gain, and how loud the room answers."""

N_CALLBACKS, N_GAPS = range(2)

CHUNK = 256

SMOOTH_S = 0.02
"""Time in seconds in which a control goes most of its way."""

_GAP_FLAGS = 6
_LOW_HALF = 0xFFFFFFFF


class Microphone(NamedTuple):
    """Memory of a microphone's callback.

    Attributes:
        n_inputs: Channels of the microphone; more than one are averaged.
        n_outputs: Of the output; the third and later ones are silent.
        smooth: Share of its way that a control goes per sample.
        release: Of the limiter.
        wanted: Controls as they are wanted; written by another thread. float64 [2]
        now: As they are. float64 [2]
        counts: Callbacks, gaps that the driver reported. int64 [2]
        clean: Piece of the input. [inputs, CHUNK]
        voice: Piece of the voice. [CHUNK]
        room: Piece of the room's answer. [2, CHUNK]
        heard: Piece of the output. float64 [2, CHUNK]
        envelope: Of the limiter. float64 [1]
        peak: Highest of the voice since someone looked. float64 [1]
        reverb: The room.
    """

    n_inputs: int
    n_outputs: int
    smooth: np.float32
    release: np.float32
    wanted: np.ndarray
    now: np.ndarray
    counts: np.ndarray
    clean: np.ndarray
    voice: np.ndarray
    room: np.ndarray
    heard: np.ndarray
    envelope: np.ndarray
    peak: np.ndarray
    reverb: Reverb


class HeldMicrophone:
    """A microphone's memory, and what the callback gets.

    Args:
        sample_rate: In Hz.
        n_inputs: Channels of the microphone.
        n_outputs: Of the output.
        gain: Linear.
        room: The same for the room's answer.

    Attributes:
        memory: `Microphone`.
        address: Of it, for `microphone_address`.
    """

    def __init__(
        self, sample_rate: int, n_inputs: int, n_outputs: int, gain: float, room: float
    ) -> None:
        self.memory = Microphone(
            n_inputs=n_inputs,
            n_outputs=n_outputs,
            smooth=np.float32(1.0 - math.exp(-3.0 / (SMOOTH_S * sample_rate))),
            release=np.float32(math.exp(-1.0 / (RELEASE_S * sample_rate))),
            wanted=np.array([gain, room]),
            now=np.array([0.0, room]),
            counts=np.zeros(2, np.int64),
            clean=np.zeros((n_inputs, CHUNK), np.float32),
            voice=np.zeros(CHUNK, np.float32),
            room=np.zeros((2, CHUNK), np.float32),
            heard=np.zeros((2, CHUNK)),
            envelope=np.zeros(1),
            peak=np.zeros(1),
            reverb=make_reverb(sample_rate),
        )
        self._block = Block(self.memory)
        self.address = self._block.address

    def sing(self, inputs: np.ndarray, outputs: np.ndarray) -> None:
        """What the callback does, for hosts that bring their blocks themselves.

        Args:
            inputs: float32 [n, inputs].
            outputs: Written. float32 [n, outputs].
        """
        sing(inputs, outputs, self.memory)


def _type() -> types.Type:
    """Numba's type of a `Microphone`."""
    return numba.typeof(HeldMicrophone(8000, 1, 1, 0.0, 0.0).memory)


load_microphone = loader(_type)


def microphone_address() -> int:
    """Address of the callback, see `streamsep.engine.live.callback`; it gets `HeldMicrophone.address`."""
    return c_address(_callback, (types.intp,) * 6)


@kernel
def _callback(inputs, outputs, n_samples, time_info, flags, address):
    flush_denormals()
    memory = load_microphone(address)
    n = n_samples & _LOW_HALF
    played = numba.carray(as_pointer(outputs), (n, memory.n_outputs), np.float32)
    heard = numba.carray(as_pointer(inputs), (n, memory.n_inputs), np.float32)
    sing(heard, played, memory)
    if flags & _GAP_FLAGS:
        memory.counts[N_GAPS] += 1
    memory.counts[N_CALLBACKS] += 1
    return CONTINUE


@kernel
def sing(inputs, outputs, memory):
    """One block of voice, dry and with its room.

    Args:
        inputs: [n, inputs]
        outputs: Written. [n, outputs]
        memory: `Microphone`.

    Latency: 0. Thread: audio. Allocates: no. In place: outputs, memory.
    """
    n, done = inputs.shape[0], 0
    while done < n:
        m = min(n - done, CHUNK)
        sanitise(inputs[done : done + m].T, memory.clean[:, :m])
        _move(memory, m)
        reverberate(memory.reverb, memory.voice, m, memory.room)
        for c in range(2):
            for k in range(m):
                room = memory.now[ROOM] * memory.room[c, k]
                memory.heard[c, k] = memory.voice[k] + room
        limit(memory.heard, m, memory.envelope, memory.release)
        for out in range(outputs.shape[1]):
            for k in range(m):
                outputs[done + k, out] = np.float32(memory.heard[out, k]) if out < 2 else 0.0
        done += m


@kernel
def _move(memory, m):
    """The voice: all channels of the input, as loud as is wanted by and by."""
    now, wanted = memory.now, memory.wanted
    n_inputs, loudest = memory.clean.shape[0], 0.0
    for k in range(m):
        now[GAIN] += memory.smooth * (wanted[GAIN] - now[GAIN])
        total = np.float32(0.0)
        for c in range(n_inputs):
            total += memory.clean[c, k]
        memory.voice[k] = now[GAIN] * total / n_inputs
        loudest = max(loudest, abs(memory.voice[k]))
    now[ROOM] += min(1.0, memory.smooth * m) * (wanted[ROOM] - now[ROOM])
    memory.peak[0] = max(memory.peak[0], loudest)
