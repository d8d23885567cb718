"""Where stems are late: fades between them and the dry mixture, and what the last stem is left."""

from __future__ import annotations

import numpy as np

from streamsep.engine.compiled.cache import kernel
from streamsep.engine.live.slot import RING

FADE = 128
"""Samples of the fade between stems and aligned dry mixture where stems are late."""

REST = 2048
"""Samples for which it stays dry before the stems may come back: a worker that struggles must not flutter."""


@kernel
def follow_presence(position, rest, is_there, m, wetness):
    """The share of the stems, sample by sample.

    A straight line would do where the two sides are alike, but a fader between them makes its corners
    heard as clicks: so the position p goes in a straight line, and the share is p^2 (3 - 2 p), whose slope
    is 0 at both ends. A fade to dry that has begun ends before the way back begins.

    Args:
        position: Where the fade is, 0 (dry) to 1.
        rest: Samples that are still owed to the way down and the rest.
        is_there: Whether the stems are ready.
        m: Samples.
        wetness: Written. [>= m]

    Returns:
        The position and the rest then.
    """
    if not is_there:
        rest = FADE + REST
    for k in range(m):
        if rest > 0:
            rest -= 1
            position = max(position - 1.0 / FADE, 0.0)
        else:
            position = min(position + 1.0 / FADE, 1.0)
        wetness[k] = position * position * (3.0 - 2.0 * position)
    return position, rest


@kernel
def fade_estimates(stems, n_estimated, wetness, m):
    """Where stems are late, all goes into the residual."""
    for j in range(n_estimated):
        for c in range(stems.shape[1]):
            stem = stems[j, c]
            for k in range(m):
                stem[k] *= np.float32(wetness[k])


@kernel
def find_rest(dry, start, stems, n_stems, m, aligned):
    """The aligned dry mixture, and in the last stem what the others leave of it."""
    for c in range(dry.shape[0]):
        row, delayed, rest = dry[c], aligned[c], stems[n_stems - 1, c]
        for k in range(m):
            delayed[k] = row[(start + k) & (RING - 1)]
        for k in range(m):
            rest[k] = delayed[k]
        for j in range(n_stems - 1):
            stem = stems[j, c]
            for k in range(m):
                rest[k] -= stem[k]
