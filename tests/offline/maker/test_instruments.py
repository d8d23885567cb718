"""Sampled, General MIDI and synthesised instruments, kits, and the stems made of them."""

import numpy as np
import pytest
import soundfile as sf

from streamsep_offline.maker import basses, drums, gm, others, sampler
from streamsep_offline.maker.drum_synth import synthesised_kit
from streamsep_offline.maker.excerpts import drum_loop, resampled, varied_excerpt
from streamsep_offline.maker.kits import ACOUSTIC_KITS, acoustic_kit, electronic_kit
from streamsep_offline.maker.notes import Hit, Note, pitch_to_hz
from streamsep_offline.maker.studio import Studio

SAMPLE_RATE = 44100

needs_gm = pytest.mark.skipif(not gm.is_available(), reason="FluidSynth or its font is missing")


def write_tone(path, hz, duration_s=1.0, silence_s=0.0):
    path.parent.mkdir(parents=True, exist_ok=True)
    time_s = np.arange(round(duration_s * SAMPLE_RATE)) / SAMPLE_RATE
    x = np.concatenate([np.zeros(round(silence_s * SAMPLE_RATE)), np.sin(2 * np.pi * hz * time_s)])
    sf.write(path, 0.5 * x, SAMPLE_RATE)


def test_samples_start_at_their_onset_with_peak_one(tmp_path):
    write_tone(tmp_path / "a.wav", 1000.0, silence_s=0.5)
    sample = Studio(tmp_path).sample(tmp_path / "a.wav")
    assert sample.shape[0] == 2
    assert np.abs(sample).max() == pytest.approx(1.0, abs=1e-3)
    assert np.abs(sample[:, :60]).max() > 0.1
    assert Studio(tmp_path).sample(tmp_path / "a.wav", 0.2, is_mono=True).shape == (1, 8820)


def test_sampler_corrects_octaves_and_plays_the_pitch(tmp_path, peak_hz):
    # the name says A3, the sound is A2, as it is with this bass
    write_tone(tmp_path / "bass/growlybass/a3_f_rr1.ogg", 110.0, 3.0)
    studio = Studio(tmp_path)
    assert list(sampler.keys(studio, "growlybass")) == [45]
    y = sampler.play(studio, "growlybass", [Note(0.1, 1.5, 40.0, 0.8)], 2 * SAMPLE_RATE)
    assert peak_hz(y) == pytest.approx(pitch_to_hz(40), rel=2e-3)
    assert not y[: int(0.09 * SAMPLE_RATE)].any()
    assert not y[int(1.75 * SAMPLE_RATE) :].any()


def test_sampler_reads_sfz_maps_and_takes_the_nearest_note(tmp_path):
    folder = tmp_path / "instruments/electric-piano"
    for name, hz in (("low.ogg", 110.0), ("high.ogg", 440.0)):
        write_tone(folder / name, hz)
    (folder / "electric-piano.sfz").write_text(
        "<region> sample=low.ogg lokey=1 pitch_keycenter=45\n"
        "<region> sample=high.ogg lokey=60 pitch_keycenter=69\n"
        "<region> sample=absent.ogg pitch_keycenter=80\n"
    )
    found = sampler.keys(Studio(tmp_path), "electric-piano")
    assert {pitch: paths[0].name for pitch, paths in found.items()} == {
        45: "low.ogg",
        69: "high.ogg",
    }


def test_dynamics_go_from_soft_to_loud(tmp_path):
    for mark in ("f", "pp", "mf", "ff", "p"):
        write_tone(tmp_path / f"guitar/emilyguitar/a3_{mark}_rr1.ogg", 220.0, 0.1)
    paths = sampler.keys(Studio(tmp_path), "emilyguitar")[57]
    assert [path.stem.split("_")[1] for path in paths] == ["pp", "p", "mf", "f", "ff"]


