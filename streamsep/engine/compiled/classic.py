"""`classic` without weights, compiled: the same cues and masks as `streamsep.models.classic`, hop by hop.

Each bin keeps its last magnitudes twice, in order of time (a ring) and in order of size. A new frame
replaces one value of the sorted list and moves it to its place, so the median costs a few moves, not a
sort. The median over bins slides the same way along frequency.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from streamsep.classic_settings import ClassicSettings, tables
from streamsep.engine.compiled.arena import Arena, allocate
from streamsep.engine.compiled.cache import kernel
from streamsep.engine.compiled.frame import analyse, synthesise
from streamsep.model import Model
from streamsep.spec import StreamSpec


class ClassicPlan(NamedTuple):
    """Constants of the cues at one rate and profile.

    Attributes:
        n_past: Frames of the median over time, odd.
        n_near: Bins on either side in the median over frequency.
        low: Share of the bass range in each bin. [bins]
        scalars: Smoothing of the centre cue, decay of the struck cue. [2]
        rows: Row of each cue mask in the stems, -1 where the set has no such stem:
            vocals, drums, bass, piano, residual. [5]
    """

    n_past: int
    n_near: int
    low: np.ndarray
    scalars: np.ndarray
    rows: np.ndarray


class ClassicState(NamedTuple):
    """All zero at the start.

    Attributes:
        position: Index into `recent` of the oldest frame. [1]
        recent: Magnitudes of the last frames in order of time. [bins, n_past]
        ordered: The same in order of size. [bins, n_past]
        magnitude: Magnitude of the frame at hand, mirrored at both ends. [bins + 2 n_near]
        window: Sorted magnitudes around a bin. [2 n_near + 1]
        cross: Smoothed Re L R*. [bins]
        power: Smoothed (|L|^2 + |R|^2) / 2. [bins]
        peak: Slowly decaying peak of the magnitude. [bins]
    """

    position: np.ndarray
    recent: np.ndarray
    ordered: np.ndarray
    magnitude: np.ndarray
    window: np.ndarray
    cross: np.ndarray
    power: np.ndarray
    peak: np.ndarray


def make_plan(model: Model, spec: StreamSpec, precision: str) -> ClassicPlan:
    """Constants for a stream; there are no weights, so the precision changes nothing."""
    del precision
    table = tables(ClassicSettings(**model.settings), spec)
    names = ("vocals", "drums", "bass", "piano")
    rows = [spec.targets.index(n) if n in spec.targets else -1 for n in names]
    return ClassicPlan(
        table.n_past,
        table.n_near,
        table.low,
        np.array([table.smoothing, table.decay], np.float32),
        np.array([*rows, len(spec.targets) - 1], np.int64),
    )


def make_state(plan: ClassicPlan, spec: StreamSpec) -> Arena:
    """Zeroed memory of one stream."""
    bins = spec.profile.n_bins
    return allocate(
        ClassicState,
        {
            "position": (1,),
            "recent": (bins, plan.n_past),
            "ordered": (bins, plan.n_past),
            "magnitude": (bins + 2 * plan.n_near,),
            "window": (2 * plan.n_near + 1,),
            "cross": (bins,),
            "power": (bins,),
            "peak": (bins,),
        },
    )


@kernel
def _replace(ordered, old, new):
    """Replace one value of an ascending list by another and restore the order."""
    size = ordered.shape[0]
    i = 0
    while ordered[i] != old:
        i += 1
    while i + 1 < size and ordered[i + 1] < new:
        ordered[i] = ordered[i + 1]
        i += 1
    while i > 0 and ordered[i - 1] > new:
        ordered[i] = ordered[i - 1]
        i -= 1
    ordered[i] = new


@kernel
def _magnitudes(re, im, magnitude, n_near):
    """|X| over channels, with n_near mirrored bins at either end so that every median is full."""
    bins, channels = re.shape[1], re.shape[0]
    for k in range(bins):
        power = np.float32(0.0)
        for c in range(channels):
            power += re[c, k] * re[c, k] + im[c, k] * im[c, k]
        # One channel counts twice, so that mono and dual mono give the same cues.
        magnitude[n_near + k] = np.sqrt(power * np.float32(2 / channels)) + np.float32(1e-9)
    for k in range(n_near):
        magnitude[n_near - 1 - k] = magnitude[n_near + 1 + k]
        magnitude[n_near + bins + k] = magnitude[n_near + bins - 2 - k]


@kernel
def _centre(re, im, k, smoothing, state):
    """Share of the centre in a bin, psi^2 with psi = 2 <Re L R*> / <|L|^2 + |R|^2> clipped to 0..1."""
    if re.shape[0] == 1:
        return np.float32(1.0)
    cross = re[0, k] * re[1, k] + im[0, k] * im[1, k]
    power = np.float32(0.5) * (
        re[0, k] * re[0, k] + im[0, k] * im[0, k] + re[1, k] * re[1, k] + im[1, k] * im[1, k]
    )
    # Below 1e-25 (-250 dB) the memory is silence: it must not linger as a denormal.
    smooth_cross = state.cross[k] + smoothing * (cross - state.cross[k])
    smooth_power = state.power[k] + smoothing * (power - state.power[k])
    if smooth_power < np.float32(1e-25):
        smooth_cross = smooth_power = np.float32(0.0)
    state.cross[k], state.power[k] = smooth_cross, smooth_power
    psi = smooth_cross / (smooth_power + np.float32(1e-25))
    psi = min(max(psi, np.float32(0.0)), np.float32(1.0))
    return psi * psi


@kernel
def _fill_masks(frame, plan, state):
    """Masks of one frame; see `streamsep.models.classic` for the derivation of each line."""
    bins, channels, n_near = frame.re.shape[1], frame.re.shape[0], plan.n_near
    magnitude, window = state.magnitude, state.window
    _magnitudes(frame.re, frame.im, magnitude, n_near)
    position = int(state.position[0])
    state.position[0] = np.float32((position + 1) % plan.n_past)
    for i in range(window.shape[0]):  # insertion sort of the first window
        value, j = magnitude[i], i
        while j > 0 and window[j - 1] > value:
            window[j] = window[j - 1]
            j -= 1
        window[j] = value
    contrast = np.float32(np.exp(1.5))
    row_vocals, row_drums, row_bass, row_piano, row_rest = plan.rows
    for k in range(bins):
        value = magnitude[n_near + k]
        if k > 0:
            _replace(window, magnitude[k - 1], magnitude[k + 2 * n_near])
        _replace(state.ordered[k], state.recent[k, position], value)
        state.recent[k, position] = value
        steady = state.ordered[k, plan.n_past // 2] + np.float32(1e-9)
        broad = window[n_near] + np.float32(1e-9)
        ratio = steady / broad
        cube = ratio * ratio * ratio
        tonal = cube / (cube + contrast)
        percussive = np.float32(1.0) / (np.float32(1.0) + contrast * cube)
        rest = np.float32(1.0) - tonal - percussive
        centre = _centre(frame.re, frame.im, k, plan.scalars[0], state)
        low = plan.low[k]
        high = np.float32(1.0) - low
        vocals = high * centre * (np.float32(0.85) * rest + np.float32(0.5) * tonal)
        struck = np.float32(0.0)
        if row_piano >= 0:
            state.peak[k] = max(value, state.peak[k] * plan.scalars[1])
            fallen = np.float32(1.0) - value / state.peak[k]
            struck = fallen * (high * (rest + tonal) - vocals)
        for c in range(channels):
            left = np.float32(1.0)
            if row_vocals >= 0:
                frame.masks[row_vocals, c, k] = vocals
                left -= vocals
            if row_drums >= 0:
                drums = percussive + np.float32(0.4) * low * rest
                frame.masks[row_drums, c, k] = drums
                left -= drums
            if row_bass >= 0:
                bass = low * (tonal + np.float32(0.6) * rest)
                frame.masks[row_bass, c, k] = bass
                left -= bass
            if row_piano >= 0:
                frame.masks[row_piano, c, k] = struck
                left -= struck
            frame.masks[row_rest, c, k] = max(left, np.float32(0.0))


@kernel
def hop(samples, stems, frame_plan, frame, plan, state):
    """One hop of mixture to one hop of every estimated stem.

    Args:
        samples: Finite mixture. [channels, hop]
        stems: Written. [estimated, channels, hop]
        frame_plan: Windows and FFT.
        frame: Transform state, written.
        plan: Constants of the cues.
        state: Memory of the cues, written.

    Latency: S - hop. Thread: the stream's own. Allocates: no. In place: stems, frame, state.
    """
    analyse(samples, frame_plan, frame)
    _fill_masks(frame, plan, state)
    synthesise(stems, frame_plan, frame)
