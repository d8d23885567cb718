"""The head of a WAV stream that cannot be rewound: read one, write one.

Programs that write WAV to a pipe do not know its length. ffmpeg then writes 0xFFFFFFFF, sox nearly
0x7FFFFFFF, others 0 or 0x80000000; all of these mean "until the stream ends".

Source: Microsoft, "Multiple channel audio data and WAVE files" (the extensible format);
EBU Tech 3306 (RF64).
"""

from __future__ import annotations

import struct
from typing import BinaryIO

from streamsep.audio.pcm import PcmFormat
from streamsep.errors import AudioFileError

_PCM, _FLOAT, _EXTENSIBLE = 0x0001, 0x0003, 0xFFFE
_ENCODINGS = {
    (_PCM, 8): "u8",
    (_PCM, 16): "s16",
    (_PCM, 24): "s24",
    (_PCM, 32): "s32",
    (_FLOAT, 32): "f32",
    (_FLOAT, 64): "f64",
}
_UNKNOWN = 0xFFFFFFFF
_REMEDY = "pipe WAV into it (ffmpeg -i IN -f wav -), or describe raw samples with --raw"


def is_unknown_size(size: int) -> bool:
    """Whether the size of a data chunk is one of those that mean "until the stream ends"."""
    return size == 0 or size >= 0xFFFFFF00 or 0x7FFFEF00 <= size <= 0x80000000


def read_head(stream: BinaryIO, name: str) -> tuple[PcmFormat, int | None]:
    """Read up to the first sample.

    Args:
        stream: At its first byte; left at the first sample.
        name: Of the stream, for messages.

    Returns:
        Format of the samples; count of data bytes, None where the stream's end decides.

    Raises:
        AudioFileError: No WAV stream, or an encoding that is not plain PCM or float.
    """
    start = stream.read(12)
    if not start:
        raise AudioFileError(f"{name} is empty: not one byte came; {_REMEDY}")
    if len(start) < 12 or start[:4] not in (b"RIFF", b"RF64") or start[8:] != b"WAVE":
        raise AudioFileError(f"{name} is not a WAV stream; {_REMEDY}")
    pcm, long_size = None, None
    while True:
        kind, size = _chunk_head(stream, name)
        if kind == b"data":
            break
        body = stream.read(size + size % 2)
        if len(body) < size:
            raise AudioFileError(f"{name} ends within its header; send the whole stream")
        if kind == b"fmt ":
            pcm = _parse_format(body, name)
        elif kind == b"ds64":
            long_size = struct.unpack_from("<Q", body, 8)[0]
    if pcm is None:
        raise AudioFileError(f"{name} holds samples before their format; {_REMEDY}")
    if size == _UNKNOWN and long_size:
        return pcm, long_size
    return pcm, None if is_unknown_size(size) else size


def _chunk_head(stream: BinaryIO, name: str) -> tuple[bytes, int]:
    head = stream.read(8)
    if len(head) < 8:
        raise AudioFileError(f"{name} ends within its header; send the whole stream")
    kind, size = struct.unpack("<4sI", head)
    return kind, size


def _parse_format(body: bytes, name: str) -> PcmFormat:
    if len(body) < 16:
        raise AudioFileError(f"{name} has a damaged format chunk; {_REMEDY}")
    tag, channels, rate, _, _, bits = struct.unpack_from("<HHIIHH", body)
    if tag == _EXTENSIBLE and len(body) >= 26:
        tag = struct.unpack_from("<H", body, 24)[0]  # the GUID starts with the ordinary tag
    if (tag, bits) not in _ENCODINGS:
        raise AudioFileError(
            f"{name} is WAV with format tag {tag:#06x} and {bits} bits; send plain PCM or float"
        )
    return PcmFormat(rate, channels, _ENCODINGS[tag, bits])


def make_head(pcm: PcmFormat) -> bytes:
    """Head of a WAV stream of unknown length."""
    tag, bits = next(key for key, encoding in _ENCODINGS.items() if encoding == pcm.encoding)
    layout = struct.pack(
        "<HHIIHHH",
        tag,
        pcm.channels,
        pcm.sample_rate,
        pcm.sample_rate * pcm.frame_bytes,
        pcm.frame_bytes,
        bits,
        0,
    )
    head = struct.pack("<4sI4s4sI", b"RIFF", _UNKNOWN, b"WAVE", b"fmt ", len(layout))
    return head + layout + struct.pack("<4sI", b"data", _UNKNOWN)
