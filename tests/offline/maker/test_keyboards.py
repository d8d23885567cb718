"""Pianos, organs and their rotating loudspeaker, parts taken from records."""

import dataclasses

import numpy as np
import pytest

from streamsep_offline.maker import gm, organs, others, pianos
from streamsep_offline.maker.dynamics import active_rms
from streamsep_offline.maker.notes import SAMPLE_RATE_HZ, Note
from streamsep_offline.maker.rotary import rotate
from streamsep_offline.maker.sampled_loops import looped


@pytest.mark.parametrize("hands", [*pianos._HANDS.values(), pianos.left_hand_and_melody])
def test_hands_play_within_the_keyboard_and_the_bars_with_chords(make_take, rng, hands):
    plan = make_take("ballad", 20.0).plan
    notes = hands(plan, rng)
    assert len(notes) > plan.n_bars // 2
    for note in notes:
        assert 24 <= note.pitch <= 100
        assert note.start_s >= 0.0
        assert 0.0 < note.velocity <= 1.0
        bar = plan.bar_at(note.start_s)
        assert plan.plays("chords", bar) or plan.plays("lead", bar)


def test_soft_notes_are_duller(audio_folder, make_take):
    take = make_take("ballad", 6.0, audio_folder)

    def brightness(velocity):
        y = pianos._recorded(take, [Note(0.5, 2.0, 60.0, velocity)])
        power = np.abs(np.fft.rfft(y.mean(axis=0))) ** 2
        hz = np.fft.rfftfreq(y.shape[1], 1 / SAMPLE_RATE_HZ)
        return power[hz > 1500].sum() / power.sum()

    assert brightness(0.5) < 0.5 * brightness(0.9)


def test_piano_is_a_stem_of_its_own(audio_folder, make_take):
    """Both stems together at unit level; who plays what is where it belongs."""
    n_pianos = 0
    for k in range(24):
        take = dataclasses.replace(make_take("ballad", 5.0, audio_folder), seed=(k, 2, 3))
        other, piano, names = others.render(take, [0.0, 1.0])
        assert other.shape == piano.shape == (2, 5 * SAMPLE_RATE_HZ)
        assert piano.any() == ("piano" in names)
        assert other.any() == bool(set(names) - {"piano"})
        assert np.sqrt(np.mean((other + piano) ** 2)) == pytest.approx(1.0, rel=1e-3)
        n_pianos += "piano" in names
        if n_pianos >= 2 and k > 3:
            break
    assert n_pianos


def test_rotor_swings_level_and_pitch_at_its_speed():
    n = 3 * SAMPLE_RATE_HZ
    x = np.sin(2 * np.pi * 3000.0 * np.arange(n) / SAMPLE_RATE_HZ).astype(np.float32)
    for is_fast, turns_hz in ((1.0, 6.7), (0.0, 0.8)):
        y = rotate(x, np.full(n // 64 + 1, is_fast), 0.5, np.random.default_rng(1))
        envelope = np.abs(y[0][: n // 441 * 441]).reshape(-1, 441).max(axis=1)
        spectrum = np.abs(np.fft.rfft((envelope - envelope.mean()), 1 << 15))
        assert np.argmax(spectrum) / (0.01 * (1 << 15)) == pytest.approx(turns_hz, abs=0.35)
        # one microphone hears the horn come while the other hears it go
        both = [np.abs(side[: n // 441 * 441]).reshape(-1, 441).max(axis=1) for side in y]
        assert np.corrcoef(both)[0, 1] < -0.7


def test_drawbars_sound_their_footages(make_take, rng, peak_hz):
    take = make_take("soul-jazz", 3.0)
    y = organs.drawbars([Note(0.1, 2.5, 57.0, 0.3)], take)
    assert np.isfinite(y).all()
    power = np.abs(np.fft.rfft(y[20000:100000] * np.hanning(80000))) ** 2
    hz = np.fft.rfftfreq(80000, 1 / SAMPLE_RATE_HZ)
    near = np.zeros(len(power), bool)
    for factor in (0.5, 1.0, 1.5, 2.0, 3.0, 4.0, 6.0):
        near |= np.abs(hz - 220.0 * factor) < 6.0
    assert power[near].sum() > 0.98 * power.sum()


def test_a_loop_repeats_itself(make_take, rng):
    take = make_take("hip-hop", 24.0)
    plan = take.plan
    audio = rng.standard_normal((2, plan.n_samples)).astype(np.float32)
    y = looped(audio, plan, np.random.default_rng(3))
    bars = [b for b in range(plan.n_bars - 9) if all(plan.plays("chords", b + k) for k in range(9))]
    for bar in bars[:1]:
        # whatever length was chosen, it comes back after four bars
        here, there = (
            y[:, round((plan.time_s(b) + 0.1) * SAMPLE_RATE_HZ) :][:, :20000]
            for b in (bar, bar + 4)
        )
        assert np.corrcoef(here[0], there[0])[0, 1] > 0.9
    assert active_rms(y) == pytest.approx(1.0, rel=0.1)


@pytest.mark.skipif(not gm.is_available(), reason="FluidSynth or its font is missing")
def test_pianos_of_general_midi_play_where_samples_are_missing(make_take):
    y = pianos.piano(make_take("ballad", 5.0))
    assert y is not None
    assert y.any()
