"""Faders of the live path: one small matrix per stem, on straight lines to where it is wanted.

The same mathematics as `streamsep.mixer.StemMixer`, whose `StemControl.matrix` gives the entries: at rest
the mix has the same bits. The four entries of a stem are left-left, left-right, right-left, right-right;
of a mono stem only the first counts.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from streamsep.engine.compiled.cache import kernel


class Faders(NamedTuple):
    """Positions of the faders of both slots, float64 but for `left`.

    Attributes:
        now: Entries now. [slots, stems, 4]
        wanted: Entries to reach. [slots, stems, 4]
        step: Change per sample. [slots, stems, 4]
        left: Samples until they are there, int64. [slots, stems]
    """

    now: np.ndarray
    wanted: np.ndarray
    step: np.ndarray
    left: np.ndarray


@kernel
def move(faders, slot, stem, wanted, ramp):
    """Send a stem's fader on its way.

    Args:
        faders: `Faders`.
        slot: Index of the slot.
        stem: Index of the stem.
        wanted: Entries to reach. [4]
        ramp: In so many samples, at least 1.

    Latency: 0. Thread: audio. Allocates: no. In place: faders.
    """
    for i in range(4):
        faders.wanted[slot, stem, i] = wanted[i]
        faders.step[slot, stem, i] = (wanted[i] - faders.now[slot, stem, i]) / ramp
    faders.left[slot, stem] = ramp


@kernel
def mix(faders, slot, stems, n_stems, n, mixed):
    """Sum of stems through their faders, which move on by n samples.

    Args:
        faders: `Faders`.
        slot: Index of the slot.
        stems: [>= n_stems, channels, >= n]
        n_stems: How many stems the slot has.
        n: Samples.
        mixed: Written. float64 [channels, >= n]

    Latency: 0. Thread: audio. Allocates: no. In place: faders, mixed.
    """
    channels = mixed.shape[0]
    for c in range(channels):
        for k in range(n):
            mixed[c, k] = 0.0
    for j in range(n_stems):
        moving = min(n, faders.left[slot, j])
        now, wanted, step = faders.now[slot, j], faders.wanted[slot, j], faders.step[slot, j]
        for out in range(channels):
            for into in range(channels):
                i = 2 * out + into
                _add(stems[j, into], now[i], step[i], wanted[i], moving, n, mixed[out])
        faders.left[slot, j] -= moving
        is_there = faders.left[slot, j] == 0
        for i in range(4):
            now[i] = wanted[i] if is_there else now[i] + step[i] * moving


@kernel
def _add(stem, now, step, wanted, moving, n, mixed):
    """Add a row times an entry that moves for a while and then rests."""
    for k in range(moving):
        mixed[k] += (now + step * (k + 1)) * stem[k]
    if wanted != 0.0:
        for k in range(moving, n):
            mixed[k] += wanted * stem[k]
