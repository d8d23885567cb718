"""Loops compiled by numba: resampled playback, envelopes, one synthesiser voice, harmonics.

Every kernel adds to or fills an array its caller owns; nothing here knows about music. This file
imports nothing of ours, so numba's cache on disk, which looks only at this file, never goes stale.
"""

from __future__ import annotations

import math

import numba
import numpy as np

SAW, SQUARE, SINE, FM, TRIANGLE = 0, 1, 2, 3, 4
"""Waveforms of `add_synth_voice`."""


@numba.njit(cache=True, nogil=True)
def add_resampled(
    output: np.ndarray,
    sample: np.ndarray,
    start: int,
    ratios: np.ndarray,
    n_fade_in: int,
    n_fade_out: int,
    gain: float,
) -> None:
    """Add `sample`, played at a varying speed, to `output`, both of one channel.

    Four-point, third-order Hermite interpolation; playback ends with `ratios` or with the sample.

    Args:
        output: Where to add. [samples]
        sample: What to play. [samples]
        start: Index in `output` of the first value; may be negative.
        ratios: Source samples per output sample. [played samples]
        n_fade_in: Length of the linear fade at the start.
        n_fade_out: Length of the linear fade at the end of what is played.
        gain: Linear amplitude.
    """
    n_played = 0
    position = 1.0
    last = len(sample) - 3
    for i in range(len(ratios)):
        if position >= last:
            break
        position += ratios[i]
        n_played += 1
    position = 1.0
    for i in range(n_played):
        target = start + i
        if target >= len(output):
            break
        if target >= 0:
            k = int(position)
            f = position - k
            a, b, c, d = sample[k - 1], sample[k], sample[k + 1], sample[k + 2]
            slope = 0.5 * (c - a)
            e = b - c
            w = slope + e
            q = w + e + 0.5 * (d - b)
            value = ((q * f - (w + q)) * f + slope) * f + b
            g = gain
            if i < n_fade_in:
                g *= i / n_fade_in
            if n_played - 1 - i < n_fade_out:
                g *= (n_played - 1 - i) / n_fade_out
            output[target] += g * value
        position += ratios[i]


@numba.njit(cache=True, nogil=True)
def follow(level: np.ndarray, attack: float, release: float) -> np.ndarray:
    """Envelope of `level`, one-pole; `attack` and `release` are pole coefficients, 0 to 1."""
    envelope = np.empty_like(level)
    state = 0.0
    for i in range(len(level)):
        pole = attack if level[i] > state else release
        state = pole * state + (1.0 - pole) * level[i]
        envelope[i] = state
    return envelope


@numba.njit(cache=True, nogil=True)
def _step_correction(phase: float, increment: float) -> float:
    """PolyBLEP: what to add near a jump so that a saw or square wave hardly aliases."""
    if phase < increment:
        q = phase / increment
        return q + q - q * q - 1.0
    if phase > 1.0 - increment:
        q = (phase - 1.0) / increment
        return q * q + q + q + 1.0
    return 0.0


@numba.njit(cache=True, nogil=True)
def _oscillate(wave: int, phase: float, increment: float, index: float, ratio: float) -> float:
    """One value of an oscillator at a phase of 0 to 1."""
    if wave == SAW:
        return 2.0 * phase - 1.0 - _step_correction(phase, increment)
    if wave == SQUARE:
        half = phase + 0.5
        if half >= 1.0:
            half -= 1.0
        value = 1.0 if phase < 0.5 else -1.0
        return value + _step_correction(phase, increment) - _step_correction(half, increment)
    if wave == SINE:
        return math.sin(2.0 * math.pi * phase)
    if wave == FM:
        modulator = index * math.sin(2.0 * math.pi * phase * ratio)
        return math.sin(2.0 * math.pi * phase + modulator)
    return 4.0 * abs(phase - 0.5) - 1.0


