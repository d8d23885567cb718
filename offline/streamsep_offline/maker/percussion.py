"""Hand percussion beside a kit: congas, timbales, clave, guiro, shaker, recorded or synthesised."""

from __future__ import annotations

import numpy as np

from streamsep_offline.maker.filters import band_pass
from streamsep_offline.maker.kits import Kit
from streamsep_offline.maker.notes import SAMPLE_RATE_HZ, to_samples
from streamsep_offline.maker.studio import Take

_BANK, _SOURCE = "instruments/drum-kit", "Discord-SFZ-GM-Bank"
RECORDED: dict[str, tuple[str, ...]] = {
    "conga": ("Quinto_HitN*", "Quinto_HitFM*", "Conga_HitN*"),
    "timbale": ("high hit*", "low hit*"),
    "agogo": ("Agogo_High*", "Agogo_Low*"),
    "cowbell": ("Cowbell*",),
    "clave": ("Claves*",),
    "guiro": ("Guiro_Fast*",),
    "shaker": ("maraca*", "Cabasa*", "*haker*"),
    "tamb": ("Tamb*",),
}
"""Files of each instrument in the bank, high ones first."""

PERCUSSION = tuple(RECORDED)
"""Every instrument."""


def hand_percussion(take: Take, played: set[str]) -> Kit:
    """Sounds of those instruments that are played; recorded ones belong to one list only."""
    wanted = [piece for piece in PERCUSSION if piece in played]
    if not wanted:
        return {}
    has_files = bool(take.studio.files(_BANK, "Conga*"))
    is_recorded = has_files and take.choose("percussion", ["bank"], _SOURCE) is not None
    if not is_recorded:
        take.credits.add(take.stem, "percussion", "synthesised", "synthesised")
    sounds: Kit = {}
    for piece in wanted:
        found = []
        for pattern in RECORDED[piece] if is_recorded else ():
            paths = take.studio.files(_BANK, pattern + ".ogg")
            found += [take.studio.sample(path, longest_s=1.2) for path in paths]
        sounds[piece] = found or _synthesised(piece, take.rng)
    return sounds


def _synthesised(piece: str, rng: np.random.Generator) -> list[np.ndarray]:
    if piece in ("conga", "timbale"):
        hz = rng.uniform(170.0, 260.0) if piece == "conga" else rng.uniform(280.0, 400.0)
        mono = [_skin(hz * factor, rng) for factor in (1.0, 1.15, 0.72)]
    elif piece in ("agogo", "cowbell"):
        hz = rng.uniform(500.0, 900.0)
        mono = [_bell(hz * factor) for factor in ((1.0, 1.0, 0.67) if piece == "agogo" else (1.0,))]
    elif piece == "clave":
        t = np.arange(to_samples(0.12)) / SAMPLE_RATE_HZ
        mono = [np.sin(2 * np.pi * rng.uniform(1900.0, 2700.0) * t) * np.exp(-t / 0.014)]
    else:
        n_scrapes = 6 if piece == "guiro" else 1
        mono = [_rattle(rng, n_scrapes) for _ in range(3)]
    return [np.stack([x, x]).astype(np.float32) / (np.abs(x).max() + 1e-9) for x in mono]


def _skin(hz: float, rng: np.random.Generator) -> np.ndarray:
    """A hand on a skin: two modes of a membrane, a slap of noise."""
    t = np.arange(to_samples(0.5)) / SAMPLE_RATE_HZ
    tone = np.sin(2 * np.pi * hz * t) * np.exp(-t / 0.11)
    tone += 0.4 * np.sin(2 * np.pi * 1.59 * hz * t) * np.exp(-t / 0.05)
    noise = band_pass(rng.standard_normal(len(t)).astype(np.float32), 600.0, 6000.0, order=1)
    return tone + 0.8 * noise * np.exp(-t / 0.008)


def _bell(hz: float) -> np.ndarray:
    """Two square waves a fifth apart, as hollow metal sounds."""
    t = np.arange(to_samples(0.4)) / SAMPLE_RATE_HZ
    square = np.sign(np.sin(2 * np.pi * hz * t)) + np.sign(np.sin(2 * np.pi * 1.48 * hz * t))
    return band_pass(square.astype(np.float32), 400.0, 5000.0, order=1) * np.exp(-t / 0.07)


def _rattle(rng: np.random.Generator, n_scrapes: int) -> np.ndarray:
    """Noise in one grain or several: shaker, tambourine, guiro."""
    t = np.arange(to_samples(0.15)) / SAMPLE_RATE_HZ
    noise = band_pass(rng.standard_normal(len(t)).astype(np.float32), 3500.0, 12000.0, order=1)
    starts = np.linspace(0.0, 0.07, n_scrapes)
    grains = sum(np.exp(-np.maximum(t - s, 0) / 0.012) * (t >= s) for s in starts)
    return noise * grains * np.minimum(t / 0.004, 1.0)
