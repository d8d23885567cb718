"""Single lines, easily taken for a voice: saxophones, horns, winds, solo strings, synth leads."""

from __future__ import annotations

import numpy as np
from scipy import ndimage

from streamsep_offline.maker import gm, sampler, synth
from streamsep_offline.maker.dynamics import to_unit_active_rms
from streamsep_offline.maker.kernels import SAW, SQUARE, TRIANGLE
from streamsep_offline.maker.lines import melody
from streamsep_offline.maker.notes import SAMPLE_RATE_HZ, Note, to_samples
from streamsep_offline.maker.pedals import vibrato
from streamsep_offline.maker.phrasing import Expression, bends
from streamsep_offline.maker.space import pan
from streamsep_offline.maker.studio import Take
from streamsep_offline.maker.synth import Patch, spread
from streamsep_offline.maker.tones import blown, bowed, talking

_SAXES, _HORNS = (64, 65, 66, 67), (56, 57, 58, 59, 60)
_BOWED, _BLOWN = (40, 41, 42, 43), (68, 71, 73, 75, 78, 72, 74, 77)
_SYNTHS = (80, 81, 82, 83, 84, 87)

SAX_RANGES = {"bear": (43, 70), "weresax": (52, 80)}
"""Lowest and highest pitch of each recorded saxophone."""


def _position(take: Take) -> float:
    """Half of the leads stand in the middle, as voices do."""
    return 0.0 if take.rng.random() < 0.5 else take.rng.uniform(-0.7, 0.7)


def _breath(rng: np.random.Generator) -> Expression:
    """A player of a wind instrument: late vibrato, scoops, glides, falls."""
    return Expression(
        vibrato_hz=rng.uniform(4.6, 6.0),
        vibrato=rng.uniform(0.08, 0.4),
        vibrato_delay_s=rng.uniform(0.15, 0.4),
        glide_chance=rng.uniform(0.05, 0.35),
        glide_s=rng.uniform(0.03, 0.08),
        scoop_chance=rng.uniform(0.1, 0.4),
        scoop=rng.uniform(0.5, 1.5),
        scoop_s=rng.uniform(0.06, 0.15),
        fall_chance=rng.uniform(0.0, 0.35),
        fall=rng.uniform(2.0, 6.0),
    )


def growled(mono: np.ndarray, notes: list[Note], rng: np.random.Generator) -> np.ndarray:
    """The player hums into the horn on some notes: the tone is modulated at 70 to 130 Hz."""
    where = np.zeros(len(mono), np.float32)
    chance = rng.uniform(0.1, 0.6)
    for note in notes:
        if rng.random() < chance:
            start = to_samples(note.start_s)
            where[start : start + to_samples(note.duration_s)] = 1.0
    where = ndimage.uniform_filter1d(where, to_samples(0.03), mode="constant")
    places = np.arange(0, len(mono) + 4410, 4410)
    wander = np.interp(np.arange(len(mono)), places, rng.uniform(70.0, 130.0, len(places)))
    hum = np.sin(2.0 * np.pi * np.cumsum(wander) / SAMPLE_RATE_HZ)
    rough = np.tanh(2.0 * to_unit_active_rms(mono)) * (0.5 + 0.4 * hum)
    return ((1.0 - where) * to_unit_active_rms(mono) + where * rough).astype(np.float32)


def _general_midi(take: Take, programs: tuple[int, ...], low: int, high: int) -> np.ndarray | None:
    rng = take.rng
    notes = melody(take.plan, rng, low, high, gate=rng.uniform(0.8, 1.0))
    if not notes or not gm.is_available():
        return None
    program = take.choose("gm-program", [str(p) for p in programs], gm.SOURCE)
    if program is None:
        return None
    moves = bends(notes, _breath(rng), rng)
    mono = gm.render(notes, int(program), take.plan.n_samples, bends=moves).mean(axis=0)
    return pan(mono, _position(take))


