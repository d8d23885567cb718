"""Phrases, voices through WORLD, sung notes, formants, production."""

import dataclasses

import numpy as np
import pytest

from streamsep_offline.maker.dynamics import active_rms
from streamsep_offline.maker.harmony import roman
from streamsep_offline.maker.notes import SAMPLE_RATE_HZ, Note, pitch_to_hz
from streamsep_offline.maker.places import tones_at
from streamsep_offline.maker.studio import Studio
from streamsep_offline.maker.voices import render
from streamsep_offline.maker.voices.contour import FRAME_S, SPOKEN, Manner
from streamsep_offline.maker.voices.formant import sing_formants
from streamsep_offline.maker.voices.production import Role, chopped, produce
from streamsep_offline.maker.voices.rap import rap_lines
from streamsep_offline.maker.voices.routes import open_routes
from streamsep_offline.maker.voices.sampled import sing_notes, sung_notes
from streamsep_offline.maker.voices.singers import SINGERS, singers_of
from streamsep_offline.maker.voices.singing import make_phrases
from streamsep_offline.maker.voices.syllables import Words, find_syllables
from streamsep_offline.maker.voices.vocoded import Excerpts, _into_key, sing_syllables
from streamsep_offline.maker.voices.world import (
    Colour,
    analyse,
    cached_frames,
    resynthesise,
    world,
)

needs_world = pytest.mark.skipif(world() is None, reason="pyworld is not installed")
PHRASE = [Note(1.0, 0.5, 60.0, 1.0), Note(1.5, 0.5, 64.0, 1.0), Note(2.0, 1.0, 62.0, 1.0)]


@pytest.fixture
def cache(tmp_path, monkeypatch):
    monkeypatch.setenv("STREAMSEP_CACHE_DIR", str(tmp_path / "cache"))


