"""Around every model: sample history to spectrum, and masked spectra back to overlapping sound.

Between the two, behind the masks, stands the recursive Wiener filter where the stream has one.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from streamsep.engine.compiled.cache import kernel
from streamsep.engine.compiled.fft import FftPlan, irfft, make_plan, rfft
from streamsep.engine.compiled.recursive_wiener import filter_stems, wiener_shapes
from streamsep.spec import StreamSpec
from streamsep.wiener_settings import memory_weight
from streamsep.windows import window_pair


class FramePlan(NamedTuple):
    """Constants of the transform, and the work space of its FFT.

    Attributes:
        analysis: Analysis window. [n_fft]
        synthesis: Synthesis window. [S]
        fft: Tables and work space.
        memory: Weight of a frame in the memory of the Wiener filter.
    """

    analysis: np.ndarray
    synthesis: np.ndarray
    fft: FftPlan
    memory: np.float32


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
        product: Spectrum of one stem, real and imaginary. [2, bins]
        places: Memory of the Wiener filter: |L|^2, |R|^2, Re and Im L R* of every stem. This and
            what follows have one axis and no length in a stream without the filter.
            [targets, 4, bins]
        weighted: Its work space, that memory times what the stem holds now. [targets, 4, bins]
        rows: Its other work space. [14, bins]
        filtered: Filtered spectra, real and imaginary. [estimated, 2, 2, bins]
    """

    history: np.ndarray
    re: np.ndarray
    im: np.ndarray
    masks: np.ndarray
    overlap: np.ndarray
    scratch: np.ndarray
    product: np.ndarray
    places: np.ndarray
    weighted: np.ndarray
    rows: np.ndarray
    filtered: np.ndarray


def make_frame_plan(spec: StreamSpec) -> FramePlan:
    """Windows and FFT tables of a stream."""
    analysis, synthesis = window_pair(spec.profile)
    return FramePlan(
        analysis.astype(np.float32),
        synthesis.astype(np.float32),
        make_plan(spec.profile.n_fft),
        np.float32(memory_weight(spec)),
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
        **wiener_shapes(spec),
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
    """Apply the masks (and the filter), transform back, and add to what earlier frames left.

    Args:
        stems: Finished samples, written. [estimated, channels, hop]
        plan: Windows and FFT.
        state: `overlap` is written, and what belongs to the filter.

    Latency: S - hop. Thread: the stream's own. Allocates: no. In place: state, stems.
    """
    n_synthesis, n_hop = plan.synthesis.shape[0], stems.shape[2]
    start, n_wait = plan.analysis.shape[0] - n_synthesis, n_synthesis - n_hop
    filter_stems(state.places, plan.memory, state)
    for j in range(stems.shape[0]):
        for c in range(stems.shape[1]):
            _take(state.filtered, j, c, state)
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


@kernel
def _take(filtered, j, c, state):
    """Spectrum of a stem's channel to `product`, from the filter or by its mask."""
    if filtered.ndim == 4:
        for k in range(state.re.shape[1]):
            state.product[0, k] = filtered[j, c, 0, k]
            state.product[1, k] = filtered[j, c, 1, k]
    else:
        for k in range(state.re.shape[1]):
            gain = state.masks[j, c, k]
            state.product[0, k] = gain * state.re[c, k]
            state.product[1, k] = gain * state.im[c, k]
