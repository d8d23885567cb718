"""A sound font of a tenth of the size: its samples as Ogg Vorbis ("SF3"), unwanted programs silent.

FluidSynth 2 reads such fonts as any other where its build has libsndfile, as those of Debian and Ubuntu. The
layout is that of SoundFont 2.04, but for a sample's place, which is in bytes, and for its loop, which is
counted from its own beginning, as MuseScore introduced it.
"""

from __future__ import annotations

import io
import struct
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import soundfile as sf

from streamsep.errors import AudioFileError

_SAMPLE = np.dtype(
    [
        *(("name", "S20"), ("start", "<u4"), ("end", "<u4"), ("loop", "<u4"), ("loop_end", "<u4")),
        *(("rate", "<u4"), ("pitch", "u1"), ("correction", "i1"), ("link", "<u2"), ("type", "<u2")),
    ]
)
_PRESET = np.dtype(
    [
        *(("name", "S20"), ("program", "<u2"), ("bank", "<u2"), ("bag", "<u2")),
        *(("library", "<u4"), ("genre", "<u4"), ("morphology", "<u4")),
    ]
)
_INSTRUMENT = np.dtype([("name", "S20"), ("bag", "<u2")])
_BAG = np.dtype([("first", "<u2"), ("modulator", "<u2")])
_GENERATOR = np.dtype([("kind", "<u2"), ("value", "<u2")])

_INSTRUMENT_OF, _SAMPLE_OF = 41, 53
"""Generators that name what a zone plays."""

_PAIRED, _VORBIS, _ROM = 0xE, 0x10, 0x8000
"""Bits of a sample's type."""

_SILENCE = np.zeros(64, np.int16)


def compress_font(
    source: Path, output: Path, is_wanted: Callable[[int, int], bool], level: float = 0.6
) -> None:
    """Write a smaller font.

    Args:
        source: A SoundFont 2 file.
        output: File to write.
        is_wanted: Of a bank and a program; samples that no wanted one plays fall silent. Bank 128 holds
            drum kits.
        level: 0 (best) to 1 (smallest), see `soundfile`; 0.6 is Vorbis's quality 4, which keeps 20 kHz.

    Raises:
        AudioFileError: It is no SoundFont 2 file.
    """
    body = source.read_bytes()
    if body[:4] != b"RIFF" or body[8:12] != b"sfbk":
        raise AudioFileError(f"{source} is no sound font; name an .sf2 file")
    chunks = {kind: dict(_chunks(part)) for kind, part in _lists(body)}
    sounds = np.frombuffer(chunks[b"sdta"][b"smpl"], "<i2")
    tables = chunks[b"pdta"]
    headers = np.frombuffer(tables[b"shdr"], _SAMPLE).copy()
    wanted = _wanted_samples(tables, is_wanted)
    encoded, at = [], 0
    for k, one in enumerate(headers[:-1]):  # the last one ends the list
        if one["type"] & _ROM:
            continue
        start = int(one["start"])
        sound = sounds[start : int(one["end"])] if k in wanted else _SILENCE
        coded = _encode(sound, int(one["rate"]), level)
        loop = [min(int(one[name]) - start, len(sound)) for name in ("loop", "loop_end")]
        if k not in wanted:
            loop = [8, 56]
        for name, value in zip(
            ("start", "end", "loop", "loop_end"), (at, at + len(coded), *loop), strict=True
        ):
            headers[k][name] = max(0, value)
        headers[k]["type"] |= _VORBIS
        encoded.append(coded)
        at += len(coded)
    info = chunks[b"INFO"] | {b"ifil": struct.pack("<HH", 3, 1)}
    lists = (
        (b"INFO", info),
        (b"sdta", {b"smpl": b"".join(encoded)}),
        (b"pdta", tables | {b"shdr": headers.tobytes()}),
    )
    parts = [_chunk(b"LIST", kind + _joined(content)) for kind, content in lists]
    output.write_bytes(_chunk(b"RIFF", b"sfbk" + b"".join(parts)))


def _encode(sound: np.ndarray, rate: int, level: float) -> bytes:
    file = io.BytesIO()
    with sf.SoundFile(
        file, "w", rate, 1, format="OGG", subtype="VORBIS", compression_level=level
    ) as writer:
        writer.write(sound)
    return file.getvalue()


def _wanted_samples(tables: dict[bytes, bytes], is_wanted: Callable[[int, int], bool]) -> set[int]:
    """Numbers of the samples that wanted programs play, and of their other channels."""
    presets = np.frombuffer(tables[b"phdr"], _PRESET)
    instruments = np.frombuffer(tables[b"inst"], _INSTRUMENT)
    headers = np.frombuffer(tables[b"shdr"], _SAMPLE)
    found = set()
    for k, preset in enumerate(presets[:-1]):
        if not is_wanted(int(preset["bank"]), int(preset["program"])):
            continue
        zones = range(int(preset["bag"]), int(presets[k + 1]["bag"]))
        for number in _named(tables, b"pbag", b"pgen", zones, _INSTRUMENT_OF):
            ends = (int(instruments[number + i]["bag"]) for i in (0, 1))
            found |= set(_named(tables, b"ibag", b"igen", range(*ends), _SAMPLE_OF))
    return found | {int(headers[k]["link"]) for k in found if headers[k]["type"] & _PAIRED}


def _named(
    tables: dict[bytes, bytes], bags: bytes, generators: bytes, zones: range, kind: int
) -> Iterator[int]:
    """What the zones of a preset or an instrument play."""
    all_bags = np.frombuffer(tables[bags], _BAG)
    all_generators = np.frombuffer(tables[generators], _GENERATOR)
    for zone in zones:
        first, last = int(all_bags[zone]["first"]), int(all_bags[zone + 1]["first"])
        for one in all_generators[first:last]:
            if one["kind"] == kind:
                yield int(one["value"])


def _chunks(body: bytes) -> Iterator[tuple[bytes, bytes]]:
    at = 0
    while at + 8 <= len(body):
        name, size = struct.unpack_from("<4sI", body, at)
        yield name, body[at + 8 : at + 8 + size]
        at += 8 + size + size % 2


def _lists(body: bytes) -> Iterator[tuple[bytes, bytes]]:
    for name, content in _chunks(body[12:]):
        if name == b"LIST":
            yield content[:4], content[4:]


def _chunk(name: bytes, content: bytes) -> bytes:
    return struct.pack("<4sI", name, len(content)) + content + b"\0" * (len(content) % 2)


def _joined(content: dict[bytes, bytes]) -> bytes:
    return b"".join(_chunk(name, part) for name, part in content.items())
