"""Synthesiser parts of pop and dance music: pads, plucks, supersaw stabs, bells, risers."""

from __future__ import annotations

import numpy as np
from scipy import ndimage

from streamsep_offline.maker import gm, synth
from streamsep_offline.maker.filters import band_pass
from streamsep_offline.maker.harmony import close_voicing
from streamsep_offline.maker.kernels import FM, SAW, SQUARE, TRIANGLE
from streamsep_offline.maker.lines import arpeggio, held_chords, strummed_chords
from streamsep_offline.maker.notes import SAMPLE_RATE_HZ, to_samples
from streamsep_offline.maker.space import pan
from streamsep_offline.maker.studio import Take
from streamsep_offline.maker.synth import Patch, random_sweep, spread

_PAD_PROGRAMS = (88, 89, 90, 92, 94, 95, 50, 51)
"""Pads without the choir: what sounds like singers is not other."""

_CHOIR = "ambi_choir"


def _cutoff(rng: np.random.Generator, low_hz: float, high_hz: float) -> float:
    return float(np.exp(rng.uniform(np.log(low_hz), np.log(high_hz))))


def _sweep(take: Take) -> tuple[float, ...]:
    return random_sweep(take.rng, take.plan.n_samples, 0.7) if take.rng.random() < 0.5 else ()


def pad(take: Take) -> np.ndarray:
    """Held chords that breathe; sometimes gated to the beat, [2, samples]."""
    rng, plan = take.rng, take.plan
    low = int(rng.integers(50, 62))
    notes = held_chords(plan, lambda chord: close_voicing(chord, low))
    if rng.random() < 0.2 and gm.is_available() and notes:
        program = take.choose("gm-program", [str(p) for p in _PAD_PROGRAMS], gm.SOURCE)
        if program is not None:
            return gm.render(notes, int(program), plan.n_samples)
    take.credits.add(take.stem, "pad", "synthesiser", "synthesised")
    patch = Patch(
        wave=int(rng.choice([SAW, SAW, SQUARE, TRIANGLE])),
        detune=spread(rng, int(rng.choice([2, 3, 5])), rng.uniform(5.0, 25.0)),
        cutoff_hz=_cutoff(rng, 500.0, 7000.0),
        resonance=rng.uniform(0.0, 0.5),
        lfo_hz=rng.uniform(0.05, 0.5),
        lfo_octaves=float(rng.choice([0.0, 0.5, 1.0])),
        attack_s=rng.uniform(0.01, 0.5),
        release_s=rng.uniform(0.05, 0.6),
        sweep=_sweep(take),
    )
    audio = synth.render_wide(notes, patch, plan.n_samples, rng, rng.uniform(0.0, 1.0))
    if rng.random() < 0.2:
        phase = np.arange(plan.n_samples) / to_samples(plan.step_s * rng.choice([1, 2])) % 1.0
        gate = (phase < rng.uniform(0.4, 0.7)).astype(np.float32)
        audio = audio * ndimage.uniform_filter1d(gate, to_samples(0.004), mode="nearest")
    return audio


def pluck(take: Take) -> np.ndarray:
    """Short notes of broken chords, [2, samples]."""
    rng, plan = take.rng, take.plan
    take.credits.add(take.stem, "pluck", "synthesiser", "synthesised")
    low = int(rng.choice([52, 60, 64, 72]))
    notes = arpeggio(
        plan,
        rng,
        lambda chord: close_voicing(chord, low) + [12 + p for p in close_voicing(chord, low)],
        gate=rng.uniform(0.3, 0.95),
        density=float(rng.choice([0.4, 0.6, 1.0])),
    )
    patch = Patch(
        wave=int(rng.choice([SAW, SQUARE, SQUARE, TRIANGLE])),
        detune=spread(rng, int(rng.choice([1, 2, 3])), rng.uniform(3.0, 15.0)),
        cutoff_hz=_cutoff(rng, 250.0, 3500.0),
        envelope_octaves=rng.uniform(0.5, 3.5),
        envelope_s=rng.uniform(0.03, 0.3),
        resonance=rng.uniform(0.0, 0.8),
        decay_s=rng.uniform(0.05, 0.4),
        sustain=float(rng.choice([0.0, 0.0, 0.3])),
        release_s=rng.uniform(0.02, 0.15),
        sweep=_sweep(take),
    )
    return synth.render_wide(notes, patch, plan.n_samples, rng, rng.uniform(0.0, 0.6))


