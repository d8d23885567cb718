"""Lead guitars: bends, vibrato and slides through a driven amplifier. Easily taken for a voice."""

from __future__ import annotations

import numpy as np

from streamsep_offline.maker import gm, sampler
from streamsep_offline.maker.amplifier import amplify, random_amplifier
from streamsep_offline.maker.cabinets import random_cabinet, random_response
from streamsep_offline.maker.dynamics import to_unit_active_rms
from streamsep_offline.maker.guitars import choose_electric
from streamsep_offline.maker.lines import melody
from streamsep_offline.maker.notes import Note
from streamsep_offline.maker.pedals import wah
from streamsep_offline.maker.phrasing import Expression, bends
from streamsep_offline.maker.places import beside
from streamsep_offline.maker.space import convolved, pan
from streamsep_offline.maker.studio import Take


def fingers(rng: np.random.Generator) -> Expression:
    """A player who bends strings by up to a whole tone."""
    return Expression(
        vibrato_hz=rng.uniform(4.5, 6.5),
        vibrato=rng.uniform(0.15, 0.6),
        vibrato_delay_s=rng.uniform(0.12, 0.35),
        vibrato_growth_s=rng.uniform(0.1, 0.3),
        glide_chance=rng.uniform(0.05, 0.3),
        glide_s=rng.uniform(0.04, 0.08),
        scoop_chance=rng.uniform(0.1, 0.45),
        scoop=float(rng.choice([1.0, 2.0, 2.0])),
        scoop_s=rng.uniform(0.08, 0.25),
        fall_chance=0.05,
        is_only_up=True,
    )


def slide(rng: np.random.Generator) -> Expression:
    """A player with a glass tube: every note is slid to."""
    return Expression(
        vibrato_hz=rng.uniform(5.0, 7.0),
        vibrato=rng.uniform(0.25, 0.6),
        vibrato_delay_s=0.1,
        vibrato_growth_s=0.15,
        glide_chance=0.95,
        glide_s=rng.uniform(0.08, 0.2),
        scoop_chance=0.7,
        scoop=rng.uniform(1.0, 4.0),
        scoop_s=rng.uniform(0.08, 0.2),
        fall_chance=0.3,
    )


def ornamented(notes: list[Note], rng: np.random.Generator, take: Take) -> list[Note]:
    """Now and then a long note becomes a run of short notes of the scale that ends on it."""
    chance = rng.uniform(0.0, 0.35)
    output: list[Note] = []
    for note in notes:
        if note.duration_s < 0.3 or rng.random() > chance:
            output.append(note)
            continue
        count = int(rng.integers(2, 5))
        length_s = min(0.11, note.duration_s / (count + 1.5))
        direction = int(rng.choice([-1, 1]))
        for k in range(count):
            pitch = beside(take.plan, note, direction * (count - k))
            output.append(Note(note.start_s + k * length_s, length_s, pitch, 0.9 * note.velocity))
        used_s = count * length_s
        output.append(
            note._replace(start_s=note.start_s + used_s, duration_s=note.duration_s - used_s)
        )
    return output


def _line(take: Take, source: str, notes: list[Note], expression: Expression) -> np.ndarray:
    n = take.plan.n_samples
    if source.startswith("gm:"):
        moves = bends(notes, expression, take.rng)
        return gm.render(notes, int(source[3:]), n, bends=moves).mean(axis=0)
    return sampler.play_line(take.studio, source, notes, n, expression, take.rng)


def lead(take: Take) -> np.ndarray | None:
    """A lead line, mostly distorted and mostly in the middle, [2, samples] or None."""
    rng, plan = take.rng, take.plan
    source = choose_electric(take)
    notes = melody(plan, rng, 55, 86, gate=rng.uniform(0.85, 1.0))
    if source is None or not notes:
        return None
    notes = ornamented(notes, rng, take)
    is_slide = rng.random() < (0.3 if plan.genre.style in ("folk", "ballad") else 0.1)
    expression = slide(rng) if is_slide else fingers(rng)
    gain = float(np.exp(rng.uniform(np.log(1.5), np.log(10.0 if is_slide else 50.0))))
    amplifier, cabinet = random_amplifier(rng, gain), random_cabinet(rng)
    microphone = random_response(cabinet, rng)
    wah_hz = rng.uniform(0.3, 1.0) / plan.beat_s if rng.random() < 0.12 else 0.0
    wah_phase = rng.random()

    def recorded(line: list[Note]) -> np.ndarray:
        dry = _line(take, source, line, expression)
        if wah_hz:
            dry = wah(dry, wah_hz, wah_phase, 0.8)
        return to_unit_active_rms(convolved(amplify(dry, amplifier), microphone))

    place = 0.0 if rng.random() < 0.6 else rng.uniform(-0.6, 0.6)
    sound = pan(recorded(notes), place)
    if rng.random() < (0.25 if plan.genre.style == "metal" else 0.06):  # a twin in thirds
        steps = int(rng.choice([2, 2, -2, -5]))
        twin = [note._replace(pitch=beside(plan, note, steps)) for note in notes]
        sound = sound + pan(recorded(twin), -place if place else rng.uniform(-0.7, 0.7))
    return sound
