"""Keyboards and ensembles: electric pianos, clavinets, strings, mallets, reeds, plucked strings."""

from __future__ import annotations

import numpy as np

from streamsep_offline.maker import gm, sampler, synth
from streamsep_offline.maker.amplifier import amplify, random_amplifier
from streamsep_offline.maker.dynamics import to_unit_active_rms, to_unit_rms
from streamsep_offline.maker.harmony import close_voicing
from streamsep_offline.maker.kernels import FM, SAW
from streamsep_offline.maker.lines import arpeggio, held_chords, melody, strummed_chords
from streamsep_offline.maker.notes import SAMPLE_RATE_HZ, Note
from streamsep_offline.maker.pedals import phaser, touch_wah
from streamsep_offline.maker.space import chorus, pan, widen
from streamsep_offline.maker.studio import Take

_ELECTRIC, _CLAVINET = (4, 5), 7
_STRINGS, _MALLETS = (48, 49, 50, 51, 44), (8, 9, 11, 12, 10, 108, 114)
_REEDS, _PLUCKED = (21, 22, 23, 20), (105, 46, 104, 107, 15, 106)


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


def _chords(take: Take) -> list[Note]:
    low = int(take.rng.integers(50, 62))
    has_root = take.rng.random() < 0.5

    def voicing(chord: tuple[int, ...]) -> list[int]:
        pitches = close_voicing(chord, low)
        return [low - 12 + (chord[0] - low) % 12, *pitches] if has_root else pitches

    return strummed_chords(take.plan, take.rng, voicing)


def _either(
    take: Take, recorded: str, programs: tuple[int, ...], notes: list[Note]
) -> np.ndarray | None:
    """The recorded instrument or a General MIDI one; the former only where the split may use it."""
    audio = _recorded(take, recorded, notes) if take.rng.random() < 0.5 else None
    return audio if audio is not None else _general_midi(take, programs, notes)


def _tines(take: Take, notes: list[Note]) -> np.ndarray | None:
    """An electric piano by frequency modulation, as in the eighties."""
    rng = take.rng
    if not notes:
        return None
    take.credits.add(take.stem, "keys", "electric piano (FM)", "synthesised")
    n = take.plan.n_samples
    body = synth.Patch(
        FM, cutoff_hz=9000.0, fm_index=rng.uniform(0.4, 1.6), fm_ratio=1.0, envelope_s=0.5,
        decay_s=rng.uniform(0.5, 1.4), sustain=0.0, release_s=0.15, attack_s=0.002,
    )  # fmt: skip
    tine = synth.Patch(
        FM, cutoff_hz=14000.0, fm_index=rng.uniform(0.5, 1.5), fm_ratio=14.0, envelope_s=0.12,
        decay_s=0.25, sustain=0.0, release_s=0.1, attack_s=0.001,
    )  # fmt: skip
    mono = synth.render(notes, body, n, rng)
    mono += rng.uniform(0.05, 0.3) * synth.render(notes, tine, n, rng)
    return np.stack([mono, mono])


def electric_piano(take: Take) -> np.ndarray | None:
    """Chords on an electric piano or clavinet, its amplifier and pedals, [2, samples] or None."""
    rng, n = take.rng, take.plan.n_samples
    notes = _chords(take)
    if rng.random() < 0.2:
        audio = _general_midi(take, (_CLAVINET,), notes)
        if audio is not None:
            mono = audio.mean(axis=0)
            mono = touch_wah(mono, rng.uniform(0.3, 0.9)) if rng.random() < 0.5 else mono
            return pan(to_unit_active_rms(mono), rng.uniform(-0.6, 0.6))
    audio = None if rng.random() < 0.2 else _either(take, "electric-piano", _ELECTRIC, notes)
    audio = _tines(take, notes) if audio is None else audio
    if audio is None:
        return None
    mono = to_unit_active_rms(audio.mean(axis=0))
    treatment = rng.random()
    if treatment < 0.2:
        return phaser(mono, rng) * np.ones((2, 1), np.float32)
    if treatment < 0.4:
        return chorus(pan(mono, 0.0), mono, rng, 0.5)
    if treatment < 0.55:
        mono = amplify(mono, random_amplifier(rng, rng.uniform(0.4, 2.0)))
    if treatment < 0.75:  # the suitcase's vibrato: from side to side
        time_s = np.arange(n) / SAMPLE_RATE_HZ
        swing = rng.uniform(0.3, 0.8) * np.sin(2.0 * np.pi * rng.uniform(2.5, 6.5) * time_s)
        return (mono * np.stack([1.0 + swing, 1.0 - swing])).astype(np.float32)
    return audio


def strings(take: Take) -> np.ndarray | None:
    """A string ensemble or string machine: held chords, tremolo, plucked; [2, samples] or None."""
    rng = take.rng
    low = int(rng.integers(52, 66))
    if rng.random() < 0.2:
        notes = arpeggio(take.plan, rng, lambda chord: close_voicing(chord, low), gate=0.8)
        return _either(take, "pizzicato-strings", (45, *_STRINGS), notes)
    notes = held_chords(take.plan, lambda chord: close_voicing(chord, low))
    if rng.random() < 0.25:  # a line above the chords, as arrangers write
        notes += melody(take.plan, rng, 66, 88, part="chords", gate=1.0)
    audio = None if rng.random() < 0.12 else _either(take, "tremolo-strings", _STRINGS, notes)
    return _string_machine(take, notes) if audio is None else audio


def _string_machine(take: Take, notes: list[Note]) -> np.ndarray | None:
    """Saws through three swinging delays."""
    rng, n = take.rng, take.plan.n_samples
    if not notes:
        return None
    take.credits.add(take.stem, "keys", "string machine", "synthesised")
    patch = synth.Patch(
        SAW, synth.spread(rng, 2, rng.uniform(3.0, 8.0)), cutoff_hz=rng.uniform(2000.0, 6000.0),
        attack_s=rng.uniform(0.03, 0.3), release_s=rng.uniform(0.1, 0.4),
    )  # fmt: skip
    mono = to_unit_active_rms(synth.render(notes, patch, n, rng))
    stereo = chorus(pan(mono, 0.0), mono, rng, 0.7)
    return chorus(stereo, mono, rng, 0.5)


def mallets(take: Take) -> np.ndarray | None:
    """Vibraphone, marimba, bells, kalimba, steel drums: broken chords or a tune high up."""
    rng = take.rng
    if rng.random() < 0.3:
        return _general_midi(take, _MALLETS, melody(take.plan, rng, 64, 88))
    notes = arpeggio(take.plan, rng, lambda chord: close_voicing(chord, 66), gate=1.5, density=0.6)
    return _general_midi(take, _MALLETS, notes)


def reeds(take: Take) -> np.ndarray | None:
    """Accordion, harmonica, bandoneon: a tune or chords, [2, samples] or None."""
    rng = take.rng
    if rng.random() < 0.5:
        return _general_midi(take, _REEDS, melody(take.plan, rng, 57, 84))
    return _general_midi(take, _REEDS, _chords(take))


def plucked(take: Take) -> np.ndarray | None:
    """Banjo, harp, sitar, koto, dulcimer: broken chords, [2, samples] or None."""
    low = int(take.rng.integers(52, 66))
    notes = arpeggio(
        take.plan,
        take.rng,
        lambda chord: close_voicing(chord, low) + [12 + p for p in close_voicing(chord, low)],
        part="chords",
    )
    return _general_midi(take, _PLUCKED, notes)
