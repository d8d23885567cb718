"""Keyboards and ensembles: pianos, electric pianos, organs, clavinets, strings, choirs of brass."""

from __future__ import annotations

import numpy as np

from streamsep_offline.maker import gm, sampler, synth
from streamsep_offline.maker.dynamics import to_unit_rms
from streamsep_offline.maker.harmony import close_voicing
from streamsep_offline.maker.kernels import SINE
from streamsep_offline.maker.lines import arpeggio, held_chords, strummed_chords
from streamsep_offline.maker.notes import Note
from streamsep_offline.maker.space import pan, widen
from streamsep_offline.maker.studio import Take

_PIANOS, _ELECTRIC = (0, 1, 2, 3), (4, 5, 7, 1, 3)
_ORGANS, _STRINGS = (16, 17, 18, 19, 21), (48, 49, 50, 51, 44)
_BRASS, _MALLETS = (57, 59, 61, 62, 63, 60), (8, 9, 11, 12, 10)
_DRAWBARS = (0.5, 1.0, 1.5, 2.0, 3.0, 4.0, 6.0)
"""Frequency factors of an electric organ's drawbars."""


def _general_midi(take: Take, programs: tuple[int, ...], notes: list[Note]) -> np.ndarray | None:
    if not gm.is_available() or not notes:
        return None
    program = take.choose("gm-program", [str(p) for p in programs], gm.SOURCE)
    if program is None:
        return None
    audio = gm.render(notes, int(program), take.plan.n_samples)
    if take.rng.random() < 0.3:
        audio = pan(audio.mean(axis=0), take.rng.uniform(-0.8, 0.8))
    return audio


def _recorded(take: Take, name: str, notes: list[Note]) -> np.ndarray | None:
    if not notes or not sampler.keys(take.studio, name):
        return None
    if take.choose("keys", [name], sampler.RECORDINGS[name].source) is None:
        return None
    mono = to_unit_rms(sampler.play(take.studio, name, notes, take.plan.n_samples, 0.0, 0.2))
    stereo = pan(mono, take.rng.uniform(-0.3, 0.3))
    return widen(stereo, mono, 0.007, take.rng.uniform(0.0, 0.6))


def _voicing(take: Take, chord: tuple[int, ...], low: int) -> list[int]:
    """Close chord above `low`, with the root an octave below it half of the time."""
    pitches = close_voicing(chord, low)
    return [low - 12 + (chord[0] - low) % 12, *pitches] if low % 2 else pitches


def _chords(take: Take) -> list[Note]:
    low = int(take.rng.integers(50, 62))
    return strummed_chords(take.plan, take.rng, lambda chord: _voicing(take, chord, low))


def _either(
    take: Take, recorded: str, programs: tuple[int, ...], notes: list[Note]
) -> np.ndarray | None:
    """The recorded instrument or a General MIDI one; the former only where the split may use it."""
    audio = _recorded(take, recorded, notes) if take.rng.random() < 0.5 else None
    return audio if audio is not None else _general_midi(take, programs, notes)


def piano(take: Take) -> np.ndarray | None:
    """Chords or broken chords on a grand piano, [2, samples] or None."""
    rng = take.rng
    if rng.random() < 0.7:
        notes = _chords(take)
    else:
        notes = arpeggio(take.plan, rng, close_voicing, part="chords", gate=1.8)
    return _either(take, "grand-piano", _PIANOS, notes)


def electric_piano(take: Take) -> np.ndarray | None:
    """Chords on an electric piano or clavinet, [2, samples] or None."""
    return _either(take, "electric-piano", _ELECTRIC, _chords(take))


def organ(take: Take) -> np.ndarray | None:
    """Held or rhythmic organ chords; a third of the time by drawbars of our own."""
    rng, n = take.rng, take.plan.n_samples
    low = int(rng.integers(50, 64))
    if rng.random() < 0.6:
        notes = held_chords(take.plan, lambda chord: close_voicing(chord, low))
    else:
        notes = _chords(take)
    if rng.random() < 0.65:
        audio = _general_midi(take, _ORGANS, notes)
        if audio is not None:
            return audio
    take.credits.add(take.stem, "keys", "drawbar organ", "synthesised")
    mono = np.zeros(n, np.float32)
    for factor in _DRAWBARS:
        level = rng.uniform(0.0, 1.0) / factor**0.5
        drawn = [note._replace(pitch=note.pitch + 12.0 * np.log2(factor)) for note in notes]
        patch = synth.Patch(SINE, cutoff_hz=15000.0, attack_s=0.01)
        mono += level * synth.render(drawn, patch, n, rng)
    turning = np.sin(2 * np.pi * rng.choice([0.8, 6.5]) * np.arange(n) / 44100)
    depth = rng.uniform(0.0, 0.4)
    return np.stack([mono * (1 + depth * turning), mono * (1 - depth * turning)])


def strings(take: Take) -> np.ndarray | None:
    """A string ensemble: held chords, tremolo or plucked, [2, samples] or None."""
    rng = take.rng
    low = int(rng.integers(52, 66))
    if rng.random() < 0.2:
        notes = arpeggio(take.plan, rng, lambda chord: close_voicing(chord, low), gate=0.8)
        return _either(take, "pizzicato-strings", (45, *_STRINGS), notes)
    notes = held_chords(take.plan, lambda chord: close_voicing(chord, low))
    return _either(take, "tremolo-strings", _STRINGS, notes)


def brass(take: Take) -> np.ndarray | None:
    """Brass section stabs, [2, samples] or None."""
    low = int(take.rng.integers(54, 62))
    notes = strummed_chords(
        take.plan, take.rng, lambda chord: close_voicing(chord, low), part="lead", gate=0.7
    )
    return _general_midi(take, _BRASS, notes)


def mallets(take: Take) -> np.ndarray | None:
    """Vibraphone, marimba, bells: broken chords high up, [2, samples] or None."""
    notes = arpeggio(
        take.plan, take.rng, lambda chord: close_voicing(chord, 66), gate=1.5, density=0.6
    )
    return _general_midi(take, _MALLETS, notes)
