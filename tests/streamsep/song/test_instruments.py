"""The physics that tell the stems apart: where they lie in frequency, time and stereo."""

import numpy as np
import pytest

from streamsep.song.bass import render_bass
from streamsep.song.chords import render_chords
from streamsep.song.composer import write_score
from streamsep.song.drums import render_drums
from streamsep.song.score import Hit, Note, frequency_hz

RATE, DURATION_S = 44100, 20.0
N_SAMPLES = round(RATE * DURATION_S)


def _rng():
    return np.random.default_rng(0)


@pytest.fixture(scope="module")
def score():
    return write_score(DURATION_S, 1)


@pytest.fixture(scope="module")
def drums(score):
    return render_drums(score.hits, N_SAMPLES, RATE, _rng())


@pytest.fixture(scope="module")
def bass(score):
    return render_bass(score.bass, N_SAMPLES, RATE)


@pytest.fixture(scope="module")
def chords(score):
    return render_chords(score.guitar, score.piano, score.pad, N_SAMPLES, RATE, _rng())


def _share(audio, low_hz, high_hz):
    """Share of the energy between two frequencies."""
    power = np.abs(np.fft.rfft(audio)) ** 2
    f = np.fft.rfftfreq(audio.shape[-1], 1 / RATE)
    return power[..., (f >= low_hz) & (f < high_hz)].sum() / power.sum()


def _side_to_mid_db(audio):
    mid, side = audio[0] + audio[1], audio[0] - audio[1]
    return 10 * np.log10((np.sum(side**2) + 1e-20) / np.sum(mid**2))


def _steadiness(audio):
    """Share of the power that is there before and after 93 ms: high for tones, low for strokes."""
    frames = np.lib.stride_tricks.sliding_window_view(audio.mean(axis=0), 2048)[::1024]
    power = np.abs(np.fft.rfft(frames * np.hanning(2048))) ** 2
    lasting = np.minimum(np.minimum(power[:-8], power[8:]), power[4:-4])
    return lasting.sum() / power[4:-4].sum()


def test_bass_is_low_and_central(bass):
    assert _share(bass, 30, 400) > 0.95
    assert _side_to_mid_db(bass) < -60


def test_bass_notes_have_the_written_pitch():
    for pitch in (28, 35, 40):
        audio = render_bass([Note(0.0, 1.0, pitch, 0.8)], RATE, RATE)[0]
        power = np.abs(np.fft.rfft(audio * np.hanning(RATE), 8 * RATE)) ** 2
        comb = [power[round(8 * k * frequency_hz(pitch))] for k in (1, 2, 3)]
        between = [power[round(8 * (k + 0.5) * frequency_hz(pitch))] for k in (1, 2, 3)]
        assert min(comb) > 100 * max(between)


def test_bass_follows_the_bass_drum(score):
    kicks = np.array([hit.start_s for hit in score.hits if hit.drum == "kick"])
    onsets = np.array([note.start_s for note in score.bass])
    nearest = np.min(np.abs(kicks[:, None] - onsets), axis=1)
    assert np.mean(nearest < 0.03) > 0.9


def test_hats_lie_above_five_kilohertz():
    for drum in ("hat", "hat_open"):
        assert _share(render_drums([Hit(0.0, drum, 1.0)], RATE, RATE, _rng()), 5000, 22050) > 0.9


def test_kick_is_low_and_falls_in_pitch():
    kick = render_drums([Hit(0.0, "kick", 1.0)], RATE, RATE, _rng())[0]
    assert _share(kick, 30, 250) > 0.9
    crossings = np.flatnonzero(np.diff(np.signbit(kick[441:17640])))  # after the click
    periods = np.diff(crossings)
    assert np.median(periods[:3]) < 0.8 * np.median(periods[-3:])


def test_snare_has_both_skin_and_wires():
    snare = render_drums([Hit(0.0, "snare", 1.0)], RATE, RATE, _rng())
    assert _share(snare, 150, 400) > 0.2
    assert _share(snare, 1000, 12000) > 0.2


def test_no_two_neighbouring_strokes_are_the_same_samples():
    strokes = render_drums([Hit(0.0, "snare", 1.0), Hit(0.5, "snare", 1.0)], RATE, RATE, _rng())
    first, second = strokes[0, :13000], strokes[0, 22050:35050]
    assert np.max(np.abs(first - second)) > 0.05 * np.max(np.abs(first))


def test_drums_are_strokes_and_chords_are_tones(drums, chords):
    assert _steadiness(drums) < 0.08
    assert _steadiness(chords) > 0.25


def test_chords_are_wide_and_drums_nearly_central(drums, chords):
    assert _side_to_mid_db(chords) > -6
    assert _side_to_mid_db(drums) < -10


def test_chords_hold_the_tones_of_the_key(score, chords):
    """A chroma of the stem: the seven tones of the scale carry nearly all of the fundamentals."""
    power = np.abs(np.fft.rfft(chords.mean(axis=0) * np.hanning(N_SAMPLES))) ** 2
    f = np.fft.rfftfreq(N_SAMPLES, 1 / RATE)
    is_fundamental = (f > 150) & (f < 600)
    pitch_class = np.rint(69 + 12 * np.log2(f[is_fundamental] / 440)).astype(int) % 12
    chroma = np.bincount(pitch_class, power[is_fundamental], minlength=12)
    scale = {score.key.pitch(degree) % 12 for degree in range(7)}
    assert sum(chroma[p] for p in scale) > 0.97 * chroma.sum()


def test_notes_end_without_a_click():
    audio = render_bass([Note(0.0, 0.5, 33, 0.9)], RATE, RATE)[0]
    end = round(0.53 * RATE)
    assert np.max(np.abs(audio[end:])) == 0
    assert np.max(np.abs(np.diff(audio[end - 200 :]))) < 0.01 * np.max(np.abs(audio))
