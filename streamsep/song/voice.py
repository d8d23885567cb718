"""The singer: from phrases to sound by glottal pulses through a moving vocal tract.

A phrase is planned as a few curves on a grid of 4 ms - pitch with portamento, vibrato and
unsteadiness, voicing, breath, formants - and then rendered at once. The noise of consonants is laid
on top.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from streamsep.song.glottis import phase_of, pulse_train
from streamsep.song.phonemes import CONSONANTS, VOWELS, WORDS
from streamsep.song.score import SungNote, frequency_hz
from streamsep.song.tones import band, pan_gains, place, ramp_ends, shaped_noise
from streamsep.song.tract import fft_length, filter_frames, frame_times, voice_response

CONTROL_S = 0.004
BREATH_S = 0.32
"""What a phrase needs before its first note: to breathe in."""
RELEASE_S = 0.12
"""And after its last one."""

GLIDE_S = 0.09
"""How long the pitch takes from one note to the next."""
VIBRATO_HZ, VIBRATO_CENTS = 5.6, 38.0
UNSTEADY_CENTS, JITTER_CENTS = 7.0, 5.0
BREATHINESS, BREATH_GAIN = 0.4, 16.0
"""Breath while a vowel is held, of 1 for an h; and what a breath of 1 is against the pulses."""
FALL_HZ = 2200.0
HIGH_VOICE = (62.0, 1.16)
"""From this mean pitch on the singer's formants lie higher by this factor."""


@dataclass(frozen=True)
class _Curves:
    """One phrase every CONTROL_S: pitch (MIDI), voicing and breath (0 to 1), formants (Hz)."""

    pitch: np.ndarray
    voicing: np.ndarray
    breath: np.ndarray
    formants_hz: np.ndarray  # [5, points]


def render_voice(
    phrases: Sequence[Sequence[SungNote]],
    n_samples: int,
    sample_rate: int,
    rng: np.random.Generator,
) -> np.ndarray:
    """The dry voice, in the centre, float32 [2, n_samples]."""
    track = np.zeros((2, n_samples), np.float32)
    pitches = [note.pitch for phrase in phrases for note in phrase]
    scale = HIGH_VOICE[1] if pitches and np.mean(pitches) > HIGH_VOICE[0] else 1.0
    for phrase in phrases:
        start_s = phrase[0].start_s - BREATH_S
        voice = _sing_phrase(phrase, start_s, scale, sample_rate, rng)
        place(track, pan_gains(0.0) * voice, start_s, sample_rate)
        for note in phrase:
            _add_consonant_noise(track, note, sample_rate, rng)
    return track


