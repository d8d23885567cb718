"""The fallback where PortAudio cannot be given machine code: a callback in Python that calls it.

The sound is the same; but each block waits for Python's global lock, so a busy thread of the process is
heard as gaps. Whoever uses it says so.
"""

from __future__ import annotations

import ctypes
from collections.abc import Callable
from typing import Any

_SIGNATURE = ctypes.CFUNCTYPE(
    ctypes.c_int,
    ctypes.c_void_p,
    ctypes.c_void_p,
    ctypes.c_ulong,
    ctypes.c_void_p,
    ctypes.c_ulong,
    ctypes.c_void_p,
)


def python_callback(
    function: int, argument: int, has_input: bool, has_output: bool, ffi: Any
) -> Callable[..., None]:
    """A callback for sounddevice's raw streams that calls machine code.

    Args:
        function: Address, see `streamsep.engine.live.callback`.
        argument: What it gets.
        has_input: Of the stream.
        has_output: Of the stream.
        ffi: Of sounddevice, which made the buffers.

    Latency: 0. Thread: the audio's; waits for the global lock. Allocates: yes. In place: the output.
    """
    call = _SIGNATURE(function)

    def address(buffer: Any) -> int:
        return int(ffi.cast("intptr_t", ffi.from_buffer(buffer)))

    def callback(*arguments: Any) -> None:
        *buffers, n_samples, _, status = arguments
        inputs = address(buffers[0]) if has_input else None
        outputs = address(buffers[-1]) if has_output else None
        call(inputs, outputs, n_samples, None, status._flags, argument)

    return callback
