"""Any engine as one C function, for a worker thread: the function takes the GIL and runs Python.

The worker may wait for the GIL as long as its reserve lasts; the audio callback never does, it fades to
the dry mixture where stems are late.
"""

from __future__ import annotations

import ctypes
import sys
import traceback

import numpy as np

from streamsep.engine import HopEngine
from streamsep.engine.live.program import Program

_C_FUNCTION = ctypes.CFUNCTYPE(None, ctypes.c_ssize_t)


def make_foreign_program(engine: HopEngine) -> Program:
    """A program with a fresh state around an engine's own `step`.

    An engine that raises is not asked again: its stems fall silent, so the residual carries the whole
    mixture, and the reason is written to standard error.

    Latency: the engine's. Thread: any. Allocates: what the engine allocates, so it is not for an audio
    callback. In place: the program's stems.
    """
    spec = engine.spec
    hop = np.zeros((spec.channels, spec.profile.hop), np.float32)
    stems = np.zeros((len(spec.estimated), *hop.shape), np.float32)
    state, has_failed = engine.init_state(), False

    def run(context: int) -> None:
        nonlocal state, has_failed
        if has_failed:
            return
        try:
            stems[...], state = engine.step(hop, state)
        except Exception:
            has_failed = True
            stems[...] = 0.0
            sys.stderr.write(f"engine {engine.name} failed: {traceback.format_exc()}")

    function = _C_FUNCTION(run)
    address = ctypes.cast(function, ctypes.c_void_p).value
    assert address is not None
    return Program(spec, address, 0, hop, stems, function)
