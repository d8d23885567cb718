"""Brass and saxophone sections: three or four players who breathe, swell and fall together."""

from __future__ import annotations

import numpy as np
from scipy import ndimage

from streamsep_offline.maker import gm, sampler, synth
from streamsep_offline.maker.dynamics import to_unit_active_rms
from streamsep_offline.maker.harmony import close_voicing
from streamsep_offline.maker.kernels import SAW
from streamsep_offline.maker.leads import SAX_RANGES
from streamsep_offline.maker.lines import melody, strummed_chords
from streamsep_offline.maker.notes import Note, to_samples
from streamsep_offline.maker.phrasing import Expression, bends
from streamsep_offline.maker.space import pan
from streamsep_offline.maker.studio import Take

_PROGRAMS = (56, 56, 57, 61, 65, 66, 60)
"""Trumpet, trombone, section, saxophones, French horn."""


def _breaths(notes: list[Note], n_samples: int, rng: np.random.Generator) -> np.ndarray:
    """Loudness that all share: accents on short notes, swells on long ones, [samples]."""
    gain = np.ones(n_samples, np.float32)
    swells = rng.random() < 0.5
    for note in notes:
        start, n_note = to_samples(note.start_s), to_samples(note.duration_s)
        if note.duration_s < 0.5 or not swells:
            continue
        u = np.linspace(0.0, 1.0, n_note, dtype=np.float32)
        part = gain[start : start + n_note]
        bow = np.maximum(0.0, np.sin(np.pi * np.clip(1.15 * u - 0.05, 0.0, 1.0)))
        part[:] = (1.0 - 0.75 * np.sqrt(bow))[: len(part)]
    return ndimage.uniform_filter1d(gain, to_samples(0.01), mode="nearest")


def _voices(take: Take, n_players: int) -> list[list[Note]]:
    """What each player plays: a chord tone each, or all the same line in unison and octaves."""
    rng, plan = take.rng, take.plan
    if rng.random() < 0.4:
        line = melody(plan, rng, 57, 76, rest_chance=0.35, gate=rng.uniform(0.5, 0.95))
        return [
            [note._replace(pitch=note.pitch - 12.0 * (k % 2)) for note in line]
            for k in range(n_players)
        ]
    low, gate = int(rng.integers(54, 62)), rng.uniform(0.35, 0.9)
    state = rng.bit_generator.state
    lines = []
    for k in range(n_players):  # the same rhythm for all: the same draws

        def tone(chord: tuple[int, ...], k: int = k) -> list[int]:
            pitches = close_voicing(chord, low)
            return [pitches[k % len(pitches)] + 12 * (k // len(pitches))]

        rng.bit_generator.state = state
        lines.append(strummed_chords(plan, rng, tone, part="lead", gate=gate))
    return lines


def _player(take: Take, notes: list[Note], source: str, expression: Expression) -> np.ndarray:
    n, rng = take.plan.n_samples, take.rng
    notes = [
        note._replace(start_s=max(0.0, note.start_s + rng.normal(0.006, 0.006))) for note in notes
    ]
    if source.startswith("gm:"):
        moves = bends(notes, expression, rng)
        return gm.render(notes, int(source[3:]), n, rng.normal(0.0, 0.05), bends=moves).mean(axis=0)
    if source:
        return sampler.play_line(take.studio, source, notes, n, expression, rng)
    patch = synth.Patch(
        SAW, synth.spread(rng, 2, 5.0), cutoff_hz=rng.uniform(700.0, 1800.0),
        envelope_octaves=rng.uniform(1.0, 2.2), envelope_s=rng.uniform(0.1, 0.5),
        attack_s=rng.uniform(0.02, 0.05), release_s=0.06,
    )  # fmt: skip
    detuned = [note._replace(pitch=note.pitch + rng.normal(0.0, 0.04)) for note in notes]
    return synth.render(detuned, patch, n, rng)


def _source(take: Take, pitch: float) -> str:
    """Who plays: "gm:<program>", a recorded saxophone, or "" for a synthesiser's brass."""
    rng = take.rng
    saxes = [
        name
        for name, (low, high) in SAX_RANGES.items()
        if low <= pitch <= high and sampler.keys(take.studio, name)
    ]
    if take.studio.allowed("sax", saxes) and rng.random() < 0.35:
        return take.choose("sax", saxes, "Karoryfer") or ""
    if gm.is_available() and rng.random() < 0.9:
        program = take.choose("gm-program", [str(p) for p in _PROGRAMS], gm.SOURCE)
        return f"gm:{program}" if program else ""
    take.credits.add(take.stem, "brass", "synthesiser", "synthesised")
    return ""


def brass(take: Take) -> np.ndarray | None:
    """Stabs, swells and lines of a horn section, [2, samples] or None."""
    rng, n = take.rng, take.plan.n_samples
    lines = _voices(take, int(rng.choice([3, 3, 4])))
    if not lines[0]:
        return None
    expression = Expression(
        vibrato=rng.uniform(0.0, 0.2), glide_chance=0.05, scoop_chance=rng.uniform(0.0, 0.25),
        scoop=0.7, fall_chance=rng.uniform(0.0, 0.4), fall=rng.uniform(3.0, 8.0),
    )  # fmt: skip
    width = rng.uniform(0.1, 0.8)
    output = np.zeros((2, n), np.float32)
    for k, line in enumerate(lines):
        middle = float(np.mean([note.pitch for note in line]))
        sound = _player(take, line, _source(take, middle), expression)
        place = width * (2.0 * k / (len(lines) - 1) - 1.0)
        output += pan(to_unit_active_rms(sound), place)
    return output * _breaths(lines[0], n, rng)