@pytest.fixture(scope="module")
def voice():
    """Three syllables of a synthetic voice with pauses, at about 200 Hz."""
    rng = np.random.default_rng(1)
    parts = []
    for pitch in (55.0, 56.0, 54.0):
        parts += [sing_formants([[Note(0.0, 0.5, pitch, 1.0)]], SAMPLE_RATE_HZ // 2, rng)]
        parts += [np.zeros(SAMPLE_RATE_HZ // 5, np.float32)]
    return np.concatenate(parts)


def test_phrases_fit_song_range_and_scale(make_take, rng):
    plan = make_take("pop", 30.0).plan
    for _ in range(10):
        for phrase in make_phrases(plan, rng, 60):
            assert not phrase[0].is_slurred
            assert [note.start_s for note in phrase] == sorted(note.start_s for note in phrase)
            for note in phrase:
                assert 0.0 <= note.start_s < 30.0
                assert note.duration_s > 0.05
                assert 51 <= note.pitch <= 69
                place = int(plan.place_at(note.start_s) + 0.4)
                # a pick-up belongs to the chord it leads to, a run to the one it began over
                near = range(max(0, place - 8), place + 5)
                assert any(note.pitch in tones_at(plan, 0, step) for step in near)


def test_choruses_come_back_with_their_tune(make_take, rng):
    plan = make_take("pop", 60.0).plan
    section = plan.sections[0]
    chorus = dataclasses.replace(
        section, kind=1, name="chorus", n_bars=4, playing=section.playing | {"vocals"}
    )
    plan = dataclasses.replace(plan, sections=(chorus,))
    phrases = make_phrases(plan, rng, 60)
    rhythms = [
        tuple(
            round(plan.place_at(n.start_s) - plan.place_at(phrase[0].start_s)) for n in phrase[:4]
        )
        for phrase in phrases
    ]
    assert len(set(rhythms)) < 0.8 * len(rhythms)


def test_long_notes_belong_to_the_chord(make_take, rng):
    plan = make_take("pop", 60.0).plan
    held = [n for p in make_phrases(plan, rng, 60) for n in p if n.duration_s > 6 * plan.step_s]
    for note in held:
        bar = plan.bar_at(note.start_s + 0.06)
        near = {
            tone % 12
            for b in (bar - 1, bar, bar + 1)
            if b >= 0
            for step in (0, 4, 8, 12)
            for tone in plan.chord(b, step)
        }
        assert note.pitch % 12 in near


@needs_world
def test_analysis_finds_pitch_and_pauses(voice):
    frames = analyse(voice)
    is_voiced = np.isfinite(frames[:, 0])
    assert np.median(frames[is_voiced, 0]) + 60.0 == pytest.approx(55.0, abs=0.7)
    assert 0.4 < is_voiced.mean() < 0.9
    syllables = find_syllables(frames)
    assert len(syllables) == 3
    for k, syllable in enumerate(syllables):
        assert syllable.start <= syllable.vowel < syllable.end
        assert 70 * k - 5 <= syllable.start <= 70 * k + 25


@needs_world
@pytest.mark.parametrize("pitch", [50.0, 58.0, 69.0])
def test_resynthesis_has_the_pitch_it_is_told(voice, pitch, rng, peak_hz):
    frames = analyse(voice)[8:45]
    frames = frames[np.isfinite(frames[:, 0])].repeat(3, axis=0)
    y = resynthesise(frames, np.full(len(frames), pitch), Colour(swell_db=0.0), rng)
    again = analyse(y)
    found = again[np.isfinite(again[:, 0]), 0].astype(float) + 60.0
    assert np.median(found) == pytest.approx(pitch, abs=0.2)


@needs_world
def test_a_voice_below_the_lowest_note_of_a_bass_is_sung(voice, rng):
    # The distance of its pulses is longer than the frames of other voices; WORLD wrote beyond them.
    frames = analyse(voice)[8:45]
    frames = frames[np.isfinite(frames[:, 0])].repeat(3, axis=0)
    y = resynthesise(frames, np.full(len(frames), 24.0), Colour(swell_db=0.0), rng)
    middle = y[len(y) // 4 : -len(y) // 4].astype(float)
    alike = np.correlate(middle, middle, "full")[len(middle) :]
    period = round(SAMPLE_RATE_HZ / 32.7)
    assert abs(500 + np.argmax(alike[500 : 2 * period - 500]) + 1 - period) < 30
    y = resynthesise(frames, np.full(len(frames), 5.0), Colour(swell_db=0.0), rng)
    assert np.isfinite(y).all()


@needs_world
def test_formants_move_without_the_pitch(voice, rng):
    frames = analyse(voice)[8:45]

    def centroid(formants):
        y = resynthesise(frames, np.full(len(frames), 55.0), Colour(formants, 0.0, 0.0), rng)
        power = np.abs(np.fft.rfft(y)) ** 2
        return np.sum(power * np.arange(len(power))) / power.sum()

    assert centroid(1.2) > 1.05 * centroid(1.0) > 1.1 * centroid(0.84)


@needs_world
def test_syllables_are_sung_on_the_notes(voice, rng):
    n = 4 * SAMPLE_RATE_HZ
    y = sing_syllables(Words(analyse(voice)), [PHRASE], n, Colour(swell_db=0.0), rng)
    assert not y[: int(0.99 * SAMPLE_RATE_HZ)].any()
    assert not y[int(3.1 * SAMPLE_RATE_HZ) :].any()
    frames = analyse(y)
    for note in PHRASE:
        middle = round((note.start_s + 0.6 * note.duration_s) / FRAME_S)
        sung = frames[middle - 5 : middle + 5, 0].astype(float) + 60.0
        assert np.median(sung[np.isfinite(sung)]) == pytest.approx(note.pitch, abs=0.7)


@needs_world
def test_analyses_are_kept_and_the_same_from_the_cache(voice, cache):
    calls = []

    def make():
        calls.append(1)
        return voice

    first = np.array(cached_frames("a", make))
    second = np.array(cached_frames("a", make))
    np.testing.assert_array_equal(first, second)
    assert len(calls) == 1
    cached_frames("b", make)
    assert len(calls) == 2


def test_recorded_notes_are_moved_into_the_key(make_take):
    plan = make_take("pop").plan
    plan = dataclasses.replace(plan, scale_name="major", progressions=(((roman("I"),),),) * 3)
    sung = np.concatenate([np.full(100, 60.4), np.full(100, 62.7), np.full(20, np.nan)])
    moved = _into_key(sung, plan, 0.0)
    for part in (moved[30:70], moved[130:170]):
        assert np.ptp(part) < 1e-6
        assert round(float(part[0])) in tones_at(plan, 0)
        assert part[0] == pytest.approx(round(float(part[0])))
    assert np.abs(moved[30:70] - 60.4).max() <= 1.0


def test_vocobox_octaves_are_corrected(audio_folder):
    notes = sung_notes(Studio(audio_folder), "vocobox")
    names = {path.stem.split("mono_")[1]: pitch for pitch, path in notes}
    assert names["A3"] == 45  # sounds at 110 Hz
    assert names["C3"] == 48
    assert len(notes) > 60


@pytest.mark.parametrize("name", ["vocobox", "berklee-woman", "berklee-man"])
def test_sung_notes_are_in_tune(audio_folder, name, rng):
    phrase = [Note(0.1, 1.2, 57.0, 1.0)]
    y = sing_notes(Studio(audio_folder), name, [phrase], 2 * SAMPLE_RATE_HZ, rng)
    spectrum = np.abs(np.fft.rfft(y * np.hanning(len(y)), 1 << 18))
    hz = np.argmax(spectrum) * SAMPLE_RATE_HZ / (1 << 18)
    semitones = 12 * np.log2(hz / pitch_to_hz(57))
    # whatever octave and harmonic is strongest, it is one of this note
    nearest = min(
        (12 * np.log2(h) + 12 * octave for h in (1, 2, 3, 4, 5, 6) for octave in (-1, 0, 1, 2)),
        key=lambda interval: abs(semitones - interval),
    )
    assert semitones == pytest.approx(nearest, abs=0.6)


def test_formant_voice_sings_its_phrase(rng):
    y = sing_formants([PHRASE], 4 * SAMPLE_RATE_HZ, rng)
    assert not y[:SAMPLE_RATE_HZ].any()
    assert np.sqrt(np.mean(y[SAMPLE_RATE_HZ : 3 * SAMPLE_RATE_HZ] ** 2)) > 0.3
    assert not y[3 * SAMPLE_RATE_HZ :].any()


def test_chops_keep_to_the_bars_with_vocals(make_take, rng):
    plan = make_take("house", 20.0).plan
    voice = np.random.default_rng(0).standard_normal(plan.n_samples).astype(np.float32)
    chops = chopped(voice, plan, rng)
    assert chops.any()
    for bar in range(plan.n_bars - 1):
        if not plan.plays("vocals", bar) and not plan.plays("vocals", max(0, bar - 1)):
            start = int((plan.time_s(bar) + 0.1 * plan.bar_s) * SAMPLE_RATE_HZ)
            assert not chops[start : start + 1000].any()


def test_production_survives_a_voice_that_cannot_double(make_take, rng):
    take = make_take("pop", 5.0, stem="vocals")
    lead = sing_formants([PHRASE], take.plan.n_samples, rng)
    once = [lead]

    def sing(phrases, manner):
        return once.pop() if once else np.zeros_like(lead)

    for k in range(12):
        once[:] = [lead]
        role = Role(sing, [PHRASE], Manner(), 60.0)
        y, _ = produce([role], dataclasses.replace(take, seed=(k, 1, 1)))
        assert y.shape == (2, take.plan.n_samples)
        assert np.isfinite(y).all()
        assert active_rms(y) == pytest.approx(1.0, rel=0.05)


@needs_world
def test_a_singer_moved_into_the_key_sings_a_second_voice_in_it(make_take, rng, voice):
    plan = make_take("pop", 8.0).plan
    frames = analyse(np.concatenate([voice] * 3))
    excerpts = Excerpts(frames, plan, 57, rng)
    lead = excerpts.sing(excerpts.phrases, Colour(swell_db=0.0), rng)
    third = [[p[0]._replace(pitch=p[0].pitch + 4.0)] for p in excerpts.phrases]
    second = excerpts.sing(third, Colour(swell_db=0.0), rng)
    pitches = []
    for y in (lead, second):
        found = analyse(y)[:, 0].astype(float) + 60.0
        steady = np.round(found[np.isfinite(found)])
        pitches.append(np.median(found[np.isfinite(found)]))
        tones = {tone for bar in range(plan.n_bars) for tone in tones_at(plan, bar)}
        assert np.mean([p in tones for p in steady]) > 0.8
    assert 2.0 <= pitches[1] - pitches[0] <= 5.5


@needs_world
def test_syllables_of_rap_stay_near_the_speakers_pitch(make_take, rng, voice, track_pitch):
    take = make_take("hip-hop", 12.0, stem="vocals")
    lines = rap_lines(take.plan, rng, 52.0)
    y = sing_syllables(
        Words(analyse(voice)), lines, take.plan.n_samples, Colour(swell_db=0.0), rng, Manner(SPOKEN)
    )
    pitch = track_pitch(y, 80.0, 400.0)
    low, high = np.nanpercentile(pitch, [8, 92])
    assert 48.0 < low < high < 56.0


@needs_world
def test_a_run_is_one_syllable(voice, rng):
    """Slurred notes do not start a new syllable: the level does not dip between them."""
    run = [Note(0.2 + 0.3 * k, 0.3, 60.0 + 2 * k, 1.0, k > 0) for k in range(4)]
    steps = [note._replace(is_slurred=False) for note in run]
    words, n = Words(analyse(voice)), 2 * SAMPLE_RATE_HZ

    def dips_db(phrase):
        y = sing_syllables(words, [phrase], n, Colour(swell_db=0.0), rng, Manner())
        level = 20 * np.log10(np.sqrt(np.square(y[11025:57330]).reshape(-1, 441).mean(axis=1)))
        return np.median(level) - level.min()

    assert np.median([dips_db(run) for _ in range(3)]) < np.median(
        [dips_db(steps) for _ in range(3)]
    )


@pytest.mark.usefixtures("short_analyses")
@pytest.mark.parametrize(
    ("genre", "delivery"),
    [("hip-hop", "rapped"), ("hip-hop", "rapped verses"), ("rock", "screamed"), ("pop", "spoken")],
)
def test_every_delivery_is_a_stem(audio_folder, make_take, monkeypatch, genre, delivery):
    if world() is None:
        pytest.skip("pyworld is not installed")
    monkeypatch.setattr("streamsep_offline.maker.voices.pick", _picker(delivery))
    take = make_take(genre, 8.0, audio_folder, stem="vocals")
    y, how = render(take)
    assert delivery in how
    assert active_rms(y) == pytest.approx(1.0, rel=0.05)
    assert np.abs(y).max() < 25.0
    assert np.abs(y.mean(axis=1)).max() < 0.02


def _picker(delivery):
    def choose(rng, chances):
        if "sung" in chances:
            return delivery
        return "syllables" if "syllables" in chances else "formants"

    return choose


@pytest.mark.usefixtures("short_analyses")
def test_the_same_seed_sings_the_same(audio_folder, make_take):
    take = make_take("pop", 6.0, audio_folder, stem="vocals")
    first = render(take.part("vocals", "voice"))
    again = render(take.part("vocals", "voice"))
    np.testing.assert_array_equal(first[0], again[0])
    assert first[1] == again[1]


@pytest.mark.parametrize("split", ["train", "select", "report"])
def test_routes_of_each_list_are_open(audio_folder, make_take, split):
    routes = open_routes(make_take(folder=audio_folder, split=split))
    assert {"notes", "album"} <= set(routes)
    assert ("formants" in routes) == (split == "train")
    if world() is not None:
        assert {"as recorded", "syllables"} <= set(routes)
        assert all(name in SINGERS for name in singers_of(Studio(audio_folder, split)))


def test_a_bare_studio_still_sings(make_take, monkeypatch):
    monkeypatch.setattr("streamsep_offline.maker.voices.speech._program", lambda name: None)
    y, route = render(make_take("rock", 8.0, stem="vocals"))
    assert route.startswith("formants")
    assert y.any()
