"""Guitars: distorted and crunchy rhythm, often played twice; acoustic and clean chords; lead lines.

Recorded guitars are all clean: the amplifier is a tanh between two band limits, as a loudspeaker
cabinet's.
"""

from __future__ import annotations

import numpy as np

from streamsep_offline.maker import gm, sampler
from streamsep_offline.maker.dynamics import to_unit_rms
from streamsep_offline.maker.filters import band_pass, random_equaliser
from streamsep_offline.maker.harmony import guitar_voicing, power_voicing
from streamsep_offline.maker.lines import arpeggio, melody, strummed_chords
from streamsep_offline.maker.notes import Note
from streamsep_offline.maker.space import chorus, pan
from streamsep_offline.maker.studio import Take

ELECTRIC = {
    "emilyguitar": 0.3, "shinyguitar-pickup": 0.3, "black": 0.3, "green": 0.3,
    "black-staccato": 0.05, "steel-guitar": 0.12,
}  # fmt: skip
ACOUSTIC = {"steel-guitar": 0.6, "shinyguitar-mic": 0.4, "emilyguitar": 0.15, "green": 0.15}
_GM_ELECTRIC = {str(p): 1.0 for p in (26, 27, 28, 29, 30, 25)}
_GM_ACOUSTIC = {str(p): 1.0 for p in (24, 25, 26, 27)}


def _source(take: Take, recorded: dict[str, float], programs: dict[str, float]) -> str | None:
    """Name of a recorded guitar, or "gm:<program>"; None where neither is installed."""
    names = [name for name in recorded if sampler.keys(take.studio, name)]
    can_record = bool(take.studio.allowed("guitar", names))
    if can_record and (take.rng.random() < 0.65 or not gm.is_available()):
        weights = [recorded[name] for name in names]
        guitar = take.choose("guitar", names, "Karoryfer", weights)
        return guitar
    if gm.is_available():
        program = take.choose("gm-program", list(programs), gm.SOURCE, list(programs.values()))
        return f"gm:{program}" if program else None
    return None


def _play(
    take: Take, source: str, notes: list[Note], detune: float, release_s: float
) -> np.ndarray:
    n = take.plan.n_samples
    if source.startswith("gm:"):
        return gm.render(notes, int(source[3:]), n, detune).mean(axis=0)
    return sampler.play(take.studio, source, notes, n, detune, release_s)


def _amplify(clean: np.ndarray, rng: np.random.Generator, drive: float) -> np.ndarray:
    """Clean guitar through a driven amplifier and its cabinet."""
    driven = np.tanh(drive * to_unit_rms(band_pass(clean, 90.0, 6000.0, order=1)))
    cabinet = band_pass(driven.astype(np.float32), 85.0, rng.uniform(3500.0, 6000.0))
    return to_unit_rms(random_equaliser(cabinet, rng))


def _humanised(notes: list[Note], rng: np.random.Generator) -> list[Note]:
    return [n._replace(start_s=max(0.0, n.start_s + rng.normal(0.0, 0.006))) for n in notes]


def rhythm(take: Take, drive_range: tuple[float, float], power_chance: float) -> np.ndarray | None:
    """Distorted chords, mostly played twice, left and right, [2, samples] or None."""
    rng = take.rng
    source = _source(take, ELECTRIC, _GM_ELECTRIC)
    voicing = power_voicing if rng.random() < power_chance else guitar_voicing
    notes = strummed_chords(take.plan, rng, voicing, strum_s=0.005, mute_chance=0.3)
    if source is None or not notes:
        return None
    drive = rng.uniform(*drive_range)
    if rng.random() < 0.35:
        sound = _amplify(_play(take, source, _humanised(notes, rng), 0.0, 0.05), rng, drive)
        return pan(sound, rng.uniform(-0.9, 0.9))
    width = rng.uniform(0.5, 1.0)
    sides = []
    for place, detune in ((-width, -0.06), (width, 0.07)):
        clean = _play(take, source, _humanised(notes, rng), detune, 0.05)
        sides.append(pan(_amplify(clean, rng, drive), place))
    return sides[0] + sides[1]


def distorted(take: Take) -> np.ndarray | None:
    """Heavy rhythm guitars, mostly power chords."""
    return rhythm(take, (4.0, 25.0), 0.8)


def crunch(take: Take) -> np.ndarray | None:
    """Rhythm guitars on the edge of distortion, full chords."""
    return rhythm(take, (1.0, 4.0), 0.15)


def acoustic(take: Take) -> np.ndarray | None:
    """Strummed or picked acoustic guitar, sometimes doubled, [2, samples] or None."""
    rng = take.rng
    source = _source(take, ACOUSTIC, _GM_ACOUSTIC)
    if rng.random() < 0.65:
        notes = strummed_chords(take.plan, rng, guitar_voicing, strum_s=rng.uniform(0.005, 0.015))
    else:
        notes = arpeggio(take.plan, rng, guitar_voicing, part="chords", gate=3.0)
    if source is None or not notes:
        return None
    first = to_unit_rms(_play(take, source, notes, 0.0, 0.15))
    if rng.random() < 0.7:
        return pan(first, rng.uniform(-0.8, 0.8))
    second = to_unit_rms(_play(take, source, _humanised(notes, rng), 0.04, 0.15))
    return pan(first, -0.7) + pan(second, 0.7)


def clean(take: Take) -> np.ndarray | None:
    """Clean electric chords or arpeggios, half of the time with chorus, [2, samples] or None."""
    rng = take.rng
    source = _source(take, ELECTRIC, _GM_ELECTRIC)
    if rng.random() < 0.55:
        notes = strummed_chords(take.plan, rng, guitar_voicing, strum_s=0.008, mute_chance=0.3)
    else:
        notes = arpeggio(take.plan, rng, guitar_voicing, part="chords", gate=2.0)
    if source is None or not notes:
        return None
    mono = np.tanh(rng.uniform(0.3, 1.2) * to_unit_rms(_play(take, source, notes, 0.0, 0.1)))
    mono = to_unit_rms(mono)
    stereo = pan(mono, rng.uniform(-0.9, 0.9))
    return chorus(stereo, mono, rng, 0.6) if rng.random() < 0.5 else stereo


def lead(take: Take) -> np.ndarray | None:
    """A distorted lead line, mostly in the middle: what is easily taken for a voice."""
    rng = take.rng
    source = _source(take, ELECTRIC, _GM_ELECTRIC)
    notes = melody(take.plan, rng, 57, 86)
    if source is None or not notes:
        return None
    sound = _amplify(_play(take, source, notes, 0.0, 0.05), rng, rng.uniform(2.0, 20.0))
    return pan(sound, float(rng.choice([0.0, 0.0, rng.uniform(-0.6, 0.6)])))
