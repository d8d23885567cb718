"""Harmony, plans, lines, patterns and performances."""

import struct
from dataclasses import replace

import numpy as np
import pytest

from streamsep_offline.maker import harmony, lines
from streamsep_offline.maker.grooves import (
    PIECES,
    Performance,
    choose_performance,
    performance_hits,
    read_strokes,
)
from streamsep_offline.maker.patterns import FAMILIES, pattern_hits, random_bar
from streamsep_offline.maker.plan import GENRES, PARTS, Section, choose_genre, make_plan
from streamsep_offline.maker.studio import Studio

SAMPLE_RATE = 44100
GENRE = {genre.name: genre for genre in GENRES}


def everything_plays(plan):
    return replace(plan, sections=tuple(Section(k % 3, frozenset(PARTS)) for k in range(6)))


@pytest.mark.parametrize("scale", harmony.SCALES.values())
def test_chords_are_in_the_scale(scale):
    for degree in range(7):
        chord = harmony.triad(scale, 50, degree, is_seventh=True)
        assert all((pitch - 50) % 12 in scale for pitch in chord)
        assert list(chord) == sorted(chord)
        for voicing in (harmony.close_voicing, harmony.guitar_voicing):
            classes = {pitch % 12 for pitch in chord[:3]}
            assert classes >= {p % 12 for p in voicing(chord[:3])}


def test_power_chords_are_root_and_fifth():
    root, fifth, octave = harmony.power_voicing((62, 65, 69))
    assert (fifth - root, octave - root) == (7, 12)
    assert root % 12 == 62 % 12
    assert 40 <= root < 52


def test_melodies_stay_in_scale_and_range(rng):
    plan = everything_plays(make_plan(rng, GENRE["rock"], 20 * SAMPLE_RATE))
    notes = lines.melody(plan, rng, 57, 84)
    assert notes
    for note in notes:
        assert (note.pitch - plan.key) % 12 in plan.scale
        assert 57 <= note.pitch <= 84


@pytest.mark.parametrize("genre", GENRES, ids=lambda genre: genre.name)
def test_plans_keep_to_their_genre(genre, rng):
    for _ in range(5):
        plan = make_plan(rng, genre, 30 * SAMPLE_RATE)
        assert genre.bpm[0] <= plan.bpm <= genre.bpm[1]
        assert (plan.n_bars - 1) * plan.bar_s <= 30.0 <= plan.n_bars * plan.bar_s
        assert any(plan.plays("vocals", bar) for bar in range(plan.n_bars))
        assert set(FAMILIES) >= {genre.name}


def test_style_limits_the_genres(rng):
    assert {choose_genre(rng, "pop").style for _ in range(30)} == {"pop"}
    assert {choose_genre(rng).style for _ in range(60)} == {"rock", "pop", "electronic"}


def test_parts_pause_where_the_plan_says(rng):
    plan = make_plan(rng, GENRE["pop"], 30 * SAMPLE_RATE)
    sections = (Section(0, frozenset({"kick"})), Section(1, frozenset(PARTS)))
    plan = replace(plan, sections=sections)
    pause_s = plan.section_bars * plan.bar_s
    for notes in (
        lines.strummed_chords(plan, rng, harmony.close_voicing),
        lines.held_chords(plan, harmony.close_voicing),
        lines.arpeggio(plan, rng, harmony.close_voicing),
        lines.melody(plan, rng),
    ):
        assert notes
        phase = np.array([note.start_s % (2 * pause_s) for note in notes])
        assert phase.min() >= pause_s - 0.01
    hits = pattern_hits(plan, rng)
    quiet = {h.piece for h in hits if h.start_s % (2 * pause_s) < 0.7 * pause_s}
    assert quiet <= {"kick"}


def test_house_is_four_on_the_floor(rng):
    plan = everything_plays(make_plan(rng, GENRE["house"], 20 * SAMPLE_RATE))
    kicks = [hit.start_s for hit in pattern_hits(plan, rng) if hit.piece == "kick"]
    distance = [min(abs(kick - beat * plan.beat_s) for kick in kicks) for beat in range(8)]
    assert max(distance) < 0.02


@pytest.mark.parametrize("family", sorted({f for chances in FAMILIES.values() for f in chances}))
def test_every_family_has_kick_and_cymbals(family, rng):
    bars = [random_bar(rng, family) for _ in range(10)]
    for bar in bars:
        assert bar.steps["kick"][0] > 0
        assert all(((steps >= 0) & (steps <= 1)).all() for steps in bar.steps.values())
    assert all({"hat", "ride", "open"} & set(bar.steps) for bar in bars)


def midi_file(events, ticks_per_quarter=480):
    """Events (delta ticks, bytes) as a format 0 file."""

    def variable(value):
        out = [value & 127]
        while value := value >> 7:
            out.append(value & 127 | 128)
        return bytes(out[::-1])

    track = b"".join(variable(delta) + data for delta, data in events)
    head = b"MThd" + struct.pack(">IHHH", 6, 0, 1, ticks_per_quarter)
    return head + b"MTrk" + struct.pack(">I", len(track)) + track


def test_midi_note_ons_are_read_through_running_status_and_other_messages():
    data = midi_file(
        [
            (0, b"\xff\x51\x03\x07\xa1\x20"),  # tempo
            (0, b"\xc9\x00"),  # program
            (0, b"\x99\x24\x7f"),
            (480, b"\x26\x40"),  # running status
            (0, b"\x99\x26\x00"),  # velocity 0 is a note off
            (0, b"\xb9\x04\x10"),  # controller
            (240, b"\x99\x2a\x20"),
            (100000, b"\xff\x2f\x00"),
        ]
    )
    assert read_strokes(data) == [(0.0, 36, 1.0), (1.0, 38, 64 / 127), (1.5, 42, 32 / 127)]


def test_performance_is_looped_by_whole_bars(rng):
    plan = make_plan(rng, GENRE["rock"], 20 * SAMPLE_RATE)
    strokes = ((0.0, 36, 1.0), (1.0, 38, 0.5), (4.0, 36, 1.0), (8.5, 38, 0.5))
    hits = performance_hits(Performance("x", plan.bpm, strokes), plan, 0)
    kicks = sorted(hit.start_s / plan.bar_s for hit in hits if hit.piece == "kick")
    np.testing.assert_allclose(kicks, np.arange(len(kicks)), atol=1e-9)
    snares = sorted(hit.start_s / plan.bar_s for hit in hits if hit.piece == "snare")
    np.testing.assert_allclose(snares, 2 * np.arange(len(snares)) + 0.25, atol=1e-9)
    moved = performance_hits(Performance("x", plan.bpm, strokes), plan, 1)
    first = min(hit.start_s for hit in moved if hit.piece == "snare")
    assert first / plan.bar_s == pytest.approx(1.25)


@pytest.mark.parametrize(("split", "others"), [("train", "report"), ("report", "train")])
def test_drummers_do_not_cross_lists(audio_folder, split, others, rng):
    mine, theirs = (
        {
            performance.name.split("__")[0]
            for _ in range(25)
            if (performance := choose_performance(Studio(audio_folder, s), GENRE["funk"], rng))
        }
        for s in (split, others)
    )
    assert mine
    assert not mine & theirs


def test_performances_are_mostly_understood(audio_folder, rng):
    genre = replace(GENRE["soul-jazz"], performance_chance=1.0)
    performance = choose_performance(Studio(audio_folder), genre, rng)
    known = np.mean([key in PIECES for _, key, _ in performance.strokes])
    assert known > 0.95
