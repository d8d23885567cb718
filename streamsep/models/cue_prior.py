"""Where cue models start: the separator without weights, as shares of six cue masks per band.

The six masks are {percussive, tonal, neither} x {centre, side}; they sum to 1 in every bin.
"""

from __future__ import annotations

import numpy as np

from streamsep.features.cue_tables import band_centres_hz

N_MASKS = 6
"""Percussive centre, percussive side, tonal centre, tonal side, neither centre, neither side."""


def prior_logits(targets: tuple[str, ...]) -> np.ndarray:
    """Logarithms of the shares that each stem has in each cue mask, by band.

    Percussive sound is drums, low sound bass (and 0.4 of what is neither, drums), centred sound
    between 150 Hz and 9 kHz mostly vocals, the rest other. Stems of smaller sets are sums of these;
    a piano starts with 0.3 of other's tonal part.

    Args:
        targets: Names of the stems.

    Returns:
        float32 [bands, targets, 6]
    """
    frequency = band_centres_hz()
    low = _logistic((180.0 - frequency) / 21.6)
    voiced = _logistic((frequency - 150.0) / 20.0) * _logistic((9000.0 - frequency) / 800.0)
    shares = {
        name: np.zeros((len(frequency), N_MASKS)) for name in ("vocals", "drums", "bass", "other")
    }
    for side in (0, 1):
        percussive, tonal, neither = side, 2 + side, 4 + side
        shares["drums"][:, percussive] = 1.0
        shares["drums"][:, neither] = 0.4 * low
        shares["bass"][:, tonal] = low
        shares["bass"][:, neither] = 0.6 * low
        for mask, portion in ((tonal, 0.5), (neither, 0.85)):
            vocals = (1.0 - low) * voiced * portion * (1 - side)
            shares["vocals"][:, mask] = vocals
            shares["other"][:, mask] = 1.0 - low - vocals
    if "accompaniment" in targets:
        shares["accompaniment"] = shares["drums"] + shares["bass"] + shares["other"]
    if "piano" in targets:
        shares["piano"] = np.zeros_like(shares["other"])
        shares["piano"][:, 2:4] = 0.3 * shares["other"][:, 2:4]
        shares["other"] -= shares["piano"]
    stacked = np.stack([shares[name] for name in targets], axis=1)
    stacked /= stacked.sum(axis=1, keepdims=True)
    return np.log(stacked + 0.02).astype(np.float32)


def _logistic(x: np.ndarray) -> np.ndarray:
    return 1.0 / (1.0 + np.exp(-np.clip(x, -60.0, 60.0)))
