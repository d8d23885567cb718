"""What instruments play: strummed chords, riffs, arpeggios, held chords, melodies."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from streamsep_offline.maker.harmony import nearest_of_chord, next_in_scale, power_voicing
from streamsep_offline.maker.notes import Note
from streamsep_offline.maker.plan import Plan
from streamsep_offline.maker.rhythms import comping

Voicing = Callable[[tuple[int, ...]], list[int]]


def placed(
    plan: Plan,
    part: str,
    bar: int,
    step: float,
    length: float,
    pitch: float,
    velocity: float,
    gate: float = 1.0,
    late_s: float = 0.0,
) -> list[Note]:
    """A note at its time, stopped by the next break; none where the part is silent.

    Args:
        plan: The song.
        part: One of `form.PARTS`.
        bar: Where it begins.
        step: Sixteenth within the bar.
        length: Sixteenths.
        pitch: MIDI pitch.
        velocity: 0 to 1 in the loudest sections; softer where the song is quiet.
        gate: Share of the length that sounds.
        late_s: Delay behind its time.
    """
    if not plan.sounds(part, bar, step):
        return []
    place = bar * plan.steps_per_bar + step
    end = plan.rest_from(part, place, place + length)
    start_s = max(0.0, plan.time_s(bar, step) + late_s)
    sounding_s = gate * (plan.time_s(0, end) - plan.time_s(0, place))
    loudness = 0.72 + 0.28 * plan.energy(bar)
    return [Note(start_s, max(0.02, sounding_s), pitch, loudness * velocity)]


def strummed_chords(
    plan: Plan,
    rng: np.random.Generator,
    voicing: Voicing,
    part: str = "chords",
    strum_s: float = 0.002,
    mute_chance: float = 0.0,
    gate: float = 0.97,
) -> list[Note]:
    """Chords in a rhythm per kind of section; power chords play the song's riff where it has one.

    Args:
        plan: The song.
        rng: Draws the rhythm.
        voicing: Makes pitches of a chord.
        part: The plan's part that decides when it plays.
        strum_s: Delay from string to string.
        mute_chance: How often short notes are damped, as with the palm.
        gate: Share of a note that sounds.
    """
    rhythms = comping(rng, plan.genre, plan.metre)
    is_muted = rng.random() < mute_chance
    notes: list[Note] = []
    for bar in range(plan.n_bars):
        if not plan.plays(part, bar):
            continue
        riff = plan.riff(bar)
        if plan.is_ending(bar):
            strokes = [(0, plan.steps_per_bar, 0, False)] if plan.is_first_of_section(bar) else []
        elif riff and voicing is power_voicing:
            strokes = [(note.step, note.length, note.offset, note.is_muted) for note in riff]
        else:
            strokes = [
                (start, length, 0, is_muted and length <= 2)
                for start, length in rhythms[plan.section(bar).kind]
            ]
        for start, length, offset, is_damped in strokes:
            pitches = [pitch + offset for pitch in voicing(plan.chord(bar, start))]
            velocity = rng.uniform(0.6, 1.0) * (0.85 if is_damped else 1.0)
            order = pitches if rng.random() < 0.6 else pitches[::-1]
            share = 0.35 if is_damped and not offset else gate
            for k, pitch in enumerate(order):
                late_s = k * strum_s + rng.uniform(0.0, 0.003)
                notes += placed(plan, part, bar, start, length, pitch, velocity, share, late_s)
    return notes


def held_chords(plan: Plan, voicing: Voicing, part: str = "chords") -> list[Note]:
    """Chords as long as they last: pads, organs."""
    notes = []
    for place, end, chord in plan.chord_pieces(part):
        start_s, end_s = plan.time_s(0, place), plan.time_s(0, end)
        velocity = 0.62 + 0.22 * plan.energy(place // plan.steps_per_bar)
        notes += [
            Note(start_s, 0.99 * (end_s - start_s), pitch, velocity) for pitch in voicing(chord)
        ]
    return notes


def arpeggio(
    plan: Plan,
    rng: np.random.Generator,
    voicing: Voicing,
    part: str = "lead",
    gate: float = 1.3,
    density: float = 1.0,
) -> list[Note]:
    """Broken chords in eighths or sixteenths, the same figure all along.

    Args:
        plan: The song.
        rng: Draws the figure.
        voicing: Makes pitches of a chord.
        part: The plan's part that decides when it plays.
        gate: Length of a note in steps of the figure.
        density: Share of the steps that sound.
    """
    is_slow = rng.random() < (0.5 if plan.bpm < 140 else 0.85)
    step = 2 if is_slow else 1
    order = rng.permutation(6)
    if rng.random() < 0.5:  # up, down, or up and down rather than any order
        order = np.array([[0, 1, 2, 3, 4, 5], [5, 4, 3, 2, 1, 0], [0, 1, 2, 3, 2, 1]])[
            int(rng.integers(3))
        ]
    sounding = rng.random(plan.steps_per_bar) < density
    sounding[0] = True
    notes: list[Note] = []
    for bar in range(plan.n_bars):
        if not plan.plays(part, bar):
            continue
        if plan.is_ending(bar):
            if plan.is_first_of_section(bar):
                for k, pitch in enumerate(voicing(plan.chord(bar))):
                    length = plan.steps_per_bar - k
                    notes += placed(plan, part, bar, k, length, pitch, 0.7)
            continue
        for i in range(0, plan.steps_per_bar, step):
            if sounding[i]:
                pitches = voicing(plan.chord(bar, i))
                pitch = pitches[order[(i // step) % 6] % len(pitches)]
                velocity = rng.uniform(0.55, 1.0)
                notes += placed(plan, part, bar, i, step, pitch, velocity, gate)
    return notes


def melody(
    plan: Plan,
    rng: np.random.Generator,
    low: int = 57,
    high: int = 84,
    part: str = "lead",
    rest_chance: float = 0.2,
    gate: float = 0.95,
) -> list[Note]:
    """A line in the scale, one bar long, repeated and now and then drawn anew; busier in solos.

    Args:
        plan: The song.
        rng: Draws the line.
        low: Lowest pitch.
        high: Highest pitch.
        part: The plan's part that decides when it plays.
        rest_chance: How often a note is left out.
        gate: Share of a note that sounds.
    """
    pitch = (low + high) // 2
    bars: dict[tuple[int, int], list[tuple[int, int, int, float]]] = {}
    notes: list[Note] = []
    for bar in range(plan.n_bars):
        if not plan.plays(part, bar):
            continue
        if plan.is_ending(bar):
            if plan.is_first_of_section(bar):
                last = nearest_of_chord(pitch, plan.chord(bar), low, high)
                notes += placed(plan, part, bar, 0, plan.steps_per_bar, last, 0.8)
            continue
        section = plan.section(bar)
        slot = (section.kind, bar % 2)
        is_solo = section.name == "solo"
        if slot not in bars or is_solo or rng.random() < 0.4:
            lengths = [1, 1, 1, 2, 2, 2, 3, 4] if is_solo else [1, 2, 2, 3, 4, 4, 6, 8]
            bars[slot] = []
            step = 0
            while step < plan.steps_per_bar:
                length = min(int(rng.choice(lengths)), plan.steps_per_bar - step)
                scale, key = plan.scale_at(bar, step), plan.key_at(bar)
                pitch = next_in_scale(rng, pitch, key, scale, low, high)
                if step in plan.metre.pulses and rng.random() < 0.5:  # beats lean on the chord
                    pitch = nearest_of_chord(pitch, plan.chord(bar, step), low, high)
                if rng.random() >= rest_chance:
                    bars[slot].append((step, length, pitch - key, rng.uniform(0.7, 1.0)))
                step += length
        for start, length, above, velocity in bars[slot]:
            played = _into_scale(plan, bar, start, above)
            played += 12 * (played < low) - 12 * (played > high)
            notes += placed(plan, part, bar, start, length, played, velocity, gate)
    return notes


def _into_scale(plan: Plan, bar: int, step: int, above: int) -> int:
    """A pitch that was right over another chord, moved by a semitone where it has to be."""
    scale, key = plan.scale_at(bar, step), plan.key_at(bar)
    return key + min((above + d for d in (0, -1, 1, -2, 2)), key=lambda p: p % 12 not in scale)
