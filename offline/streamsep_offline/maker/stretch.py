"""Slower or faster at the same pitch: overlapping pieces, each where it continues the last best.

This is WSOLA (Verhelst and Roelands, 1993). The file imports nothing of ours but numbers, so numba's
cache on disk never goes stale.
"""

from __future__ import annotations

import numba
import numpy as np

_N_HOP = 1024
_N_SEARCH = 600


@numba.njit(cache=True, nogil=True)
def _places(mono: np.ndarray, n_frames: int, step: float) -> np.ndarray:
    """Where the pieces start in `mono`, which is long enough for all of them."""
    places = np.zeros(n_frames, np.int64)
    for frame in range(1, n_frames):
        goal = int(frame * step)
        natural = places[frame - 1] + _N_HOP
        best, best_value = goal, -1e30
        for place in range(max(0, goal - _N_SEARCH), goal + _N_SEARCH, 3):
            value, energy = 0.0, 1e-9
            for i in range(0, _N_HOP, 4):
                value += mono[natural + i] * mono[place + i]
                energy += mono[place + i] * mono[place + i]
            value /= np.sqrt(energy)
            if value > best_value:
                best, best_value = place, value
        places[frame] = best
    return places


def stretched_in_time(audio: np.ndarray, factor: float) -> np.ndarray:
    """`audio` [channels, samples] `factor` times as long, at the same pitch.

    Args:
        audio: Any sound; transients stay sharp within some milliseconds.
        factor: 0.25 to 4.
    """
    n = audio.shape[1]
    n_output = round(n * factor)
    n_frames = -(-n_output // _N_HOP)
    padded = np.pad(audio, ((0, 0), (0, 3 * _N_HOP + 2 * _N_SEARCH)))
    places = _places(padded.mean(axis=0), n_frames, _N_HOP / factor)
    window = np.hanning(2 * _N_HOP + 1)[: 2 * _N_HOP].astype(np.float32)
    output = np.zeros((len(audio), (n_frames + 1) * _N_HOP), np.float32)
    for frame, place in enumerate(places):
        piece = padded[:, place : place + 2 * _N_HOP]
        shape = window if frame else np.maximum(window, np.arange(2 * _N_HOP) < _N_HOP)
        output[:, frame * _N_HOP : (frame + 2) * _N_HOP] += shape * piece
    return output[:, :n_output]
