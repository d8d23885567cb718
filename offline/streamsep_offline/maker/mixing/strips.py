"""The channel strips of the desk: level, equaliser, compressor and saturation of each stem.

A strip may carry two stems (piano and other): they share its gains, so their sum is what one stem
would have been.
"""

from __future__ import annotations

import numpy as np

from streamsep_offline.maker.dynamics import active_rms, compression_gain
from streamsep_offline.maker.mixing.eq import bell, cut, shelf, through

_COMPRESSION = {"vocals": 0.6, "drums": 0.35, "bass": 0.45, "other": 0.25}
"""How often the desk compresses a stem further; its parts have been compressed before."""

_SATURATION = {"vocals": 0.12, "drums": 0.25, "bass": 0.25, "other": 0.15}


def process(
    stem: str,
    rows: list[np.ndarray],
    level_db: float,
    tone: list[np.ndarray],
    rng: np.random.Generator,
) -> list[np.ndarray]:
    """The stems on a strip, equalised, compressed, saturated, at a level while they sound.

    Args:
        stem: One of `levels.TARGETS`.
        rows: Stems on this strip, each [2, samples], any level.
        level_db: Of their sum while it sounds, against a power of 1.
        tone: Sections that the bus adds to every stem's equaliser.
        rng: Draws the settings.
    """
    settings = _equaliser(stem, rng) + tone
    is_compressed, is_driven = rng.random(2) < (_COMPRESSION[stem], _SATURATION[stem])
    threshold_db, ratio = rng.uniform(-16.0, -4.0), rng.uniform(1.3, 4.0)
    attack_s, release_s = np.exp(rng.uniform(np.log((0.002, 0.05)), np.log((0.03, 0.4))))
    drive = rng.uniform(0.3, 1.2)
    rows = [through(row, settings) if row.any() else row.astype(np.float32) for row in rows]
    rows = scaled(rows, 1.0)
    if is_compressed:
        gain = compression_gain(total(rows), threshold_db, ratio, attack_s, release_s)
        rows = [row * gain for row in rows]
    if is_driven:
        gain = saturation_gain(total(rows), drive)
        rows = [row * gain for row in rows]
    return scaled(rows, 10.0 ** (level_db / 20.0))


def total(rows: list[np.ndarray]) -> np.ndarray:
    """Sum of the rows."""
    return rows[0] if len(rows) == 1 else np.sum(rows, axis=0, dtype=np.float32)


def scaled(rows: list[np.ndarray], level: float) -> list[np.ndarray]:
    """Rows with one gain, so that their sum has root mean square `level` while it sounds."""
    rms = active_rms(total(rows))
    gain = np.float32(level / rms) if rms > 1e-9 else np.float32(0.0)
    return [row * gain for row in rows]


def saturation_gain(audio: np.ndarray, drive: float) -> np.ndarray:
    """Gain, sample by sample, with which `audio` becomes its own soft clipping; 1 where it is 0.

    Args:
        audio: [channels, samples]
        drive: Where its 99.5th percentile meets the curve tanh(x) / x.

    Returns:
        Linear, 0 to 1, float32 [channels, samples].
    """
    peak = float(np.percentile(np.abs(audio[:, ::7]), 99.5)) + 1e-9
    x = np.abs(audio) * np.float32(drive / peak) + np.float32(1e-4)
    return np.tanh(x) / x


def _equaliser(stem: str, rng: np.random.Generator) -> list[np.ndarray]:
    """What engineers turn most: rumble out, mud down, presence and air up, places left free."""
    if stem == "vocals":
        return [
            cut(rng.uniform(50.0, 110.0), is_high_pass=True),
            bell(rng.uniform(220.0, 500.0), rng.uniform(-4.0, 1.0)),
            bell(rng.uniform(2000.0, 5000.0), rng.uniform(-2.0, 4.0)),
            shelf(rng.uniform(7e3, 12e3), rng.uniform(-3.0, 5.0), is_high=True),
        ]
    if stem == "drums":
        return [
            cut(rng.uniform(25.0, 40.0), is_high_pass=True),
            bell(rng.uniform(50.0, 90.0), rng.uniform(-2.0, 4.0), 1.0),
            bell(rng.uniform(250.0, 600.0), rng.uniform(-5.0, 1.0)),
            shelf(rng.uniform(5e3, 10e3), rng.uniform(-4.0, 4.0), is_high=True),
        ]
    if stem == "bass":
        return [
            cut(rng.uniform(22.0, 35.0), is_high_pass=True),
            bell(rng.uniform(55.0, 110.0), rng.uniform(-3.0, 3.0), 1.0),
            bell(rng.uniform(200.0, 450.0), rng.uniform(-4.0, 1.5)),
            shelf(rng.uniform(1e3, 3e3), rng.uniform(-5.0, 4.0), is_high=True),
        ]
    return [
        cut(rng.uniform(40.0, 130.0), is_high_pass=True),
        bell(rng.uniform(200.0, 500.0), rng.uniform(-4.0, 1.0)),
        bell(rng.uniform(1500.0, 4000.0), rng.uniform(-4.0, 2.0)),
        shelf(rng.uniform(6e3, 11e3), rng.uniform(-4.0, 4.0), is_high=True),
    ]
