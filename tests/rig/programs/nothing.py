"""A do-nothing callback: `nothing.py SECONDS SIGN machine|python`.

It prints {} when it plays, and its gaps after so many seconds. SIGN is a file that it makes when it plays.
"""

import json
import sys
import time
from pathlib import Path

import numba
import numpy as np
from numba import types

from streamsep_bridge.audio.devices import find_device
from streamsep_bridge.audio.portaudio import load_sounddevice
from streamsep_bridge.audio.stream import NativeStream

_SIGNATURE = types.int32(*(types.intp,) * 4, types.uint64, types.CPointer(types.int64))


@numba.cfunc(_SIGNATURE)
def callback(inputs, outputs, n_samples, when, flags, counts):
    counts[0] += 1
    if flags & 6:
        counts[1] += 1
    return 0


def say(**facts):
    sys.stdout.write(json.dumps(facts) + "\n")
    sys.stdout.flush()


seconds, sign, language = float(sys.argv[1]), Path(sys.argv[2]), sys.argv[3]
sounddevice = load_sounddevice()
counts = np.zeros(2, np.int64)


def python_callback(inputs, outputs, n_samples, when, flags):
    counts[0] += 1
    if flags.input_overflow or flags.output_underflow:
        counts[1] += 1


if language == "python":
    stream = sounddevice.RawStream(44100, channels=2, latency="low", callback=python_callback)
else:
    source, sink = find_device(None, "input"), find_device(None, "output")
    stream = NativeStream(source, sink, (2, 2), 44100, 0, callback.address, counts.ctypes.data)
stream.start()
say()
sign.touch()
counts[:] = 0
time.sleep(seconds)
say(callbacks=int(counts[0]), gaps=int(counts[1]))
stream.close()
