"""Electric guitars: riffs and chords through amplifiers, often played twice; clean chords.

Recorded guitars are all clean: pedals, amplifier, cabinet and microphone are modelled.
"""

from __future__ import annotations

import numpy as np

from streamsep_offline.maker import gm, sampler
from streamsep_offline.maker.amplifier import amplify, random_amplifier
from streamsep_offline.maker.cabinets import random_cabinet, random_response
from streamsep_offline.maker.dynamics import to_unit_active_rms
from streamsep_offline.maker.filters import apply_sections, low_pass, peaking_section
from streamsep_offline.maker.guitar_riffs import Riff, chorded, has_riffs, riff
from streamsep_offline.maker.harmony import guitar_voicing, power_voicing
from streamsep_offline.maker.lines import arpeggio, strummed_chords
from streamsep_offline.maker.notes import Note
from streamsep_offline.maker.pedals import phaser, touch_wah, tremolo
from streamsep_offline.maker.places import in_full
from streamsep_offline.maker.space import chorus, convolved, pan
from streamsep_offline.maker.studio import Take

ELECTRIC = {
    "emilyguitar": 0.3, "shinyguitar-pickup": 0.3, "black": 0.3, "green": 0.3,
    "black-staccato": 0.05, "steel-guitar": 0.12,
}  # fmt: skip
_GM_ELECTRIC = {str(p): 1.0 for p in (26, 27, 28, 29, 30, 25)}

_MUTED_S = (0.02, 0.13)
"""A muted note is held for a moment, then gone."""


def choose_guitar(take: Take, recorded: dict[str, float], programs: dict[str, float]) -> str | None:
    """Name of a recorded guitar, or "gm:<program>"; None where neither is installed."""
    names = [name for name in recorded if sampler.keys(take.studio, name)]
    can_record = bool(take.studio.allowed("guitar", names))
    if can_record and (take.rng.random() < 0.65 or not gm.is_available()):
        weights = [recorded[name] for name in names]
        return take.choose("guitar", names, "Karoryfer", weights)
    if gm.is_available():
        program = take.choose("gm-program", list(programs), gm.SOURCE, list(programs.values()))
        return f"gm:{program}" if program else None
    return None


def choose_electric(take: Take) -> str | None:
    """An electric guitar, see `choose_guitar`."""
    return choose_guitar(take, ELECTRIC, _GM_ELECTRIC)


def play(
    take: Take, source: str, notes: list[Note], detune: float = 0.0, release_s: float = 0.05
) -> np.ndarray:
    """Notes on a guitar from `choose_guitar`, dry and mono, [samples]."""
    n = take.plan.n_samples
    if source.startswith("gm:"):
        return gm.render(notes, int(source[3:]), n, detune).mean(axis=0)
    return sampler.play(take.studio, source, notes, n, detune, release_s)


def humanised(notes: list[Note], rng: np.random.Generator, spread_s: float = 0.006) -> list[Note]:
    """Another take of the same notes: other strokes, a little early or late."""
    return [
        note._replace(
            start_s=max(0.0, note.start_s + rng.normal(0.0, spread_s)),
            velocity=float(np.clip(note.velocity + rng.normal(0.0, 0.08), 0.2, 1.0)),
        )
        for note in notes
    ]


def _perform(take: Take, source: str, part: Riff, detune: float) -> np.ndarray:
    """One take of a riff, mono and dry; muted notes are short and dull."""
    rng = take.rng
    ringing = play(take, source, humanised(part.ringing, rng), detune)
    if not part.muted:
        return ringing
    held_s, release_s = _MUTED_S
    short = [note._replace(duration_s=held_s) for note in humanised(part.muted, rng, 0.004)]
    dull = low_pass(play(take, source, short, detune, release_s), rng.uniform(1200.0, 2600.0))
    return ringing + apply_sections(dull, peaking_section(130.0, 5.0, 0.8)[None])


