import numpy as np
import pytest

from streamsep.song.composer import write_score
from streamsep.song.glottis import phase_of, pulse_train
from streamsep.song.phonemes import CONSONANTS, VOWELS, WORDS
from streamsep.song.score import SungNote, frequency_hz
from streamsep.song.tract import fft_length, filter_frames, frame_times, voice_response
from streamsep.song.voice import render_voice

RATE = 44100


def _rng():
    return np.random.default_rng(0)


def _pitch_hz(audio, lowest_hz=70.0, highest_hz=900.0):
    """Pitch by the first strong maximum of the autocorrelation."""
    windowed = audio * np.hanning(audio.size)
    correlation = np.fft.irfft(np.abs(np.fft.rfft(windowed, 2 * audio.size)) ** 2)[: audio.size]
    correlation /= np.fft.irfft(np.abs(np.fft.rfft(np.hanning(audio.size), 2 * audio.size)) ** 2)[
        : audio.size
    ]
    lags = np.arange(int(RATE / highest_hz), int(RATE / lowest_hz))
    values = correlation[lags]
    is_peak = (values[1:-1] > values[:-2]) & (values[1:-1] >= values[2:])
    peaks = lags[1:-1][is_peak & (values[1:-1] > 0.97 * values.max())]
    return RATE / peaks[0]


@pytest.mark.parametrize("seed", range(4))
def test_the_sung_pitch_follows_the_melody(seed):
    """In the middle of each held note the pitch is the written one, by autocorrelation."""
    score = write_score(20.0, seed)
    voice = render_voice(score.phrases, 20 * RATE, RATE, _rng())[0]
    cents = []
    for note in (n for phrase in score.phrases for n in phrase if n.duration_s > 0.3):
        middle = round((note.start_s + 0.5 * note.duration_s) * RATE)
        sung_hz = _pitch_hz(voice[middle - 1500 : middle + 1500])
        cents.append(1200 * np.log2(sung_hz / frequency_hz(note.pitch)))
    assert len(cents) >= 8
    assert np.mean(np.abs(cents) < 60) > 0.9
    assert np.median(np.abs(cents)) < 30


def test_the_voice_is_central_and_nothing_sounds_without_phrases():
    voice = render_voice(write_score(20.0, 0).phrases, 20 * RATE, RATE, _rng())
    assert np.array_equal(voice[0], voice[1])
    assert not np.any(render_voice((), RATE, RATE, _rng()))


def _say(word, pitch=45.0):
    return render_voice([[SungNote(0.5, 0.8, pitch, 0.8, word)]], 2 * RATE, RATE, _rng())[0]


def _formant_levels_db(audio, edges):
    power = np.abs(np.fft.rfft(audio * np.hanning(audio.size))) ** 2
    f = np.fft.rfftfreq(audio.size, 1 / RATE)
    return [10 * np.log10(power[(f >= a) & (f < b)].sum()) for a, b in edges]


def test_vowels_differ_where_their_formants_lie():
    held = slice(round(0.6 * RATE), round(0.8 * RATE))
    edges = [(200, 550), (550, 1500), (1900, 2700)]
    see, la, oo = (_formant_levels_db(_say(w)[held], edges) for w in ("see", "la", "oo"))
    assert see[2] - see[1] > oo[2] - oo[1] + 15, "the second formant of i is high, that of u low"
    assert la[1] - la[0] > see[1] - see[0] + 10, "the first formant of a is high"


def test_s_is_a_hiss_before_the_vowel_and_t_a_silence():
    say, to = _say("say"), _say("to")
    hiss = say[round(0.42 * RATE) : round(0.48 * RATE)]
    low, high = _formant_levels_db(hiss, [(100, 3000), (4500, 12000)])
    assert high > low + 10
    closed = to[round(0.43 * RATE) : round(0.46 * RATE)]
    held = to[round(0.6 * RATE) : round(0.8 * RATE)]
    assert np.mean(closed**2) < 1e-3 * np.mean(held**2)


def test_long_notes_have_vibrato():
    audio = render_voice([[SungNote(0.4, 2.0, 57.0, 0.8, "la")]], 3 * RATE, RATE, _rng())[0]
    centres = np.arange(1.2, 2.2, 0.02)
    pitches = [_pitch_hz(audio[round(c * RATE) - 900 : round(c * RATE) + 900]) for c in centres]
    cents = 1200 * np.log2(np.array(pitches) / 220.0)
    assert 15 < 0.5 * np.ptp(cents) < 70
    spectrum = np.abs(np.fft.rfft((cents - cents.mean()) * np.hanning(cents.size), 1000))
    assert 4.5 < np.fft.rfftfreq(1000, 0.02)[np.argmax(spectrum)] < 7.0


def test_every_word_of_the_songs_can_be_sung():
    phrases = [p for seed in range(20) for p in write_score(60.0, seed).phrases]
    assert {note.syllable for phrase in phrases for note in phrase} <= set(WORDS)
    for consonant, first, last in WORDS.values():
        assert consonant in CONSONANTS
        assert first in VOWELS
        assert last in VOWELS


@pytest.mark.parametrize("frequency_hz", [97.0, 441.0, 700.3])
def test_the_pulse_train_has_equal_harmonics_and_does_not_alias(frequency_hz):
    n = RATE
    f0 = np.full(n, frequency_hz)
    train = pulse_train(f0, phase_of(f0, RATE), RATE)
    spectrum = np.abs(np.fft.rfft(train * np.blackman(n))) / (0.21 * n)
    harmonics = np.arange(1, int(15000 / frequency_hz)) * frequency_hz
    heights = [spectrum[round(h) - 1 : round(h) + 2].max() for h in harmonics]
    assert min(heights) > 0.8
    assert max(heights) < 1.1
    assert spectrum[15000 + round(1.1 * frequency_hz) :].max() < 1e-5
    half = round(1.5 * frequency_hz)
    assert spectrum[half - 5 : half + 5].max() < 1e-4, "nothing between the harmonics"


def test_a_filter_of_ones_changes_nothing():
    source = _rng().standard_normal(5000).astype(np.float32)
    for sample_rate in (8000, 44100, 48000, 192000):
        n_bins = fft_length(sample_rate) // 2 + 1
        response = np.ones((len(frame_times(source.size, sample_rate)), n_bins), np.complex64)
        assert np.max(np.abs(filter_frames(source, response, sample_rate) - source)) < 1e-5


def test_the_tract_resonates_at_its_formants_and_evens_out_vowels():
    bins_hz = np.arange(0.0, 8000.0, 5.0)
    vowels = np.array([VOWELS["i"], VOWELS["a"]])
    response = voice_response(vowels, np.full(2, 110.0), 1.0, 2200.0, bins_hz)
    assert not np.any(response[:, 0]), "no constant flow is heard"
    for row, formants in zip(np.abs(response), vowels, strict=True):
        peaks = bins_hz[1:-1][(row[1:-1] > row[:-2]) & (row[1:-1] > row[2:])]
        assert all(np.min(np.abs(peaks / f - 1)) < 0.06 for f in formants[:3])
    power_db = 10 * np.log10(np.sum(np.abs(response[:, 22::22]) ** 2, axis=1))
    assert abs(power_db[0] - power_db[1]) < 3
