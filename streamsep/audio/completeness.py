"""Is a file whole? libsndfile reads a truncated one to its early end without a word.

Each container says somewhere how long it is; where it does, that is compared with what is there.
FLAC needs no look ahead, its decoder fails by itself.
"""

from __future__ import annotations

import os
import struct
from pathlib import Path

from streamsep.audio.mp3_frames import count_frames
from streamsep.audio.wav_pipe import is_unknown_size
from streamsep.errors import AudioFileError

_OGG_TAIL = 1 << 17
"""Bytes looked at for the last Ogg page, which is at most 65307 bytes long."""


def true_length(path: Path, container: str, n_frames: int) -> int:
    """Samples per channel of a file; refuses one that is shorter than it says.

    Args:
        path: The file.
        container: libsndfile's name of its format, "WAV".
        n_frames: Samples per channel that libsndfile expects, a guess for an MP3 without header.

    Raises:
        AudioFileError: The file is truncated, or its length cannot be trusted.
    """
    if container in ("WAV", "WAVEX", "AIFF"):
        missing = _missing_chunk_bytes(path, "<" if container != "AIFF" else ">")
        if missing > 0:
            raise _truncated(path, f"{missing} bytes of its samples are missing")
    elif container == "OGG":
        if not _ogg_has_end(path):
            raise _truncated(path, "its last Ogg page is missing")
    elif container in ("MP3", "MPEG"):
        return _mp3_length(path, n_frames)
    return n_frames


def _truncated(path: Path, reason: str) -> AudioFileError:
    return AudioFileError(
        f"{path} is truncated: {reason}; get it again, or re-encode it (ffmpeg -i IN OUT.wav) "
        "to take it as it is"
    )


def _missing_chunk_bytes(path: Path, endian: str) -> int:
    """Bytes by which the chunk of samples reaches beyond the end of a WAV or AIFF file."""
    size = os.path.getsize(path)
    with open(path, "rb") as file:
        file.seek(12)
        while len(head := file.read(8)) == 8:
            kind, length = struct.unpack(endian + "4sI", head)
            if kind in (b"data", b"SSND"):
                return 0 if is_unknown_size(length) else file.tell() + length - size
            file.seek(length + length % 2, os.SEEK_CUR)
    return 0


def _ogg_has_end(path: Path) -> bool:
    """Whether the last page is whole and marked as the end of its stream (RFC 3533, section 6)."""
    with open(path, "rb") as file:
        file.seek(0, os.SEEK_END)
        file.seek(max(0, file.tell() - _OGG_TAIL))
        tail = file.read()
    at = tail.rfind(b"OggS")
    if at < 0 or len(tail) < at + 27:
        return False
    segments = tail[at + 27 : at + 27 + tail[at + 26]]
    whole = len(segments) == tail[at + 26] and len(tail) >= at + 27 + len(segments) + sum(segments)
    return whole and bool(tail[at + 5] & 4)


def _mp3_length(path: Path, n_frames: int) -> int:
    frames = count_frames(path)
    if frames is None:
        return n_frames
    if frames.n_promised is not None:
        # Encoders disagree by one about whether the header frame counts.
        if frames.n_complete < frames.n_promised - 1:
            found = f"{frames.n_complete} of {frames.n_promised} MP3 frames are there"
            raise _truncated(path, found)
        return n_frames
    n_real = frames.n_complete * frames.samples_per_frame
    if n_frames < 0.98 * n_real - 10 * frames.samples_per_frame:
        raise AudioFileError(
            f"{path} has no length header, so only {n_frames} of its {n_real} samples would be "
            "read; give it one: ffmpeg -i IN.mp3 -c copy OUT.mp3"
        )
    return n_real
