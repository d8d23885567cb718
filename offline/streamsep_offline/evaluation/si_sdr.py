"""Scale-invariant SDR: how much of an estimate is the reference, whatever its level.

With the projection a = <e, s> / <s, s>, over all channels and samples at once,
SI-SDR = 10 log10(|a s|^2 / |e - a s|^2). No mean is taken off, no filter is forgiven.

Source: J. Le Roux, S. Wisdom, H. Erdogan, J. R. Hershey, "SDR: half-baked or well done?", ICASSP 2019.
"""

from __future__ import annotations

import math

import numpy as np

from streamsep_offline.evaluation.figures import LIMIT_DB


def si_sdr_db(reference: np.ndarray, estimate: np.ndarray) -> float:
    """SI-SDR of a whole stem.

    Args:
        reference: [channels, n]
        estimate: Aligned. [channels, n]

    Returns:
        dB, cut to 100 and -100 (silence tells nothing of a stem); NaN where the reference is silent.
    """
    s, e = reference.astype(np.float64).ravel(), estimate.astype(np.float64).ravel()
    power = float(s @ s)
    if power == 0.0:
        return math.nan
    wanted = float(e @ s) / power * s
    error = e - wanted
    signal, noise = float(wanted @ wanted), float(error @ error)
    if signal == 0.0:
        return -LIMIT_DB
    if noise == 0.0:
        return LIMIT_DB
    return float(np.clip(10.0 * math.log10(signal / noise), -LIMIT_DB, LIMIT_DB))