@pytest.mark.parametrize(
    ("name", "pitch"),
    [
        ("electric-bass", 36),
        ("growlybass", 38),
        ("pastabass-linguine", 40),
        ("meatbass-pizz", 40),
        ("emilyguitar", 57),
        ("black", 57),
        ("green", 57),
        ("shinyguitar-mic", 57),
        ("steel-guitar", 57),
        ("weresax", 64),
        ("bear", 52),
        ("grand-piano", 60),
        ("pizzicato-strings", 60),
    ],
)
def test_real_instruments_sound_at_the_written_pitch(audio_folder, name, pitch):
    studio = Studio(audio_folder)
    y = sampler.play(studio, name, [Note(0.0, 0.6, float(pitch), 0.9)], SAMPLE_RATE)
    # autocorrelation at the period, at half of it, at twice: octave errors show in these
    x = y[4000:20000] - y[4000:20000].mean()
    spectrum = np.abs(np.fft.rfft(x, 1 << 16)) ** 2
    correlation = np.fft.irfft(spectrum)
    period = SAMPLE_RATE / pitch_to_hz(pitch)

    def at(lag):
        return correlation[round(0.985 * lag) : round(1.015 * lag) + 1].max() / correlation[0]

    assert at(period) > 0.5
    assert at(period) > at(period / 2) + 0.02


@needs_gm
def test_general_midi_plays_pitch_and_time_the_same_each_time(peak_hz):
    notes = [Note(0.5, 1.0, 69.0, 0.9)]
    y = gm.render(notes, 73, 2 * SAMPLE_RATE)  # flute
    assert not y[:, : int(0.49 * SAMPLE_RATE)].any()
    assert peak_hz(y[0, 30000:60000]) == pytest.approx(440.0, rel=5e-3)
    np.testing.assert_array_equal(y, gm.render(notes, 73, 2 * SAMPLE_RATE))
    detuned = gm.render(notes, 73, 2 * SAMPLE_RATE, detune=1.0)
    assert peak_hz(detuned[0, 30000:60000]) == pytest.approx(466.2, rel=5e-3)


@needs_gm
def test_general_midi_drums_ignore_unplayable_notes():
    notes = [Note(0.0, 0.1, 36.0, 1.0), Note(-1.0, 0.1, 38.0, 1.0), Note(0.2, 0.1, 300.0, 1.0)]
    y = gm.render(notes, 0, SAMPLE_RATE, is_drums=True)
    assert np.abs(y[:, :4410]).max() > 0.01
    assert np.isfinite(y).all()


def test_drum_machine_has_low_kicks_and_high_hats(rng):
    for _ in range(5):
        kit = synthesised_kit(rng)

        def centroid(sound):
            power = np.abs(np.fft.rfft(sound[0])) ** 2
            return np.sum(power * np.fft.rfftfreq(sound.shape[1], 1 / SAMPLE_RATE)) / power.sum()

        assert centroid(kit["kick"][0]) < 200.0
        assert centroid(kit["hat"][0]) > 5000.0
        assert centroid(kit["tom"][0]) > centroid(kit["tom"][2])
        for sounds in kit.values():
            assert all(np.abs(sound).max() == pytest.approx(1.0, abs=1e-3) for sound in sounds)


@pytest.mark.parametrize("name", ACOUSTIC_KITS)
def test_recorded_kits_are_complete(audio_folder, name):
    folder, _, pieces = ACOUSTIC_KITS[name]
    studio = Studio(audio_folder)
    for piece, patterns in pieces.items():
        for pattern in patterns:
            assert studio.files(folder, pattern + ".ogg"), (piece, pattern)
    assert {"kick", "snare", "hat"} <= set(pieces)


@pytest.mark.parametrize(
    ("split", "kit"), [("select", "sonic-pi-acoustic"), ("report", "muldjordkit")]
)
def test_held_out_kits_serve_their_list_only(audio_folder, make_take, monkeypatch, split, kit):
    take = make_take(folder=audio_folder, split=split)
    monkeypatch.setattr(Studio, "sample", lambda self, path, longest_s: np.ones((2, 10)))
    assert {acoustic_kit(take)[0] for _ in range(5)} == {kit}
    take = make_take(folder=audio_folder)
    assert kit not in {acoustic_kit(take)[0] for _ in range(30)}


def test_kit_without_samples_is_synthesised(make_take):
    take = make_take("house", stem="drums")
    assert acoustic_kit(take) is None
    _, kit = electronic_kit(take)
    assert {"kick", "snare", "hat"} <= set(kit)


