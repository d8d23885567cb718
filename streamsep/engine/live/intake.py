"""Where a stream has no input of its own: a ring from another clock, or from a file, to the callback.

One side writes frames: the callback of an input device (`supply.give`) or the thread of a file player. The
other is the output's callback, which takes what it plays (`draw.take`). Neither waits for the other; every
counter has one writer.

A device has a clock of its own: its frames are read at a ratio that keeps the delay where it is (`clock`,
`interpolate`). A file has none: its frames, at the stream's rate, pass bit by bit.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numba
import numpy as np
from numba import types

from streamsep.engine.compiled.polyphase import make_table
from streamsep.engine.live.machine import Block, loader

(
    WRITTEN,
    READ,
    FLUSH,
    IS_PAUSED,
    HAS_ENDED,
    GAPS,
    BLOCKS_GIVEN,
    LONGEST_GIVEN,
    LONGEST_TAKEN,
    MARK,
    LATENCY_NS,
    LOST_BLOCKS,
    POSITION,
    IS_OVER,
) = range(14)
"""Counters. Of the writer: frames written; where to go on reading, see `flush_mark`; whether to be silent;
whether nothing more will be written; blocks of a device, the longest, the newest row of `marks`, blocks that
its driver reported lost; frame of the file that is heard, whether the file's end was heard. Of the reader:
frames read, gaps, the longest block, the ring's declared delay in ns (0: not known yet)."""

N_INTAKE = 16

FRACTION, FADED_IN, SMOOTHED, INTEGRAL, CORRECTION, AGE = range(6)
"""The reader's numbers: position after `AT`; frames of the fade in so far; error of the fill, smoothed, in
frames; clocks' difference found so far and correction of the ratio, as shares of it; seconds since the
start."""

STATE, AT, FLUSHED, LAST_TAKEN = range(4)
"""The reader's counters: `FILLING` or `RUNNING`; frame that comes next; last mark obeyed; frames of the last
block."""

FILLING, RUNNING = range(2)

N_MARKS = 4
"""Rows of `marks`: a reader would have to be late by three blocks to see one change."""

PHASES = 256
"""Of the interpolation: its error is below -94 dB at the Nyquist frequency, -108 dB at 10 kHz."""

PIECE = 64
"""Frames interpolated at a time."""

LONGEST_DRAWN = 1 << 15
"""Frames that a callback may ask for at once."""

FASTEST = 1.01
"""More than a ratio is ever corrected by."""

DEVICE_FADE, FILE_FADE_S = 64, 0.005
"""Fades around gaps. A device's costs as much delay, in frames; a file's does not."""

FILE_TARGET_S = 0.02
"""A file is heard when so much of it is in the ring."""


class Intake(NamedTuple):
    """Memory of the ring and its reader; see the module's docstring.

    Attributes:
        rate_in: Of the frames, in Hz; nominal.
        rate_out: Of the stream.
        is_steered: 1 where the writer has a clock of its own.
        fade: Frames of a fade.
        target: Frames that a file's ring holds before it is heard; a device's target moves.
        counts: See above. int64 [N_INTAKE]
        ring: float32 [a power of two, channels]
        marks: Frames written, when, seconds per frame, seconds that the clock was followed; by block.
            float64 [N_MARKS, 4]
        clock_in: The writer's clock, see `clock`. float64 [3]
        clock_out: The reader's.
        numbers: The reader's. float64 [8]
        state: The reader's. int64 [4]
        table: Filter. [PHASES + 1, 2 W]
        taps: One phase of it. [2 W]
        line: Frames that a piece needs. [channels, n]
        drawn: What a callback gets. [LONGEST_DRAWN, channels]
        drawn_address: Of it.
        time: The writer's scratch: seconds and nanoseconds. int64 [2]
    """

    rate_in: int
    rate_out: int
    is_steered: int
    fade: int
    target: int
    counts: np.ndarray
    ring: np.ndarray
    marks: np.ndarray
    clock_in: np.ndarray
    clock_out: np.ndarray
    numbers: np.ndarray
    state: np.ndarray
    table: np.ndarray
    taps: np.ndarray
    line: np.ndarray
    drawn: np.ndarray
    drawn_address: int
    time: np.ndarray


@dataclass(frozen=True)
class HeldIntake:
    """An intake and what keeps its memory alive.

    Attributes:
        intake: Views for Python.
        block: The same for machine code.
    """

    intake: Intake
    block: Block


def make_device_intake(
    channels: int, rate_in: int, rate_out: int, counts: np.ndarray
) -> HeldIntake:
    """For a device with a clock of its own.

    Args:
        channels: Of its frames.
        rate_in: In Hz, 8 to 192 kHz.
        rate_out: Of the stream that plays.
        counts: Zeroed. int64 [N_INTAKE]
    """
    return _make(channels, rate_in, rate_out, counts, True, DEVICE_FADE, 0)


def make_file_intake(channels: int, rate: int, counts: np.ndarray) -> HeldIntake:
    """For a file, whose frames come at the stream's rate."""
    fade, target = round(FILE_FADE_S * rate), round(FILE_TARGET_S * rate)
    return _make(channels, rate, rate, counts, False, fade, target)


def _make(
    channels: int,
    rate_in: int,
    rate_out: int,
    counts: np.ndarray,
    is_steered: bool,
    fade: int,
    target: int,
) -> HeldIntake:
    zeros = np.zeros
    counts[:] = 0
    table = make_table(rate_in, rate_out, PHASES)
    n_taps = table.shape[1]
    drawn = zeros((LONGEST_DRAWN, channels), np.float32)
    intake = Intake(
        rate_in=rate_in,
        rate_out=rate_out,
        is_steered=int(is_steered),
        fade=fade,
        target=target,
        counts=counts,
        ring=zeros((1 << (rate_in - 1).bit_length(), channels), np.float32),
        marks=zeros((N_MARKS, 4)),
        clock_in=zeros(3),
        clock_out=zeros(3),
        numbers=zeros(8),
        state=zeros(4, np.int64),
        table=table,
        taps=zeros(n_taps, np.float32),
        line=zeros((channels, int(FASTEST * PIECE * rate_in / rate_out) + n_taps + 2), np.float32),
        drawn=drawn,
        drawn_address=drawn.ctypes.data,
        time=zeros(2, np.int64),
    )
    if not is_steered:
        intake.numbers[FADED_IN] = fade  # a file's own beginning is not faded
    return HeldIntake(intake, Block(intake))


def flush_mark(frame: int, is_faded: bool) -> int:
    """What the counter `FLUSH` says: go on at that frame of the ring, faded in or as it is."""
    return frame << 1 | int(is_faded)


def intake_type() -> types.Type:
    """Numba's type of an `Intake`."""
    ints, row, table = np.zeros(1, np.int64), np.zeros(1), np.zeros((1, 1))
    samples, taps = np.zeros((1, 1), np.float32), np.zeros(1, np.float32)
    return numba.typeof(
        Intake(
            rate_in=1,
            rate_out=1,
            is_steered=0,
            fade=0,
            target=0,
            counts=ints,
            ring=samples,
            marks=table,
            clock_in=row,
            clock_out=row,
            numbers=row,
            state=ints,
            table=samples,
            taps=taps,
            line=samples,
            drawn=samples,
            drawn_address=0,
            time=ints,
        )
    )


load_intake = loader(intake_type)
