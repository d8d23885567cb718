"""What one pass over a signal tells: level, activity, clipping, mono, and a digest of its samples."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from streamsep_offline.data.piece import Piece, open_piece
from streamsep_offline.data.song import Song

ACTIVE_POWER = 1e-5
"""Power of a second above which it sounds, -50 dB."""

SILENT_PEAK = 1e-4
"""Peak below which a whole signal is silent, -80 dB."""

FLOOR_DB = -120.0

_FULL_SCALE, _FLAT, _ABRUPT, _RUN = 0.999, 1e-4, 1e-3, 4

_MONO = 1e-4
"""Sides that differ by less than this part of the peak are one."""


@dataclass(frozen=True)
class Measured:
    """What a signal is like.

    Attributes:
        sample_rate: In Hz.
        channels: In the file; 2 for a sum of several.
        format_name: "FLAC PCM_24".
        seconds: Length.
        rms_db: Level of the seconds in which it sounds, 0 dB being full scale; `FLOOR_DB` if in none.
        peak: Largest sample, 1 being full scale.
        active: Share of seconds in which it sounds, 0 to 1.
        n_clipped: Samples in flat tops at full scale, four or more in a row.
        is_mono: Both sides are the same.
        digest: The same for the same samples, whatever file they are in.
    """

    sample_rate: int
    channels: int
    format_name: str
    seconds: float
    rms_db: float
    peak: float
    active: float
    n_clipped: int
    is_mono: bool
    digest: str

    @property
    def is_silent(self) -> bool:
        """Whether nothing sounds at all."""
        return self.peak < SILENT_PEAK


def measure_file(piece: Piece) -> Measured:
    """Read a file from its start to its end at its own rate.

    Raises:
        AudioFileError: It is unreadable.
    """
    with open_piece(piece) as reader:
        blocks = reader.blocks(reader.sample_rate)
        return _measure(blocks, reader.sample_rate, reader.channels, reader.format_name)


def measure_stem(song: Song, stem: str) -> Measured:
    """The same of a stem, which may be a sum of files.

    Raises:
        AudioFileError: A file is unreadable.
    """
    pieces = song.pieces[stem]
    if len(pieces) == 1 and song.prepare is None and pieces[0].gain == 1.0:
        return measure_file(pieces[0])
    n = song.sample_rate
    blocks = (song.read_stem(stem, start, n) for start in range(0, song.n_samples, n))
    return _measure(blocks, n, 2, "sum")


def _measure(blocks: Iterable[np.ndarray], rate: int, channels: int, format_name: str) -> Measured:
    """One pass over blocks of a second, [channels, n]."""
    digest = hashlib.blake2b(digest_size=16)
    n, n_clipped, peak, difference, powers = 0, 0, 0.0, 0.0, []
    for block in blocks:
        n += block.shape[1]
        # Mono files have the digest of the same file with two channels.
        digest.update(np.broadcast_to(block, (2, block.shape[1])).T.tobytes())
        peak = max(peak, float(np.abs(block).max(initial=0.0)))
        difference = max(difference, float(np.abs(block[0] - block[-1]).max(initial=0.0)))
        powers.append(float(np.mean(block**2)))
        n_clipped += _count_clipped(block)
    active = [power for power in powers if power > ACTIVE_POWER]
    rms_db = 10.0 * np.log10(np.mean(active)) if active else FLOOR_DB
    return Measured(
        rate,
        channels,
        format_name,
        n / rate,
        float(rms_db),
        peak,
        len(active) / max(len(powers), 1),
        n_clipped,
        channels == 1 or difference <= _MONO * peak,
        digest.hexdigest(),
    )


def _count_clipped(block: np.ndarray) -> int:
    """Samples in flat tops that are run into: a slow wave's own top is flat, too, but gently reached."""
    n = 0
    for row in block:
        if np.abs(row).max(initial=0.0) < _FULL_SCALE:
            continue
        steps = np.abs(np.diff(row))
        is_flat = (steps <= _FLAT) & (np.abs(row[1:]) >= _FULL_SCALE)
        edges = np.diff(np.concatenate([[0], is_flat.astype(np.int8), [0]]))
        starts, ends = np.flatnonzero(edges == 1), np.flatnonzero(edges == -1)
        padded = np.concatenate([[0.0], steps, [0.0]])
        is_abrupt = np.maximum(padded[starts], padded[ends + 1]) > _ABRUPT
        lengths = ends - starts + 1
        n += int(lengths[is_abrupt & (lengths >= _RUN)].sum())
    return n
