"""Human drum performances: reading, looping, tempo, swing, and who may use which."""

import struct
from dataclasses import replace

import numpy as np
import pytest

from streamsep_offline.maker import grooves
from streamsep_offline.maker.genres import GENRES
from streamsep_offline.maker.grooves import (
    PIECES,
    Performance,
    choose_fills,
    choose_performance,
    measured_swing,
    performance_hits,
    read_strokes,
)
from streamsep_offline.maker.plan import make_plan
from streamsep_offline.maker.studio import Studio

SAMPLE_RATE = 44100
GENRE = {genre.name: genre for genre in GENRES}


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
    strokes = ((0.0, 36, 1.0), (1.0, 38, 0.5), (4.0, 36, 1.0), (8.5, 38, 0.5))
    performance = Performance("x", 120.0, strokes)
    plan = make_plan(rng, GENRE["rock"], 20 * SAMPLE_RATE, performance.feel)
    hits = performance_hits(performance, plan, 0)
    kicks = sorted(hit.start_s / plan.bar_s for hit in hits if hit.piece == "kick")
    np.testing.assert_allclose(kicks, np.arange(len(kicks)), atol=1e-9)
    snares = sorted(hit.start_s / plan.bar_s for hit in hits if hit.piece == "snare")
    np.testing.assert_allclose(snares, 2 * np.arange(len(snares)) + 0.25, atol=1e-9)
    moved = performance_hits(performance, plan, 1)
    first = min(hit.start_s for hit in moved if hit.piece == "snare")
    assert first / plan.bar_s == pytest.approx(1.25)


def test_performances_in_three_are_looped_in_three(rng):
    strokes = tuple((float(q), 36 if q % 3 == 0 else 38, 0.8) for q in range(7))
    performance = Performance("x", 120.0, strokes, "3/4")
    plan = make_plan(rng, GENRE["rock"], 20 * SAMPLE_RATE, performance.feel)
    assert plan.metre.name == "3/4"
    kicks = [hit.start_s for hit in performance_hits(performance, plan, 0) if hit.piece == "kick"]
    np.testing.assert_allclose(sorted(kicks), [plan.time_s(bar) for bar in range(len(kicks))])


@pytest.mark.parametrize(("late", "swing"), [(0.5, 0.0), (0.6, 0.2), (2 / 3, 1 / 3), (0.52, 0.0)])
def test_swing_is_measured(rng, late, swing):
    beats = np.repeat(np.arange(40.0), 2) + np.tile([0.0, late], 40)
    found, unit = measured_swing(beats + rng.normal(0.0, 0.01, 80))
    assert found == pytest.approx(swing, abs=0.04)
    assert unit == (2 if swing else 1)
    sixteenths = np.arange(0.0, 40.0, 0.5)
    swung = np.concatenate([sixteenths, sixteenths + 0.25 * (1.0 + swing)])
    found, unit = measured_swing(swung)
    assert (found, unit) == (pytest.approx(swing, abs=0.06), 1) or swing == 0.0


def test_bands_swing_with_their_drummer(audio_folder, rng):
    genre = replace(GENRE["swing"], performance_chance=1.0, performances=("jazz-swing",))
    feels = [choose_performance(Studio(audio_folder, "report"), genre, rng) for _ in range(6)]
    swings = [performance.feel.swing for performance in feels if performance]
    assert np.median(swings) > 0.08


@pytest.mark.parametrize(("split", "others"), [("train", "report"), ("report", "train")])
@pytest.mark.parametrize("kind", ["beat", "fill"])
def test_drummers_do_not_cross_lists(audio_folder, split, others, kind, rng):
    def drummers(of):
        studio, found = Studio(audio_folder, of), set()
        for _ in range(15):
            one = choose_performance(studio, GENRE["funk"], rng)
            drawn = choose_fills(studio, GENRE["funk"], rng) if kind == "fill" else (one,)
            found |= {performance.name.split("__")[0] for performance in drawn if performance}
        return found

    mine, theirs = drummers(split), drummers(others)
    assert mine or (kind, split) == ("fill", "report")
    assert not mine & theirs


def test_performances_are_mostly_understood(audio_folder, rng):
    genre = replace(GENRE["soul-jazz"], performance_chance=1.0)
    performance = choose_performance(Studio(audio_folder), genre, rng)
    known = np.mean([key in PIECES for _, key, _ in performance.strokes])
    assert known > 0.95


def test_tempos_of_performances_suit_the_genre(audio_folder, rng):
    genre = replace(GENRE["ballad"], performance_chance=1.0)
    for _ in range(10):
        performance = choose_performance(Studio(audio_folder), genre, rng)
        assert 0.8 * genre.bpm[0] <= performance.bpm <= 1.25 * genre.bpm[1]


def test_every_performance_is_played_in_some_genre(audio_folder):
    paths = set((audio_folder / "midi/groove").glob("*.mid"))
    assert len(paths) > 600
    reached = set()
    for split in ("train", "select", "report"):
        studio = Studio(audio_folder, split)
        for genre in GENRES:
            if genre.performance_chance:
                for metre, _ in genre.metres:
                    reached |= set(grooves._fitting(studio, genre, "beat", metre))
                reached |= set(grooves._fitting(studio, genre, "fill", "4/4"))
    assert not {path.name for path in paths - reached}