def _sing_phrase(
    phrase: Sequence[SungNote],
    start_s: float,
    scale: float,
    sample_rate: int,
    rng: np.random.Generator,
) -> np.ndarray:
    # A multiple of 10 ms has the same draws, and a quick transform, at every rate.
    duration_s = np.ceil(100.0 * (phrase[-1].end_s + RELEASE_S - start_s)) / 100.0
    curves = _plan(phrase, start_s, duration_s, rng)
    grid_s = CONTROL_S * np.arange(len(curves.pitch))
    noise = shaped_noise(rng, duration_s, sample_rate, _breath_spectrum)
    t = np.arange(len(noise)) / sample_rate
    pitch_hz = frequency_hz(np.interp(t, grid_s, curves.pitch))
    phase = phase_of(pitch_hz, sample_rate)
    source = np.interp(t, grid_s, curves.voicing) * pulse_train(pitch_hz, phase, sample_rate)
    # The glottis lets most air through while it is open: breath pulses with the voice.
    pulsing = 0.6 + 0.4 * np.cos(phase)
    source += BREATH_GAIN * np.interp(t, grid_s, curves.breath) * pulsing * noise
    frames_s = frame_times(len(noise), sample_rate)
    formants_hz = scale * np.stack(
        [np.interp(frames_s, grid_s, f) for f in curves.formants_hz], axis=1
    )
    n_fft = fft_length(sample_rate)
    bins_hz = np.arange(n_fft // 2 + 1) * sample_rate / n_fft
    frame_pitch_hz = frequency_hz(np.interp(frames_s, grid_s, curves.pitch))
    # Singers open the mouth on high notes: the first formant never lies below the pitch.
    formants_hz[:, 0] = np.maximum(formants_hz[:, 0], frame_pitch_hz)
    response = voice_response(formants_hz, frame_pitch_hz, scale, FALL_HZ, bins_hz)
    return filter_frames(source, response, sample_rate)


def _plan(
    phrase: Sequence[SungNote], start_s: float, duration_s: float, rng: np.random.Generator
) -> _Curves:
    n_points = round(duration_s / CONTROL_S) + 1
    t = start_s + CONTROL_S * np.arange(n_points)
    pitch = np.full(n_points, float(phrase[0].pitch))
    vibrato = np.zeros(n_points)
    voicing, breath = np.zeros(n_points), np.zeros(n_points)
    formants_hz = np.empty((5, n_points))
    formants_hz[:] = np.array(VOWELS["uh"])[:, np.newaxis]
    for note, following in zip(phrase, [*phrase[1:], None], strict=True):
        consonant, first, last = WORDS[note.syllable]
        gesture = CONSONANTS[consonant]
        lead = (t >= note.start_s - gesture.lead_s) & (t < note.start_s)
        end_s = note.end_s
        if following is not None:
            end_s = following.start_s - CONSONANTS[WORDS[following.syllable][0]].lead_s
        held = (t >= note.start_s) & (t < end_s)
        place_in = np.clip((t - note.start_s) / (end_s - note.start_s), 0.0, 1.0)
        pitch[t >= note.start_s - 0.5 * GLIDE_S] = note.pitch
        # Vibrato sets in after a quarter of a second, on long notes only.
        vibrato[held] = np.clip((t[held] - note.start_s - 0.22) / 0.25, 0.0, 1.0)
        voicing[lead] = gesture.voicing * note.velocity
        voicing[held] = note.velocity * (1.0 - 0.25 * place_in[held] ** 2)
        breath[lead] = gesture.breath
        breath[held] = BREATHINESS
        glide = np.clip(2.0 * place_in - 0.9, 0.0, 1.0)
        start_hz, end_hz = np.array(VOWELS[first]), np.array(VOWELS[last])
        from_here = t >= note.start_s - gesture.lead_s
        vowel_hz = start_hz[:, np.newaxis] + (end_hz - start_hz)[:, np.newaxis] * glide
        formants_hz[:, from_here] = vowel_hz[:, from_here]
        if gesture.locus is not None:
            formants_hz[:3, lead] = np.array(gesture.locus)[:, np.newaxis]
    first_s = phrase[0].start_s
    intake = np.clip((t - start_s) / BREATH_S, 0.0, 1.0) * (t < first_s - 0.14)
    breath += 0.1 * np.sin(np.pi * intake) ** 2
    cents = VIBRATO_CENTS * vibrato * _vibrato_wave(n_points, rng)
    cents += UNSTEADY_CENTS * _slow_noise(n_points, 0.25, rng)
    cents += JITTER_CENTS * _slow_noise(n_points, 0.012, rng)
    # A phrase is approached from below, and let go downwards.
    cents -= 110.0 * np.exp(-np.maximum(t - first_s + 0.03, 0.0) / 0.05)
    cents -= 80.0 * np.clip((t - phrase[-1].end_s + 0.08) / 0.1, 0.0, 1.0)
    return _Curves(
        pitch=_smooth(pitch, GLIDE_S) + cents / 100.0,
        voicing=_smooth(voicing, 0.028),
        breath=_smooth(breath, 0.04),
        formants_hz=np.stack([_smooth(f, 0.06) for f in formants_hz]),
    )


def _add_consonant_noise(
    track: np.ndarray, note: SungNote, sample_rate: int, rng: np.random.Generator
) -> None:
    gesture = CONSONANTS[WORDS[note.syllable][0]]
    if gesture.noise_hz is None:
        return
    duration_s = gesture.noise_s + 0.02
    noise = shaped_noise(rng, duration_s, sample_rate, band(*gesture.noise_hz))
    # A hiss swells; a release is loudest at once.
    attack_s = 0.03 if gesture.noise_s > 0.05 else 0.001
    shaped = ramp_ends(noise, attack_s, 0.02 + 0.4 * gesture.noise_s, sample_rate)
    level = np.float32(gesture.noise_gain * note.velocity)
    place(track, level * pan_gains(0.0) * shaped, note.start_s - gesture.noise_s, sample_rate)


def _breath_spectrum(frequencies_hz: np.ndarray) -> np.ndarray:
    """Undoes the fall of the glottis, so that breath is shaped by the tract alone."""
    fall = (1.0 + (frequencies_hz / FALL_HZ) ** 2) ** 0.5
    return frequencies_hz * fall * band(300.0, 9000.0)(frequencies_hz)


def _vibrato_wave(n_points: int, rng: np.random.Generator) -> np.ndarray:
    rate_hz = VIBRATO_HZ + 0.35 * _slow_noise(n_points, 0.4, rng)
    return np.sin(2.0 * np.pi * CONTROL_S * np.cumsum(rate_hz) + rng.uniform(0.0, 2.0 * np.pi))


def _slow_noise(n_points: int, width_s: float, rng: np.random.Generator) -> np.ndarray:
    """Gaussian noise of RMS 1 without anything faster than about 1 / width."""
    kernel = _hann(width_s)
    noise = rng.standard_normal(n_points + len(kernel) - 1)
    return np.convolve(noise, kernel / np.sqrt(np.sum(kernel**2)), mode="valid")


def _smooth(curve: np.ndarray, width_s: float) -> np.ndarray:
    """A moving Hann mean, the ends held."""
    kernel = _hann(width_s)
    edge = len(kernel) // 2
    padded = np.pad(curve, (edge, len(kernel) - 1 - edge), mode="edge")
    return np.convolve(padded, kernel / np.sum(kernel), mode="valid")


def _hann(width_s: float) -> np.ndarray:
    n_points = max(1, 2 * round(0.5 * width_s / CONTROL_S) - 1)
    return np.hanning(n_points + 2)[1:-1]
