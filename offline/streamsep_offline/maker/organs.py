"""Organs: drawbars of our own or General MIDI ones, mostly through a rotating loudspeaker."""

from __future__ import annotations

import numpy as np

from streamsep_offline.maker import gm, synth
from streamsep_offline.maker.amplifier import amplify, random_amplifier
from streamsep_offline.maker.dynamics import to_unit_active_rms
from streamsep_offline.maker.harmony import close_voicing
from streamsep_offline.maker.kernels import SINE
from streamsep_offline.maker.lines import held_chords, melody, strummed_chords
from streamsep_offline.maker.notes import Note
from streamsep_offline.maker.rotary import rotate, switched_speed
from streamsep_offline.maker.space import pan
from streamsep_offline.maker.studio import Take

_PROGRAMS = (16, 17, 18, 19, 21)
_CHURCH, _ACCORDION = 19, 21
_DRAWBARS = (0.5, 1.0, 1.5, 2.0, 3.0, 4.0, 6.0)
"""Frequency factors of an electric organ's drawbars."""

_REGISTRATIONS = (
    (0.8, 1.0, 0.8, 0.1, 0.0, 0.0, 0.0),
    (1.0, 1.0, 1.0, 0.0, 0.0, 0.0, 0.3),
    (0.8, 1.0, 0.6, 0.8, 0.6, 0.5, 0.7),
    (0.0, 1.0, 0.0, 0.8, 0.0, 0.6, 0.0),
    (1.0, 0.6, 0.0, 0.3, 0.0, 0.0, 0.0),
)
"""How far the drawbars are out: jazz, rock, gospel, flutes, ballad."""


def _notes(take: Take) -> list[Note]:
    rng, plan = take.rng, take.plan
    low = int(rng.integers(50, 64))
    kind = rng.random()
    if kind < 0.5:
        return held_chords(plan, lambda chord: close_voicing(chord, low))
    if kind < 0.85:
        return strummed_chords(plan, rng, lambda chord: close_voicing(chord, low))
    return melody(plan, rng, 60, 86)  # a solo


def drawbars(notes: list[Note], take: Take) -> np.ndarray:
    """A tone-wheel organ, mono: sines, a click as keys close, percussion on some, [samples]."""
    rng, n = take.rng, take.plan.n_samples
    take.credits.add(take.stem, "keys", "drawbar organ", "synthesised")
    registration = _REGISTRATIONS[int(rng.integers(len(_REGISTRATIONS)))]
    level_notes = [note._replace(velocity=0.8) for note in notes]  # keys know no loudness
    patch = synth.Patch(SINE, cutoff_hz=15000.0, attack_s=rng.uniform(0.001, 0.006))
    mono = np.zeros(n, np.float32)
    for factor, drawn in zip(_DRAWBARS, registration, strict=True):
        level = max(0.0, drawn + rng.normal(0.0, 0.1))
        if level < 0.05:
            continue
        part = [m._replace(pitch=m.pitch + 12.0 * np.log2(factor)) for m in level_notes]
        mono += level * synth.render([m for m in part if m.pitch < 118.0], patch, n, rng)
    if rng.random() < 0.4:  # percussion: the third harmonic, struck
        struck = synth.Patch(SINE, cutoff_hz=15000.0, attack_s=0.001, decay_s=0.15, sustain=0.0)
        part = [m._replace(pitch=m.pitch + 19.02) for m in level_notes if m.pitch < 99.0]
        mono += 0.7 * synth.render(part, struck, n, rng)
    return mono


def organ(take: Take) -> np.ndarray | None:
    """Held or rhythmic organ chords or a solo, [2, samples] or None."""
    rng, plan = take.rng, take.plan
    notes = _notes(take)
    if not notes:
        return None
    audio, program = None, None
    if rng.random() < 0.35 and gm.is_available():
        program = take.choose("gm-program", [str(p) for p in _PROGRAMS], gm.SOURCE)
        audio = gm.render(notes, int(program), plan.n_samples) if program else None
    if audio is not None and (int(program) >= _CHURCH or rng.random() < 0.25):
        return audio  # church and reed organs and accordions do not turn
    mono = drawbars(notes, take) if audio is None else audio.mean(axis=0)
    if rng.random() < (0.7 if plan.genre.style in ("rock", "metal", "funk") else 0.35):
        mono = amplify(mono, random_amplifier(rng, rng.uniform(0.5, 6.0)))
    mono = to_unit_active_rms(mono)
    if rng.random() < 0.12:
        return pan(mono, rng.uniform(-0.7, 0.7))
    return rotate(mono, switched_speed(plan, rng), rng.uniform(0.15, 0.5), rng)
