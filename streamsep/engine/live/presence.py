"""Where stems are late: fades between them and the dry mixture, and what the last stem is left."""

from __future__ import annotations

import numpy as np

from streamsep.engine.compiled.cache import kernel
from streamsep.engine.live.slot import RING

FADE = 64
"""Samples of the fade between stems and aligned dry mixture where stems are late."""


@kernel
def follow_presence(presence, is_there, m, wetness):
    """The share of the stems, sample by sample; returns the last."""
    wanted = 1.0 if is_there else 0.0
    for k in range(m):
        if presence < wanted:
            presence = min(presence + 1.0 / FADE, 1.0)
        elif presence > wanted:
            presence = max(presence - 1.0 / FADE, 0.0)
        wetness[k] = presence
    return presence


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
