"""Polyphase resampling for the audio path: a windowed sinc between two time grids.

The grids share sample 0. Output k has time k / rate_out, which is input position k D / U with
U / D = rate_out / rate_in reduced. With p its whole part, f its fraction and W the half width,

    y[k] = sum_{j = -W + 1 .. W} h(j - f) x[p + j],   h(d) = c sinc(c d) kaiser(d / W),

c the cutoff as a share of the input's Nyquist frequency. The filter has zero phase; its delay is
only the wait for the W inputs after p. Every phase f is scaled to a DC gain of 1, so that a
constant stays one. Time is kept in whole numbers relative to the newest input: it cannot drift.

Where U is large (rates with little in common) the phases of the table are interpolated: with 512 of
them the error is at most pi^2 / (8 512^2) = -106 dB.

Source: Smith & Gossett, "A flexible sampling-rate conversion method", ICASSP 1984; Kaiser's
formulas for window shape and length: Oppenheim & Schafer, "Discrete-Time Signal Processing", 7.5.3.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from streamsep.engine.compiled.cache import kernel

LOOK_AHEAD_S = 1.375e-3
"""Longest wait for later samples; with one more output sample (at most 1/8000 s) it is 1.5 ms."""

ATTENUATION_DB = 90.0
"""Stop-band attenuation, where the transition it needs is at most `MAX_TRANSITION` wide."""

MAX_TRANSITION = 0.25
"""Widest transition, as a share of the lower Nyquist frequency; beyond, attenuation gives way."""

MAX_PHASES = 512
"""Phases in the table; ratios with more of them interpolate."""

_CHUNK = 256
"""Samples taken into the history at a time."""


class PolyphasePlan(NamedTuple):
    """Constants of one pair of rates.

    Attributes:
        up: U, outputs per D inputs.
        down: D.
        half_width: W, inputs that an output waits for.
        table: Coefficients of fraction i / n_phases, one row more than there are phases.
            [n_phases + 1, 2 W]
    """

    up: int
    down: int
    half_width: int
    table: np.ndarray


class PolyphaseState(NamedTuple):
    """All zero at the start: silence before time 0.

    Attributes:
        history: Newest inputs, and room for the next. [rows, 2 W + chunk]
        clock: Whole part of the next output's position minus the count of inputs; its fraction in
            units of 1 / U. int64 [2]
    """

    history: np.ndarray
    clock: np.ndarray


def make_plan(rate_in: int, rate_out: int) -> PolyphasePlan:
    """Filter between two rates in Hz; its stop band begins at the lower Nyquist frequency."""
    common = math.gcd(rate_in, rate_out)
    up, down = rate_out // common, rate_in // common
    table = make_table(rate_in, rate_out, min(up, MAX_PHASES))
    return PolyphasePlan(up, down, table.shape[1] // 2, table)


def make_table(rate_in: int, rate_out: int, n_phases: int) -> np.ndarray:
    """Coefficients of fraction i / n_phases. float32 [n_phases + 1, 2 W]"""
    half_width = int(LOOK_AHEAD_S * rate_in)
    n_taps = 2 * half_width
    band = math.pi * min(1.0, rate_out / rate_in)  # lower Nyquist, radians per input sample
    attenuation = min(ATTENUATION_DB, 8.0 + 2.285 * n_taps * MAX_TRANSITION * band)
    cutoff = (band - 0.5 * (attenuation - 8.0) / (2.285 * n_taps)) / math.pi
    fraction = np.arange(n_phases + 1)[:, None] / n_phases
    distance = np.arange(1 - half_width, half_width + 1) - fraction
    window = np.i0(_kaiser_beta(attenuation) * np.sqrt(1.0 - (distance / half_width) ** 2))
    table = np.sinc(cutoff * distance) * window
    table /= table.sum(axis=1, keepdims=True)
    return table.astype(np.float32)


def _kaiser_beta(attenuation_db: float) -> float:
    if attenuation_db > 50.0:
        return 0.1102 * (attenuation_db - 8.7)
    return 0.5842 * (attenuation_db - 21.0) ** 0.4 + 0.07886 * (attenuation_db - 21.0)


def make_state(plan: PolyphasePlan, n_rows: int) -> PolyphaseState:
    """Silent past of `n_rows` independent signals."""
    width = 2 * plan.half_width + _CHUNK
    return PolyphaseState(np.zeros((n_rows, width), np.float32), np.zeros(2, np.int64))


@kernel
def _dot(samples, taps):
    """Inner product; slices, not offsets, because only then does the loop become vector code."""
    total = np.float32(0.0)
    for j in range(taps.shape[0]):
        total += samples[j] * taps[j]
    return total


@kernel
def _emit(y, n_written, end, plan, state):
    """Write every output whose samples are there; the history's newest sample is at `end` - 1."""
    n_phases = plan.table.shape[0] - 1
    ahead, phase = state.clock
    while ahead + plan.half_width < 0:
        start = end + ahead - plan.half_width + 1
        row = phase * n_phases // plan.up
        rest = np.float32(phase * n_phases - row * plan.up) / np.float32(plan.up)
        for r in range(y.shape[0]):
            samples = state.history[r, start : start + 2 * plan.half_width]
            value = _dot(samples, plan.table[row])
            if rest > np.float32(0.0):
                value += rest * (_dot(samples, plan.table[row + 1]) - value)
            y[r, n_written] = value
        n_written += 1
        phase += plan.down
        ahead += phase // plan.up
        phase %= plan.up
    state.clock[0], state.clock[1] = ahead, phase
    return n_written


@kernel
def resample(x, y, plan, state):
    """Take a block and write every output that can be computed now; returns how many.

    Args:
        x: Block of any length n. [rows, n]
        y: Outputs, written from the start; must have room for all of them. [rows, capacity]
        plan: From `make_plan`.
        state: From `make_state`.

    Latency: `half_width` inputs. Thread: the stream's own. Allocates: no. In place: y, state.
    """
    history, n_taps = state.history, 2 * plan.half_width
    room = history.shape[1] - n_taps
    taken, n_written = 0, 0
    while taken < x.shape[1]:
        m = min(room, x.shape[1] - taken)
        for r in range(history.shape[0]):
            for n in range(m):
                history[r, n_taps + n] = x[r, taken + n]
        taken += m
        state.clock[0] -= m
        n_written = _emit(y, n_written, n_taps + m, plan, state)
        for r in range(history.shape[0]):
            for n in range(n_taps):
                history[r, n] = history[r, m + n]
    return n_written