@numba.njit(cache=True, nogil=True)
def add_synth_voice(
    output: np.ndarray,
    start: int,
    n_held: int,
    n_release: int,
    from_hz: float,
    to_hz: float,
    glide_s: float,
    gain: float,
    wave: int,
    detune: np.ndarray,
    phases: np.ndarray,
    cutoff_hz: float,
    envelope_octaves: float,
    envelope_s: float,
    resonance: float,
    lfo_hz: float,
    lfo_octaves: float,
    lfo_phase: float,
    attack_s: float,
    decay_s: float,
    sustain: float,
    fm_index: float,
    fm_ratio: float,
    band_mix: float,
    sample_rate_hz: float,
) -> None:
    """Add a note of a synthesiser: oscillators, resonant low-pass, two envelopes.

    The filter is a trapezoidal state-variable filter, its coefficients renewed every 16 samples.

    Args:
        output: Where to add. [samples]
        start: Index of the first value, >= 0.
        n_held: Samples until the note is let go.
        n_release: Length of the linear release.
        from_hz: Frequency at the start, from which it glides to `to_hz`.
        to_hz: Frequency of the note.
        glide_s: Time constant of the glide; 0 is none.
        gain: Linear amplitude.
        wave: SAW, SQUARE, SINE, FM or TRIANGLE.
        detune: Frequency factor of each oscillator. [oscillators]
        phases: Their phases, 0 to 1, carried on in place. [oscillators]
        cutoff_hz: Cutoff at rest.
        envelope_octaves: How far the envelope lifts it at the start.
        envelope_s: Time constant with which that fades.
        resonance: 0 to 1.
        lfo_hz: Rate at which the cutoff is modulated, in phase with the song, not with the note.
        lfo_octaves: Depth of that.
        lfo_phase: Its phase, 0 to 1.
        attack_s: Linear attack.
        decay_s: Time constant from the peak to the sustain level.
        sustain: 0 to 1.
        fm_index: Modulation index at the start, radians; fades with `envelope_s`.
        fm_ratio: Modulator frequency over carrier frequency.
        band_mix: How much of the band-pass output is added to the low-pass output.
        sample_rate_hz: Of `output`.
    """
    n_oscillators = len(detune)
    scale = gain / math.sqrt(n_oscillators)
    damping = 2.0 - 1.9 * resonance
    low_state = band_state = 0.0
    a1 = a2 = a3 = 0.0
    frequency = to_hz
    index = 0.0
    for i in range(n_held + n_release):
        if start + i >= len(output):
            break
        time_s = i / sample_rate_hz
        if i % 16 == 0:
            fading = math.exp(-time_s / envelope_s)
            swing = lfo_octaves * math.sin(
                2.0 * math.pi * (lfo_hz * (start + i) / sample_rate_hz + lfo_phase)
            )
            cutoff = cutoff_hz * 2.0 ** (envelope_octaves * fading + swing)
            cutoff = min(max(cutoff, 35.0), 0.38 * sample_rate_hz)
            g = math.tan(math.pi * cutoff / sample_rate_hz)
            a1 = 1.0 / (1.0 + g * (g + damping))
            a2 = g * a1
            a3 = g * a2
            index = fm_index * fading
            if glide_s > 0.0:
                frequency = to_hz + (from_hz - to_hz) * math.exp(-time_s / glide_s)
        value = 0.0
        for k in range(n_oscillators):
            increment = frequency * detune[k] / sample_rate_hz
            phase = phases[k] + increment
            if wave != FM and phase >= 1.0:
                phase -= 1.0
            phases[k] = phase
            value += _oscillate(wave, phase, increment, index, fm_ratio)
        v3 = value - low_state
        band = a1 * band_state + a2 * v3
        low = low_state + a2 * band_state + a3 * v3
        band_state = 2.0 * band - band_state
        low_state = 2.0 * low - low_state
        if time_s < attack_s:
            envelope = time_s / attack_s
        else:
            envelope = sustain + (1.0 - sustain) * math.exp(-(time_s - attack_s) / decay_s)
        if i >= n_held:
            envelope *= 1.0 - (i - n_held) / n_release
        output[start + i] += scale * envelope * (low + band_mix * band)


@numba.njit(cache=True, nogil=True)
def add_harmonics(
    output: np.ndarray,
    start: int,
    frequency_hz: np.ndarray,
    amplitudes: np.ndarray,
    n_frame: int,
    sample_rate_hz: float,
) -> None:
    """Add a sum of harmonics whose frequency and amplitudes move linearly from frame to frame.

    Args:
        output: Where to add. [samples]
        start: Index of the first value, >= 0.
        frequency_hz: Fundamental. [frames]
        amplitudes: Of each harmonic. [frames, harmonics]
        n_frame: Samples per frame.
        sample_rate_hz: Of `output`.
    """
    n_frames, n_harmonics = amplitudes.shape
    phase = 0.0
    for i in range(min((n_frames - 1) * n_frame, len(output) - start)):
        frame = i // n_frame
        share = (i - frame * n_frame) / n_frame
        phase += (
            (1.0 - share) * frequency_hz[frame] + share * frequency_hz[frame + 1]
        ) / sample_rate_hz
        phase -= math.floor(phase)
        # sin(h w) by the recurrence sin((h + 1) w) = 2 cos(w) sin(h w) - sin((h - 1) w)
        before, sine = 0.0, math.sin(2.0 * math.pi * phase)
        twice_cosine = 2.0 * math.cos(2.0 * math.pi * phase)
        value = 0.0
        for h in range(n_harmonics):
            value += (
                (1.0 - share) * amplitudes[frame, h] + share * amplitudes[frame + 1, h]
            ) * sine
            before, sine = sine, twice_cosine * sine - before
        output[start + i] += value