def stab(take: Take) -> np.ndarray:
    """Chords in a rhythm on few or seven detuned saws, [2, samples]."""
    rng, plan = take.rng, take.plan
    take.credits.add(take.stem, "stab", "synthesiser", "synthesised")
    low = int(rng.integers(54, 68))
    notes = strummed_chords(
        plan, rng, lambda chord: close_voicing(chord, low), gate=rng.uniform(0.3, 0.95)
    )
    patch = Patch(
        wave=int(rng.choice([SAW, SAW, SAW, SQUARE])),
        detune=spread(rng, int(rng.choice([1, 3, 7])), rng.uniform(4.0, 30.0)),
        cutoff_hz=_cutoff(rng, 600.0, 8000.0),
        envelope_octaves=rng.uniform(0.0, 2.5),
        envelope_s=rng.uniform(0.05, 0.5),
        resonance=rng.uniform(0.0, 0.7),
        decay_s=rng.uniform(0.1, 1.0),
        sustain=rng.uniform(0.0, 1.0),
        release_s=rng.uniform(0.02, 0.3),
        sweep=_sweep(take),
    )
    return synth.render_wide(notes, patch, plan.n_samples, rng, rng.uniform(0.0, 1.0))


def bell(take: Take) -> np.ndarray:
    """FM bells, [2, samples]."""
    rng, plan = take.rng, take.plan
    take.credits.add(take.stem, "bell", "synthesiser", "synthesised")
    notes = arpeggio(plan, rng, lambda c: close_voicing(c, 67), gate=1.0, density=0.5)
    patch = Patch(
        wave=FM,
        cutoff_hz=12000.0,
        fm_index=rng.uniform(0.5, 4.0),
        fm_ratio=float(rng.choice([1.41, 2.0, 3.0, 3.5, 7.0])),
        envelope_s=rng.uniform(0.1, 0.5),
        decay_s=rng.uniform(0.15, 0.8),
        sustain=0.0,
        release_s=0.3,
    )
    return synth.render_wide(notes, patch, plan.n_samples, rng, rng.uniform(0.0, 1.0))


def riser(take: Take) -> np.ndarray:
    """Noise that rises into a new section, and sometimes the crackle of a record, [2, samples]."""
    rng, plan = take.rng, take.plan
    take.credits.add(take.stem, "riser", "synthesiser", "synthesised")
    output = np.zeros((2, plan.n_samples), np.float32)
    for bar in range(plan.n_bars):
        if not plan.is_last_of_section(bar) and rng.random() > 0.1:
            continue
        end = to_samples(plan.time_s(bar + 1))
        start = max(0, end - to_samples(rng.choice([1, 2, 4]) * plan.bar_s))
        if end > plan.n_samples or end - start < SAMPLE_RATE_HZ // 2:
            continue
        u = np.linspace(0.0, 1.0, end - start, dtype=np.float32)
        noise = rng.standard_normal((2, end - start), dtype=np.float32)
        from_hz, to_hz = (9000.0, 450.0) if rng.random() < 0.3 else (300.0, 7000.0)
        n_bands = 6
        for k in range(n_bands):  # a moving band-pass as a cross-fade between fixed ones
            place = k / (n_bands - 1)
            centre_hz = from_hz * (to_hz / from_hz) ** place
            band = band_pass(noise, 0.7 * centre_hz, min(1.5 * centre_hz, 18000.0), order=1)
            output[:, start:end] += band * np.exp(-np.square((u - place) * n_bands * 0.8)) * u**1.5
    if rng.random() < 0.4:
        clicks = (rng.random(plan.n_samples) < 2e-4) * rng.exponential(1.0, plan.n_samples)
        crackle = 0.01 * rng.standard_normal(plan.n_samples) + 0.15 * clicks
        output += pan(crackle.astype(np.float32), 0.0)
    return output


def one_shot_texture(take: Take) -> np.ndarray | None:
    """A recorded atmosphere or guitar phrase, started at every section, [2, samples] or None."""
    plan = take.plan
    paths = {
        path.stem: path
        for path in take.studio.files("one-shots-cc0", "ambi_*.ogg", "guit_*.ogg")
        if path.stem != _CHOIR
    }
    name = take.choose("one-shot", list(paths), "Sonic Pi samples") if paths else None
    if name is None:
        return None
    sound = take.studio.sample(paths[name], longest_s=12.0)
    output = np.zeros((2, plan.n_samples), np.float32)
    for bar in range(plan.n_bars):
        if plan.bar_in_section(bar) % 4 == 0 and plan.plays("chords", bar):
            start = to_samples(plan.time_s(bar))
            part = output[:, start : start + sound.shape[1]]
            part += sound[:, : part.shape[1]]
    return output
