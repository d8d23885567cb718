"""`cue_lstm` over frames that are at hand, in any order: what files need, and nothing live."""

from __future__ import annotations

from streamsep.engine.compiled.cache import kernel
from streamsep.engine.compiled.cue_bands import find_bands
from streamsep.engine.compiled.cue_fine import find_fine
from streamsep.engine.compiled.cue_lstm import follow_bands
from streamsep.engine.compiled.cue_masks import fill_masks
from streamsep.engine.compiled.cues import Spectrum, find_cues, remember


@kernel
def hear(re, im, order, plan, state, masks):
    """Hear frames one after the other.

    Args:
        re: Real part of the mixture. [frames, channels, bins]
        im: Imaginary part.
        order: Indices of the frames in the order in which they are heard. int64
        plan: `CueLstmPlan`.
        state: Memory of what was heard before; goes on.
        masks: Written for the frames that it has room for, the first ones; of the others the model
            only learns. [frames, targets, 1, bins]

    Latency: 0. Thread: any, one per state. Allocates: no. In place: state, masks.
    """
    for i in range(order.shape[0]):
        t = order[i]
        usable = find_cues(Spectrum(re[t], im[t]), plan.cues, state)
        find_bands(plan.cues, state)
        find_fine(plan.fine, state)
        follow_bands(plan, state)
        if t < masks.shape[0]:
            fill_masks(masks[t], plan.logits, plan.cues, plan.fine, state)
        remember(usable, state)