def saxophone(take: Take) -> np.ndarray | None:
    """A recorded or General MIDI saxophone, [2, samples] or None."""
    rng, n = take.rng, take.plan.n_samples
    names = [name for name in SAX_RANGES if sampler.keys(take.studio, name)]
    if not take.studio.allowed("sax", names) or rng.random() > 0.75:
        return _general_midi(take, _SAXES, 48, 79)
    name = take.choose("sax", names, "Karoryfer")
    notes = melody(take.plan, rng, *SAX_RANGES[name], gate=rng.uniform(0.8, 1.0))
    if not notes:
        return None
    mono = sampler.play_line(take.studio, name, notes, n, _breath(rng), rng)
    if rng.random() < 0.25:
        mono = growled(mono, notes, rng)
    return pan(mono, _position(take))


def horn(take: Take) -> np.ndarray | None:
    """A solo trumpet, trombone or French horn, [2, samples] or None."""
    return _general_midi(take, _HORNS, 53, 81)


def wind_or_string(take: Take) -> np.ndarray | None:
    """A solo violin, cello, oboe, clarinet, flute or whistle, [2, samples] or None."""
    rng, n = take.rng, take.plan.n_samples
    is_bowed = rng.random() < 0.5
    if rng.random() < 0.6:
        audio = _general_midi(take, _BOWED if is_bowed else _BLOWN, 55, 86)
        if audio is not None:
            return audio
    notes = melody(take.plan, rng, 55, 86, gate=1.0)
    if not notes:
        return None
    take.credits.add(take.stem, "lead", "bowed" if is_bowed else "blown", "synthesised")
    return pan((bowed if is_bowed else blown)(notes, n, rng), _position(take))


def talk_box(take: Take) -> np.ndarray | None:
    """A synthesiser that seems to speak, [2, samples] or None."""
    notes = melody(take.plan, take.rng, 45, 69, gate=1.0)
    if not notes:
        return None
    take.credits.add(take.stem, "lead", "talk box", "synthesised")
    return pan(talking(notes, take.plan.n_samples, take.rng), _position(take))


def synth_lead(take: Take) -> np.ndarray | None:
    """A synthesiser's lead line, with glide and vibrato half of the time, [2, samples] or None."""
    rng, n = take.rng, take.plan.n_samples
    if rng.random() < 0.15:
        audio = _general_midi(take, _SYNTHS, 60, 88)
        if audio is not None:
            return audio
    low = 46 if take.plan.genre.style == "hip-hop" and rng.random() < 0.3 else 58
    notes = melody(take.plan, rng, low, low + 30)
    if not notes:
        return None
    take.credits.add(take.stem, "lead", "synthesiser", "synthesised")
    patch = Patch(
        wave=int(rng.choice([SAW, SAW, SQUARE, TRIANGLE])),
        detune=spread(rng, int(rng.choice([1, 2, 3, 7])), rng.uniform(4.0, 30.0)),
        cutoff_hz=float(np.exp(rng.uniform(np.log(700.0), np.log(8000.0)))),
        envelope_octaves=rng.uniform(0.0, 2.5),
        envelope_s=rng.uniform(0.05, 0.5),
        resonance=rng.uniform(0.0, 0.7),
        glide_s=float(rng.choice([0.0, 0.03, 0.06, 0.12])),
        decay_s=rng.uniform(0.1, 1.0),
        sustain=rng.uniform(0.2, 1.0),
        release_s=rng.uniform(0.02, 0.2),
    )
    audio = synth.render_wide(notes, patch, n, rng, rng.uniform(0.0, 0.8))
    if rng.random() < 0.4:
        held = np.zeros(n, np.float32)
        for note in notes:  # the wheel is pushed on what is held
            start = to_samples(note.start_s + 0.2)
            held[start : to_samples(note.start_s + note.duration_s)] = 1.0
        held = ndimage.uniform_filter1d(held, to_samples(0.1), mode="constant")
        rate_hz, depth = rng.uniform(4.5, 7.0), rng.uniform(0.1, 0.5)
        audio = np.stack([vibrato(side, rate_hz, depth, held) for side in audio])
    return audio
