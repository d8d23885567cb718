"""Around every model: sample history to spectrum, and masked spectra back to overlapping sound."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from streamsep.engine.compiled.cache import kernel
from streamsep.engine.compiled.fft import FftPlan, irfft, make_plan, rfft
from streamsep.spec import StreamSpec
from streamsep.windows import window_pair


class FramePlan(NamedTuple):
    """Constants of the transform, and the work space of its FFT.

    Attributes:
        analysis: Analysis window. [n_fft]
        synthesis: Synthesis window. [S]
        fft: Tables and work space.
    """

    analysis: np.ndarray
    synthesis: np.ndarray
    fft: FftPlan


class FrameState(NamedTuple):
    """What the transform remembers, and the frame at hand. All zero at the start.

    Attributes:
        history: Newest n_fft samples. [channels, n_fft]
        re: Real part of the mixture's spectrum. [channels, bins]
        im: Imaginary part. [channels, bins]
        masks: Share of each stem, sums to 1 over targets; the residual's row is filled too.
            [targets, channels, bins]
        overlap: Unfinished samples that wait for later frames. [estimated, channels, S - hop]
        scratch: One windowed frame. [n_fft]
        product: One masked spectrum, real and imaginary. [2, bins]
    """

    history: np.ndarray
    re: np.ndarray
    im: np.ndarray
    masks: np.ndarray
    overlap: np.ndarray
    scratch: np.ndarray
    product: np.ndarray


def make_frame_plan(spec: StreamSpec) -> FramePlan:
    """Windows and FFT tables of a stream."""
    analysis, synthesis = window_pair(spec.profile)
    return FramePlan(
        analysis.astype(np.float32), synthesis.astype(np.float32), make_plan(spec.profile.n_fft)
    )


def frame_shapes(spec: StreamSpec) -> dict[str, tuple[int, ...]]:
    """Shapes of `FrameState` for `arena.allocate`."""
    bins, n_fft = spec.profile.n_bins, spec.profile.n_fft
    return {
        "history": (spec.channels, n_fft),
        "re": (spec.channels, bins),
        "im": (spec.channels, bins),
        "masks": (len(spec.targets), spec.channels, bins),
        "overlap": (len(spec.estimated), spec.channels, spec.latency_samples),
        "scratch": (n_fft,),
        "product": (2, bins),
    }


@kernel
def analyse(hop, plan, state):
    """Shift a hop of samples into the history and transform the newest n_fft of them.

    Args:
        hop: New samples. [channels, hop]
        plan: Windows and FFT.
        state: `history`, `re` and `im` are written.

    Latency: 0. Thread: the stream's own. Allocates: no. In place: state.
    """
    n_fft, n_hop = plan.analysis.shape[0], hop.shape[1]
    for c in range(hop.shape[0]):
        history = state.history[c]
        for n in range(n_fft - n_hop):
            history[n] = history[n + n_hop]
        for n in range(n_hop):
            history[n_fft - n_hop + n] = hop[c, n]
        for n in range(n_fft):
            state.scratch[n] = history[n] * plan.analysis[n]
        rfft(state.scratch, state.re[c], state.im[c], plan.fft)


@kernel
def synthesise(stems, plan, state):
    """Apply the masks, transform back, and add to what earlier frames left.

    Args:
        stems: Finished samples, written. [estimated, channels, hop]
        plan: Windows and FFT.
        state: `overlap` is written.

    Latency: S - hop. Thread: the stream's own. Allocates: no. In place: state, stems.
    """
    n_synthesis, n_hop = plan.synthesis.shape[0], stems.shape[2]
    start, n_wait = plan.analysis.shape[0] - n_synthesis, n_synthesis - n_hop
    for j in range(stems.shape[0]):
        for c in range(stems.shape[1]):
            for k in range(state.re.shape[1]):
                gain = state.masks[j, c, k]
                state.product[0, k] = gain * state.re[c, k]
                state.product[1, k] = gain * state.im[c, k]
            irfft(state.product[0], state.product[1], state.scratch, plan.fft)
            overlap = state.overlap[j, c]
            for n in range(n_hop):
                stems[j, c, n] = overlap[n] + state.scratch[start + n] * plan.synthesis[n]
            for n in range(n_wait - n_hop):
                overlap[n] = overlap[n_hop + n] + (
                    state.scratch[start + n_hop + n] * plan.synthesis[n_hop + n]
                )
            for n in range(n_wait - n_hop, n_wait):
                overlap[n] = state.scratch[start + n_hop + n] * plan.synthesis[n_hop + n]
