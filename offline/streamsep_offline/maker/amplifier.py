"""A guitar amplifier: valve stages with a working point, tone controls, a supply that sags."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from streamsep_offline.maker.dynamics import to_unit_active_rms
from streamsep_offline.maker.filters import apply_sections, high_pass, low_pass, peaking_section
from streamsep_offline.maker.notes import SAMPLE_RATE_HZ
from streamsep_offline.maker.shaping import clip_softly

_PEAK_DRIVE = 1.4
_SUPPLY_S = (0.006, 0.12)
"""How fast the supply drops and recovers."""


@dataclass(frozen=True)
class Amplifier:
    """Its controls.

    Attributes:
        gain: Of all stages before the power amplifier together, linear; 1 is just clean.
        tight_hz: High-pass before the first stage: high gain wants little bass there.
        bright_db: Lift around 2.5 kHz before the first stage, as of an overdrive pedal.
        n_stages: 1 to 3; the gain is shared by them.
        bias: Working point of the stages, alternating in sign: even harmonics.
        tone_db: Bass, middle and treble.
        middle_hz: Centre of the middle control.
        sag: 0 is a stiff supply, 1 a small old amplifier.
        power_drive: How hard the power amplifier is driven.
    """

    gain: float
    tight_hz: float = 80.0
    bright_db: float = 0.0
    n_stages: int = 2
    bias: float = 0.2
    tone_db: tuple[float, float, float] = (0.0, 0.0, 0.0)
    middle_hz: float = 650.0
    sag: float = 0.3
    power_drive: float = 1.0


def random_amplifier(rng: np.random.Generator, gain: float) -> Amplifier:
    """An amplifier set up for a gain: what is driven hard is tight, scooped or mid-heavy."""
    is_heavy = gain > 12.0
    middle_db = rng.uniform(-9.0, 4.0) if is_heavy else rng.uniform(-3.0, 4.0)
    return Amplifier(
        gain=gain,
        tight_hz=rng.uniform(90.0, 240.0) if is_heavy else rng.uniform(50.0, 110.0),
        bright_db=rng.uniform(0.0, 9.0) if gain > 3.0 else rng.uniform(-2.0, 4.0),
        n_stages=int(rng.choice([2, 2, 3])) if is_heavy else int(rng.integers(1, 3)),
        bias=rng.uniform(0.05, 0.5),
        tone_db=(rng.uniform(-3.0, 5.0), middle_db, rng.uniform(-4.0, 5.0)),
        middle_hz=rng.uniform(400.0, 900.0),
        sag=rng.uniform(0.0, 0.3) if is_heavy else rng.uniform(0.1, 0.9),
        power_drive=rng.uniform(0.4, 1.6),
    )


def amplify(clean: np.ndarray, amplifier: Amplifier) -> np.ndarray:
    """A clean guitar, mono and of any level, as it leaves the amplifier; bounded, no offset."""
    poles = [float(np.exp(-1.0 / (SAMPLE_RATE_HZ * seconds))) for seconds in _SUPPLY_S]
    audio = high_pass(to_unit_active_rms(clean), amplifier.tight_hz, order=1)
    if amplifier.bright_db:
        audio = apply_sections(audio, peaking_section(2500.0, amplifier.bright_db, 0.6)[None])
    share = amplifier.gain ** (1.0 / amplifier.n_stages)
    for stage in range(amplifier.n_stages):
        bias = amplifier.bias * (-1.0) ** stage
        audio = clip_softly(audio, share, bias, 0.0, *poles)
        audio = low_pass(high_pass(audio, 35.0, order=1), 9000.0, order=1)
        if stage + 1 < amplifier.n_stages:  # the next stage is reached at the level of the first
            audio = audio * np.float32(1.0 + 0.3 * stage)
    bass_db, middle_db, treble_db = amplifier.tone_db
    sections = [
        peaking_section(110.0, bass_db, 0.7),
        peaking_section(amplifier.middle_hz, middle_db, 0.7),
        peaking_section(3000.0, treble_db, 0.7),
    ]
    audio = apply_sections(audio, np.stack(sections))
    drive = _PEAK_DRIVE * amplifier.power_drive
    audio = clip_softly(audio, drive, 0.5 * amplifier.bias, amplifier.sag, *poles)
    return to_unit_active_rms(high_pass(audio, 30.0))
