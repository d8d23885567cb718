"""From four stems to a record: levels, width, shared compression, headroom."""

from __future__ import annotations

import numpy as np

from streamsep_offline.maker.dynamics import compression_gain, to_unit_active_rms, to_unit_rms
from streamsep_offline.maker.space import set_width

TARGETS = ("vocals", "drums", "bass", "other")
"""Order of the stems axis."""

_PEAK = 0.97


def random_levels_db(rng: np.random.Generator, is_electronic: bool) -> np.ndarray:
    """Levels of `TARGETS`, unit RMS before: as in pop, vocals -3 to +4 dB, [targets]."""
    if not is_electronic:
        return np.array(
            [rng.uniform(-3, 4), rng.normal(0, 2), rng.normal(-2, 2.5), rng.normal(0, 2.5)]
        )
    vocals_db = rng.uniform(-5.0, 4.0) if rng.random() < 0.8 else rng.uniform(-12.0, -4.0)
    return np.array([vocals_db, rng.normal(1, 2), rng.normal(-1, 2.5), rng.normal(0, 2.5)])


def mix(stems: list[np.ndarray], rng: np.random.Generator, is_electronic: bool) -> np.ndarray:
    """Stems as they are on the record; their sum is the mixture and does not clip, [4, 2, samples].

    Args:
        stems: In the order of `TARGETS`, each [2, samples], any level.
        rng: Draws levels, width and the bus compressor.
        is_electronic: Electronic music is louder in the drums and compressed harder.
    """
    levels_db = random_levels_db(rng, is_electronic)
    levelled = [
        10.0 ** (level / 20.0) * (to_unit_active_rms(s) if k == 0 else to_unit_rms(s))
        for k, (s, level) in enumerate(zip(stems, levels_db, strict=True))
    ]
    is_narrow = rng.random()
    if is_narrow < 0.15:
        width = 0.0 if is_narrow < 0.08 else rng.uniform(0.05, 0.35)
        levelled = [set_width(stem, width) for stem in levelled]
    audio = np.stack(levelled).astype(np.float32)
    threshold_db = rng.uniform(-14.0 if is_electronic else -10.0, -3.0)
    glue = compression_gain(audio.sum(axis=0), threshold_db, rng.uniform(1.2, 3.5))
    audio *= glue
    audio *= compression_gain(audio.sum(axis=0), rng.uniform(-2.0, 3.0), 8.0, 0.0008, 0.06)
    peak = max(float(np.abs(audio).max()), float(np.abs(audio.sum(axis=0)).max()))
    return np.nan_to_num(audio * np.float32(_PEAK / max(peak, 1e-6)))