def test_drums_sound_where_they_are_hit(make_take, monkeypatch):
    take = make_take("techno", stem="drums")
    monkeypatch.setattr(drums, "_produce", lambda audio, take: audio)  # a room would smear
    hits = [Hit(1.0, "kick", 1.0), Hit(3.0, "snare", 1.0)]
    y = drums.render(take, hits)
    assert not y[:, : int(0.99 * SAMPLE_RATE)].any()
    for start_s in (1.0, 3.0):
        assert np.abs(y[:, int(start_s * SAMPLE_RATE) :][:, :2000]).max() > 0.05
    assert drums.kick_times(hits, 2 * SAMPLE_RATE) == [1.0]


def test_open_hats_are_closed_by_the_next_stroke(make_take, monkeypatch):
    ring = {"open": [np.ones((2, SAMPLE_RATE), np.float32)], "hat": [np.zeros((2, 10))]}
    monkeypatch.setattr(drums, "random_equaliser", lambda audio, *rest: audio)
    hits = [Hit(0.5, "open", 1.0), Hit(0.9, "hat", 1.0), Hit(3.0, "open", 1.0)]
    y = np.abs(drums._place(make_take("rock", stem="drums"), hits, ring)).max(axis=0)
    assert y[int(0.85 * SAMPLE_RATE)] > 0.0
    assert not y[int(0.93 * SAMPLE_RATE) : int(2.99 * SAMPLE_RATE)].any()
    assert y[int(3.11 * SAMPLE_RATE)] > 0.0


@pytest.mark.parametrize("genre", ["rock", "soul-jazz", "house", "salsa", "doom", "waltz", "trap"])
def test_bass_is_low_and_central(make_take, genre):
    y = basses.render(make_take(genre, stem="bass"), [0.0, 0.5, 1.0])
    assert y.shape == (2, 6 * SAMPLE_RATE)
    assert np.isfinite(y).all()
    power = np.abs(np.fft.rfft(y.mean(axis=0))) ** 2
    assert power[: 6 * 500].sum() > 0.5 * power.sum()
    assert np.square(y[0] - y[1]).mean() < 0.5 * np.square(y[0] + y[1]).mean()


@pytest.mark.parametrize("name", others.PARTS)
def test_every_part_plays_or_says_that_it_cannot(audio_folder, make_take, name):
    take = make_take("pop", 4.0, audio_folder)
    y = others.PARTS[name](take)
    if y is not None:
        assert y.shape == (2, 4 * SAMPLE_RATE)
        assert np.isfinite(y).all()
    # some parts have nothing to do in a short song; without samples and font nothing may break
    bare = others.PARTS[name](make_take("pop", 4.0))
    assert bare is None or np.isfinite(bare).all()


def test_others_are_one_to_four_parts_at_unit_rms(make_take):
    for genre in ("house", "ballad", "punk"):
        other, piano, parts = others.render(make_take(genre, 6.0), [0.0, 1.0])
        assert 1 <= len(parts) <= 4
        assert np.sqrt(np.mean((other + piano) ** 2)) == pytest.approx(1.0, rel=1e-3)


def test_excerpts_are_found_where_there_is_sound(tmp_path, rng, peak_hz):
    x = np.zeros((30 * SAMPLE_RATE, 2))
    x[10 * SAMPLE_RATE :] = 0.5 * np.sin(np.arange(20 * SAMPLE_RATE) * 0.05)[:, None]
    sf.write(tmp_path / "a.flac", x, SAMPLE_RATE)
    y = varied_excerpt(tmp_path / "a.flac", 4 * SAMPLE_RATE, rng)
    assert np.mean(np.square(y)) > 0.05
    semitones = 12 * np.log2(peak_hz(y[0]) / (0.05 * SAMPLE_RATE / 2 / np.pi))
    assert abs(semitones) <= 4.01


def test_resampling_keeps_what_is_played_in_time():
    x = np.arange(100.0, dtype=np.float32)[None]
    np.testing.assert_allclose(resampled(x, 2.0, 40)[0], 2.0 * np.arange(40))
    assert not resampled(x, 2.0, 80)[0, 51:].any()


def test_loops_are_brought_to_the_tempo(audio_folder, make_take):
    take = make_take("breaks", 12.0, audio_folder, stem="drums")
    y = drum_loop(take)
    assert y.any()
    assert [entry["kind"] for entry in take.credits.ingredients] == ["one-shot"]
