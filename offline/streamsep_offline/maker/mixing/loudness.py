"""Loudness as broadcasters measure it: ITU-R BS.1770-4, gated, in LUFS."""

from __future__ import annotations

import numpy as np

from streamsep_offline.maker.filters import apply_sections
from streamsep_offline.maker.notes import SAMPLE_RATE_HZ

_QUIETEST_LUFS = -70.0


def _k_weighting() -> np.ndarray:
    """The standard's head shelf and high-pass, at our rate, [2, 6]."""
    sections = []
    for centre_hz, q, gain_db in (
        (1681.974450955533, 0.7071752369554196, 3.999843853973347),
        (38.13547087602444, 0.5003270373238773, None),
    ):
        k = np.tan(np.pi * centre_hz / SAMPLE_RATE_HZ)
        norm = 1.0 + k / q + k * k
        if gain_db is None:
            b = [1.0, -2.0, 1.0]
        else:
            high = 10.0 ** (gain_db / 20.0)
            band = high**0.4996667741545416
            b = [
                (high + band * k / q + k * k) / norm,
                2.0 * (k * k - high) / norm,
                (high - band * k / q + k * k) / norm,
            ]
        sections.append([*b, 1.0, 2.0 * (k * k - 1.0) / norm, (1.0 - k / q + k * k) / norm])
    return np.array(sections)


_SECTIONS = _k_weighting()


def loudness_lufs(audio: np.ndarray) -> float:
    """Integrated loudness of stereo audio [2, samples] of at least 0.4 s; -70 for silence."""
    weighted = apply_sections(audio, _SECTIONS)
    n_tenth = SAMPLE_RATE_HZ // 10
    n_blocks = weighted.shape[1] // n_tenth
    blocks = weighted[:, : n_blocks * n_tenth].reshape(2, n_blocks, n_tenth)
    power = np.einsum("cbn,cbn->b", blocks, blocks, dtype=np.float64) / n_tenth
    if n_blocks < 4:
        return _QUIETEST_LUFS
    power = (power[:-3] + power[1:-2] + power[2:-1] + power[3:]) / 4.0

    def gate(threshold_lufs: float) -> np.ndarray:
        return power[power > 10.0 ** ((threshold_lufs + 0.691) / 10.0)]

    def level(chosen: np.ndarray) -> float:
        return float(10.0 * np.log10(chosen.mean()) - 0.691)

    sounding = gate(_QUIETEST_LUFS)
    if not len(sounding):
        return _QUIETEST_LUFS
    return level(gate(level(sounding) - 10.0))
