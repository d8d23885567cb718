"""Sound as it goes over the wire: little-endian, interleaved.

A message to the server is frames, each the samples of all channels. A message from the server is a
position (u64, the number of its first frame) and frames, each all stems, each all channels.
"""

from __future__ import annotations

import struct

import numpy as np

from streamsep_bridge.serve.refused import Refused

FORMATS = {"f32": np.dtype("<f4"), "s16": np.dtype("<i2")}
"""Of samples: float32 around +-1, or 16-bit integers."""

POSITION = struct.Struct("<Q")
"""What begins every message from the server."""

_FULL_SCALE = 32768.0


def decode(message: bytes, name: str, channels: int) -> np.ndarray:
    """Sound of a message.

    Args:
        message: Binary.
        name: Key of `FORMATS`.
        channels: Of the sound.

    Returns:
        C-contiguous float32 [channels, n].

    Raises:
        Refused: The bytes are no whole frames.
    """
    kind = FORMATS[name]
    if len(message) % (kind.itemsize * channels):
        raise Refused(
            "sound",
            f"a message of {len(message)} bytes is no whole number of frames of {channels} channels "
            f"in {name}",
            f"send multiples of {kind.itemsize * channels} bytes",
        )
    frames = np.frombuffer(message, kind).reshape(-1, channels)
    block = np.ascontiguousarray(frames.T, np.float32)
    if name == "s16":
        block *= np.float32(1.0 / _FULL_SCALE)
    return block


def encode(stems: np.ndarray, position: int, name: str) -> bytes:
    """A message of stems.

    Args:
        stems: float32 [stems, channels, n].
        position: Number of the first frame.
        name: Key of `FORMATS`.
    """
    frames = np.moveaxis(stems, -1, 0)
    if name == "s16":
        scaled = np.rint(frames * np.float32(_FULL_SCALE))
        frames = np.clip(scaled, -_FULL_SCALE, _FULL_SCALE - 1.0)
    return POSITION.pack(position) + frames.astype(FORMATS[name]).tobytes()
