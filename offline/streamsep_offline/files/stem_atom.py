"""What makes an MP4 a stem file for DJ software: a box `stem` with JSON in moov/udta.

Layout as Native Instruments' tool leaves it: brand M4A, the mixture as the first track and enabled, the
stems as further tracks and disabled, their names and colours in the box. Their players expect four stems;
more or fewer are written all the same.

Sources: ISO/IEC 14496-12 (boxes); Native Instruments, "Stem file specification" (the JSON's keys).
"""

from __future__ import annotations

import json
import struct
from collections.abc import Iterator, Sequence
from pathlib import Path

from streamsep.errors import AudioFileError

_COLOURS = ("#009E73", "#D55E00", "#CC79A7", "#56B4E9")
"""Told apart by colour-blind eyes too (Okabe and Ito)."""

_DSP = {
    "compressor": {
        "enabled": False,
        "ratio": 10,
        "output_gain": 0.5,
        "release": 0.3,
        "attack": 0.003,
        "input_gain": 0.5,
        "threshold": 0,
        "hp_cutoff": 300,
        "dry_wet": 50,
    },
    "limiter": {"enabled": False, "release": 0.05, "threshold": 0, "ceiling": -0.35},
}
"""Players mix the stems through these; switched off, the stems add up to the mixture."""


def add_stem_atom(path: Path, names: Sequence[str]) -> None:
    """Put the box into an MP4 whose moov is its last box, as muxers write it unless told otherwise.

    Args:
        path: The file; changed in place.
        names: Of the stems.

    Raises:
        AudioFileError: The file is of another build.
    """
    stems = [{"name": n, "color": _COLOURS[i % len(_COLOURS)]} for i, n in enumerate(names)]
    text = json.dumps({"version": 1, "mastering_dsp": _DSP, "stems": stems})
    atom = _box(b"stem", text.encode())
    with open(path, "r+b") as file:
        start, size = _last_box(path)
        file.seek(start)
        moov = file.read(size)
        if moov[4:8] != b"moov":
            raise AudioFileError(f"{path} does not end in its index; write it anew")
        children = list(_boxes(moov[8:]))
        kept = b"".join(box for box in children if box[4:8] != b"udta")
        udta = b"".join(box[8:] for box in children if box[4:8] == b"udta")
        file.seek(start)
        file.write(_box(b"moov", kept + _box(b"udta", udta + atom)))
        file.truncate()


def _last_box(path: Path) -> tuple[int, int]:
    """Offset and size of a file's last box."""
    start = size = 0
    with open(path, "rb") as file:
        while len(head := file.read(16)) >= 8:
            start += size
            size = struct.unpack(">I", head[:4])[0]
            if size == 1:  # the size did not fit into 32 bits
                size = struct.unpack(">Q", head[8:16])[0]
            if size < 8:  # a box that reaches to the end of the file
                break
            file.seek(start + size)
    return start, size


def _boxes(data: bytes) -> Iterator[bytes]:
    while len(data) >= 8:
        size = max(8, struct.unpack(">I", data[:4])[0])
        yield data[:size]
        data = data[size:]


def _box(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I4s", 8 + len(body), kind) + body