def rhythm(
    take: Take, gain_range: tuple[float, float], power_chance: float, riff_chance: float
) -> np.ndarray | None:
    """Chords or a riff through an amplifier, mostly played twice, [2, samples] or None.

    Args:
        take: The part.
        gain_range: Of the amplifier, see `Amplifier.gain`.
        power_chance: How often chords are root, fifth and octave only.
        riff_chance: How often it is a riff with muted notes.
    """
    rng, plan = take.rng, take.plan
    source = choose_electric(take)
    voicing = power_voicing if rng.random() < power_chance else guitar_voicing
    if rng.random() < riff_chance:
        part = riff(plan, rng, plan.genre.style == "metal")
    else:
        part = chorded(strummed_chords(plan, rng, voicing, strum_s=0.005, mute_chance=0.3))
    if source is None or not (part.ringing or part.muted):
        return None
    gain = float(np.exp(rng.uniform(*np.log(gain_range))))
    amplifier, cabinet = random_amplifier(rng, gain), random_cabinet(rng)

    def recorded(notes: Riff, detune: float) -> np.ndarray:
        driven = amplify(_perform(take, source, notes, detune), amplifier)
        return to_unit_active_rms(convolved(driven, random_response(cabinet, rng)))

    if rng.random() < 0.3:
        return pan(recorded(part, 0.0), rng.uniform(-0.9, 0.9))
    width = rng.uniform(0.55, 1.0)
    first = pan(recorded(part, -0.05), -width)
    if rng.random() < 0.4:  # the other side plays another guitar through another amplifier
        source = choose_electric(take) or source
        amplifier = random_amplifier(rng, gain * rng.uniform(0.6, 1.6))
        cabinet = random_cabinet(rng)
    second_part = part
    if rng.random() < 0.2:  # the second guitar comes in with the chorus
        second_part = Riff(in_full(plan, part.ringing), in_full(plan, part.muted))
    return first + pan(recorded(second_part, 0.06), width)


def distorted(take: Take) -> np.ndarray | None:
    """Heavy rhythm guitars, mostly power chords and riffs."""
    gains = (12.0, 60.0) if take.plan.genre.style == "metal" else (6.0, 40.0)
    return rhythm(take, gains, 0.8, has_riffs(take.plan))


def crunch(take: Take) -> np.ndarray | None:
    """Rhythm guitars on the edge of distortion, full chords."""
    return rhythm(take, (1.2, 6.0), 0.15, 0.1)


def clean(take: Take) -> np.ndarray | None:
    """Clean chords or arpeggios through a combo, often with a pedal, [2, samples] or None."""
    rng, plan = take.rng, take.plan
    source = choose_electric(take)
    if rng.random() < 0.55:
        notes = strummed_chords(plan, rng, guitar_voicing, strum_s=0.008, mute_chance=0.3)
    else:
        notes = arpeggio(plan, rng, guitar_voicing, part="chords", gate=2.0)
    if source is None or not notes:
        return None
    dry = play(take, source, notes, 0.0, 0.1)
    if rng.random() < (0.35 if plan.genre.style == "funk" else 0.06):
        dry = touch_wah(dry, rng.uniform(0.4, 0.9))
    if rng.random() < 0.8:
        driven = amplify(dry, random_amplifier(rng, rng.uniform(0.15, 1.2)))
        mono = convolved(driven, random_response(random_cabinet(rng), rng))
    else:  # straight into the desk, as in funk and pop
        mono = np.tanh(rng.uniform(0.3, 0.9) * to_unit_active_rms(dry))
    mono = to_unit_active_rms(mono)
    pedal = rng.random()
    if pedal < 0.12:
        rate_hz = float(rng.choice([2.0, 3.0, 4.0])) / plan.beat_s
        mono = tremolo(mono, min(rate_hz, 9.0), rng.uniform(0.4, 0.95), rng.uniform(0.0, 0.8))
    elif pedal < 0.27:
        mono = phaser(mono, rng)
    stereo = pan(mono, rng.uniform(-0.9, 0.9))
    return chorus(stereo, mono, rng, 0.6) if 0.27 <= pedal < 0.62 else stereo
