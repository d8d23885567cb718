"""Samples as bytes: the little-endian formats of pipes, to and from float32."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from streamsep.errors import ParameterError


@dataclass(frozen=True)
class PcmFormat:
    """How samples lie in a stream of bytes.

    Attributes:
        sample_rate: In Hz.
        channels: Interleaved.
        encoding: One of "u8", "s16", "s24", "s32", "f32", "f64".
    """

    sample_rate: int
    channels: int
    encoding: str

    @property
    def frame_bytes(self) -> int:
        """Bytes of one sample of every channel."""
        return self.channels * int(self.encoding[1:]) // 8


ENCODINGS = ("u8", "s16", "s24", "s32", "f32", "f64")
"""Names as in ffmpeg, without the ending "le"."""


def parse_raw(text: str) -> PcmFormat:
    """Format from RATE:CHANNELS:ENCODING, such as 44100:2:s16.

    Raises:
        ParameterError: The text is not of that form.
    """
    parts = text.split(":")
    encoding = parts[-1].removesuffix("le")
    if len(parts) != 3 or not (parts[0] + parts[1]).isdigit() or encoding not in ENCODINGS:
        raise ParameterError(
            f"--raw {text} is not RATE:CHANNELS:ENCODING; write for example 44100:2:s16, "
            f"with one of: {', '.join(ENCODINGS)}"
        )
    return PcmFormat(int(parts[0]), int(parts[1]), encoding)


def decode(data: bytes, pcm: PcmFormat) -> np.ndarray:
    """Bytes of whole frames to float32 [channels, n]; integers are scaled to -1 to 1."""
    if pcm.encoding == "u8":
        flat = (np.frombuffer(data, np.uint8).astype(np.float32) - 128.0) / 128.0
    elif pcm.encoding == "s24":
        # Three bytes become the upper three of an int32; the lowest stays zero.
        wide = np.zeros((len(data) // 3, 4), np.uint8)
        wide[:, 1:] = np.frombuffer(data, np.uint8).reshape(-1, 3)
        flat = wide.view("<i4")[:, 0].astype(np.float32) / 2.0**31
    elif pcm.encoding[0] == "s":
        bits = int(pcm.encoding[1:])
        flat = np.frombuffer(data, f"<i{bits // 8}").astype(np.float32) / 2.0 ** (bits - 1)
    else:
        flat = np.frombuffer(data, f"<f{int(pcm.encoding[1:]) // 8}").astype(np.float32)
    return np.ascontiguousarray(flat.reshape(-1, pcm.channels).T, np.float32)


def encode(samples: np.ndarray, encoding: str) -> bytes:
    """float32 [channels, n] within -1 to 1 to bytes of "s16", "s24" or "f32"."""
    frames = np.ascontiguousarray(samples.T)
    if encoding == "f32":
        return frames.astype("<f4").tobytes()
    bits = int(encoding[1:])
    top = 2.0 ** (bits - 1)
    whole = np.clip(np.rint(frames.astype(np.float64) * top), -top, top - 1).astype("<i4")
    if bits == 16:
        return whole.astype("<i2").tobytes()
    return whole.reshape(-1, 1).view(np.uint8)[:, :3].tobytes()
