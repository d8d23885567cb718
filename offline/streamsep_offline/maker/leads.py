"""Single lines, easily taken for a voice: saxophones, horns, winds, solo strings, synth leads."""

from __future__ import annotations

import numpy as np

from streamsep_offline.maker import gm, sampler, synth
from streamsep_offline.maker.kernels import SAW, SQUARE, TRIANGLE
from streamsep_offline.maker.lines import melody
from streamsep_offline.maker.space import pan
from streamsep_offline.maker.studio import Take
from streamsep_offline.maker.synth import Patch, spread

_SAXES, _HORNS = (64, 65, 66, 67), (56, 57, 58, 59, 60)
_WINDS_AND_STRINGS = (40, 41, 42, 43, 68, 71, 73, 75, 78)
_SYNTHS = (80, 81, 82, 83, 84, 85, 87)


def _position(take: Take) -> float:
    """Half of the leads stand in the middle, as voices do."""
    return 0.0 if take.rng.random() < 0.5 else take.rng.uniform(-0.7, 0.7)


def _general_midi(take: Take, programs: tuple[int, ...], low: int, high: int) -> np.ndarray | None:
    notes = melody(take.plan, take.rng, low, high)
    if not notes or not gm.is_available():
        return None
    program = take.choose("gm-program", [str(p) for p in programs], gm.SOURCE)
    if program is None:
        return None
    mono = gm.render(notes, int(program), take.plan.n_samples).mean(axis=0)
    return pan(mono, _position(take))


def saxophone(take: Take) -> np.ndarray | None:
    """A recorded or General MIDI saxophone, [2, samples] or None."""
    names = [name for name in ("bear", "weresax") if sampler.keys(take.studio, name)]
    if take.studio.allowed("sax", names) and take.rng.random() < 0.75:
        name = take.choose("sax", names, "Karoryfer")
        low, high = (43, 70) if name == "bear" else (52, 80)
        notes = melody(take.plan, take.rng, low, high)
        mono = sampler.play(take.studio, name, notes, take.plan.n_samples, 0.0, 0.05)
        return pan(mono, _position(take)) if notes else None
    return _general_midi(take, _SAXES, 48, 79)


def horn(take: Take) -> np.ndarray | None:
    """A solo trumpet, trombone or French horn, [2, samples] or None."""
    return _general_midi(take, _HORNS, 53, 81)


def wind_or_string(take: Take) -> np.ndarray | None:
    """A solo violin, cello, oboe, flute, [2, samples] or None."""
    return _general_midi(take, _WINDS_AND_STRINGS, 55, 86)


def synth_lead(take: Take) -> np.ndarray | None:
    """A synthesiser's lead line, with glide half of the time, [2, samples] or None."""
    rng, n = take.rng, take.plan.n_samples
    if rng.random() < 0.2:
        audio = _general_midi(take, _SYNTHS, 60, 88)
        if audio is not None:
            return audio
    notes = melody(take.plan, rng, 58, 88)
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
        glide_s=float(rng.choice([0.0, 0.03, 0.06])),
        decay_s=rng.uniform(0.1, 1.0),
        sustain=rng.uniform(0.2, 1.0),
        release_s=rng.uniform(0.02, 0.2),
    )
    return synth.render_wide(notes, patch, n, rng, rng.uniform(0.0, 0.8))
