"""`cue_lstm`, compiled: features of bins and bands, the LSTM over bands, masks; hop by hop.

The files behind it: `cue_plan` (constants, weights), `cue_memory` (state), `cues` and `cue_rows`
(features of bins), `cue_bands` (bands), `cue_fine` (points of the fine grid), `cue_masks` (logits and
masks). `streamsep.models.cue_lstm` has the equations.
"""

from __future__ import annotations

import numpy as np

from streamsep.engine.compiled.activations import sigmoid, tanh
from streamsep.engine.compiled.cache import kernel
from streamsep.engine.compiled.cue_bands import find_bands
from streamsep.engine.compiled.cue_fine import find_fine
from streamsep.engine.compiled.cue_masks import fill_masks
from streamsep.engine.compiled.cue_memory import CueLstmState, make_state
from streamsep.engine.compiled.cue_plan import CueLstmPlan, make_plan
from streamsep.engine.compiled.cues import find_cues, remember
from streamsep.engine.compiled.frame import analyse, synthesise
from streamsep.engine.compiled.matvec import add_product

__all__ = ["CueLstmPlan", "CueLstmState", "follow_bands", "hop", "make_plan", "make_state"]


@kernel
def hop(samples, stems, frame_plan, frame, plan, state):
    """One hop of mixture to one hop of every estimated stem.

    Args:
        samples: Finite mixture. [channels, hop]
        stems: Written. [estimated, channels, hop]
        frame_plan: Windows and FFT; its work space is written.
        frame: State of the transform; masks are left there.
        plan: Constants and weights.
        state: Memory of the features and of the LSTM.

    Latency: S - hop. Thread: the stream's own. Allocates: no. In place: stems, frame, state.
    """
    analyse(samples, frame_plan, frame)
    usable = find_cues(frame, plan.cues, state)
    find_bands(plan.cues, state)
    find_fine(plan.fine, state)
    follow_bands(plan, state)
    fill_masks(frame.masks, plan.logits, plan.cues, plan.fine, state)
    remember(usable, state)
    synthesise(stems, frame_plan, frame)


@kernel
def follow_bands(plan, state):
    """Layer, ReLU, LSTM, layer: `bands` to `delta`; i, f, g, o; c = m f c + i g; h = o tanh c.

    Args:
        plan: `CueLstmPlan`.
        state: `bands` is read; `delta` and the other half of `hidden` and `cell` are written.

    Latency: 0. Thread: the stream's own. Allocates: no. In place: state.
    """
    half, (n_encoded, size), gates = int(state.half[0]), plan.sizes, state.gates
    hidden, cell = state.hidden[half], state.cell[half]
    new_hidden, new_cell = state.hidden[1 - half], state.cell[1 - half]
    encoded = state.encoded[:n_encoded]
    _copy(plan.encoder_bias, state.encoded)
    _add(plan.encoder, state.bands, state.work, state.encoded)
    for k in range(n_encoded):
        encoded[k] = max(encoded[k], np.float32(0.0))
    _copy(plan.gate_bias, gates)
    _add(plan.input, encoded, state.work, gates)
    _add(plan.recurrent, hidden, state.work, gates)
    for k in range(size):
        kept = plan.cues.memory * sigmoid(gates[size + k]) * cell[k]
        new_cell[k] = kept + sigmoid(gates[k]) * tanh(gates[2 * size + k])
        new_hidden[k] = sigmoid(gates[3 * size + k]) * tanh(new_cell[k])
    _copy(plan.decoder_bias, state.delta)
    _add(plan.decoder, new_hidden, state.work, state.delta)


@kernel
def _copy(source, target):
    for k in range(source.shape[0]):
        target[k] = source[k]


@kernel
def _add(packed, x, work, y):
    add_product(packed.weights[0], packed.scales[0], packed.starts[0], x, work, y)
