"""Doubles, second voices, choirs, ad-libs: what they sing and how they differ from the lead."""

import numpy as np
import pytest

from streamsep_offline.maker.notes import SAMPLE_RATE_HZ, Note
from streamsep_offline.maker.places import is_full, tones_at
from streamsep_offline.maker.voices.contour import Manner
from streamsep_offline.maker.voices.formant import sing_formants
from streamsep_offline.maker.voices.layers import _BUILDERS, choose_layers
from streamsep_offline.maker.voices.production import crowd
from streamsep_offline.maker.voices.singing import (
    calls,
    doubled,
    harmonised,
    held_chords_for,
    in_choruses,
    make_phrases,
)
from streamsep_offline.maker.voices.syllables import Words
from streamsep_offline.maker.voices.vocoded import sing_syllables
from streamsep_offline.maker.voices.world import Colour, analyse, world

PHRASE = [Note(1.0, 0.5, 60.0, 1.0), Note(1.5, 0.5, 64.0, 1.0), Note(2.0, 1.0, 62.0, 1.0)]


@pytest.fixture
def plan(make_take):
    return make_take("pop", 40.0).plan


def test_second_voices_keep_to_the_scale_and_the_lead(plan, rng):
    phrases = make_phrases(plan, rng, 60)
    # a semitone more or less where the chord asks for it
    for steps, intervals in ((2, {2, 3, 4, 5}), (-5, {-7, -8, -9, -10}), (7, {12})):
        for lead, second in zip(phrases, harmonised(phrases, plan, steps, rng), strict=True):
            for a, b in zip(lead, second, strict=True):
                tones = tones_at(plan, 0, plan.place_at(a.start_s) + 0.4)
                assert b.pitch in tones
                assert b.pitch - a.pitch in intervals or a.pitch not in tones  # a pick-up
                assert abs(b.start_s - a.start_s) <= 0.0401


@pytest.mark.skipif(world() is None, reason="pyworld is not installed")
def test_a_double_is_the_same_tune_but_another_take(plan, track_pitch):
    rng = np.random.default_rng(1)
    said = [sing_formants([[Note(0.0, 0.5, p, 1.0)]], 22050, rng) for p in (55.0, 56.0, 54.0)]
    words = Words(analyse(np.concatenate([np.concatenate([w, np.zeros(8820)]) for w in said])))
    manner, n = Manner(vibrato=0.1, scoop_chance=0.0), 4 * SAMPLE_RATE_HZ
    first = sing_syllables(words, [PHRASE], n, Colour(swell_db=1.0), rng, manner)
    second = sing_syllables(
        words, doubled([PHRASE], rng, 0.01), n, Colour(swell_db=1.0), rng, manner
    )
    both = np.fft.irfft(np.fft.rfft(first, 1 << 19) * np.fft.rfft(second, 1 << 19).conj())
    size = np.sqrt(np.square(first).sum() * np.square(second).sum())
    assert np.abs(both).max() / size < 0.7  # at every lag: no delayed copy
    for y in (first, second):
        pitch = track_pitch(y)
        for note in PHRASE:
            middle = round(100 * (note.start_s + 0.65 * note.duration_s))
            assert np.nanmedian(pitch[middle - 5 : middle + 5]) == pytest.approx(
                note.pitch, abs=0.5
            )


def test_choirs_hold_chords_in_choruses(plan):
    for voice in range(3):
        for phrase in held_chords_for(plan, voice, 55):
            place = round(plan.place_at(phrase[0].start_s))
            assert is_full(plan, place // plan.steps_per_bar)
            assert phrase[0].pitch % 12 in {tone % 12 for tone in plan.chord(0, place)}
            assert 55 <= phrase[0].pitch < 67


def test_ad_libs_fill_the_gaps(plan, rng):
    phrases = make_phrases(plan, rng, 60)
    busy = [(p[0].start_s, p[-1].start_s + p[-1].duration_s) for p in phrases]
    found = [call for _ in range(10) for call in calls(plan, phrases, 60, rng)]
    for call in found:
        for note in call:
            end_s = note.start_s + note.duration_s
            assert all(end_s <= a + 1e-6 or note.start_s >= b - 1e-6 for a, b in busy)
            assert note.pitch >= 55


def test_a_crowd_is_wide_and_of_the_same_pitch(track_pitch, rng):
    time_s = np.arange(2 * SAMPLE_RATE_HZ) / SAMPLE_RATE_HZ
    x = sum(np.sin(2 * np.pi * 220.0 * k * time_s + k) / k for k in range(1, 12)).astype(np.float32)
    y = crowd(x, 4, 0.0, 1.0, rng)
    assert np.corrcoef(y)[0, 1] < 0.9
    assert np.nanmedian(track_pitch(y[0][6000:])) == pytest.approx(57.0, abs=0.3)
    assert np.square(y).mean() == pytest.approx(np.square(x).mean(), rel=0.6)


def test_layers_are_drawn_by_their_own_generators(make_take, rng):
    take = make_take("pop", 20.0, stem="vocals")
    phrases = make_phrases(take.plan, rng, 60)
    first = choose_layers(take, phrases, Manner(), 60.0, "sung")
    take.rng.random(100)
    again = choose_layers(take, phrases, Manner(), 60.0, "sung")
    assert first == again


def test_every_layer_is_below_the_lead_and_in_the_picture(make_take, rng):
    take = make_take("pop", 30.0, stem="vocals")
    phrases = make_phrases(take.plan, rng, 60)
    for name, build in _BUILDERS.items():
        for _ in range(5):
            for layer in build(take, phrases, Manner(), 60.0, rng):
                assert layer.level_db <= 0.0, name
                assert -1.0 <= layer.place <= 1.0
                assert (layer.n_copies > 1) == (layer.width > 0.0)
                assert layer.manner.drift >= 0.0
    assert len(in_choruses(phrases, take.plan)) <= len(phrases)
