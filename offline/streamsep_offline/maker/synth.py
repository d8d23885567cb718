"""The synthesiser: a patch, and how a part is played with it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from streamsep_offline.maker.kernels import SAW, add_synth_voice
from streamsep_offline.maker.notes import SAMPLE_RATE_HZ, Note, pitch_to_hz, to_samples


@dataclass(frozen=True)
class Patch:
    """One sound. Frequencies in Hz, times in seconds; the meaning of each is in `add_synth_voice`.

    Attributes:
        sweep: Factors of the cutoff, one per quarter of a second of the song: slow filter moves.
        is_synced: Oscillators start each note at the same phases: every note alike, as an 808's.
    """

    wave: int = SAW
    detune: tuple[float, ...] = (1.0,)
    glide_s: float = 0.0
    cutoff_hz: float = 1000.0
    envelope_octaves: float = 0.0
    envelope_s: float = 0.2
    resonance: float = 0.2
    lfo_hz: float = 0.2
    lfo_octaves: float = 0.0
    lfo_phase: float = 0.0
    attack_s: float = 0.004
    decay_s: float = 1.0
    sustain: float = 1.0
    release_s: float = 0.03
    fm_index: float = 0.0
    fm_ratio: float = 1.0
    band_mix: float = 0.0
    sweep: tuple[float, ...] = ()
    is_synced: bool = False


def spread(rng: np.random.Generator, n_oscillators: int, cents: float) -> tuple[float, ...]:
    """Frequency factors of oscillators detuned over +-`cents`, not quite evenly."""
    places = np.linspace(-cents, cents, n_oscillators) if n_oscillators > 1 else np.zeros(1)
    places = places + rng.normal(0.0, cents / 6.0, n_oscillators)
    return tuple(float(f) for f in 2.0 ** (places / 1200.0))


def random_sweep(rng: np.random.Generator, n_samples: int, octaves: float) -> tuple[float, ...]:
    """A slow random move of the cutoff over a song, for `Patch.sweep`."""
    duration_s = n_samples / SAMPLE_RATE_HZ
    places = np.linspace(0.0, duration_s, 8)
    moves = np.interp(np.arange(0.0, duration_s + 1.0, 0.25), places, rng.normal(0, octaves, 8))
    return tuple(float(f) for f in 2.0**moves)


def render(
    notes: Sequence[Note], patch: Patch, n_samples: int, rng: np.random.Generator
) -> np.ndarray:
    """A part, mono, [samples]."""
    output = np.zeros(n_samples)
    detune = np.array(patch.detune)
    rest = rng.random(len(detune))
    before_hz = 0.0
    for note in notes:
        start = to_samples(note.start_s)
        hz = pitch_to_hz(note.pitch)
        from_hz = before_hz if patch.glide_s > 0.0 and before_hz > 0.0 else hz
        before_hz = hz
        if not 0 <= start < n_samples:
            continue
        phases = rest.copy() if patch.is_synced else rng.random(len(detune))
        cutoff_hz = patch.cutoff_hz
        if patch.sweep:
            cutoff_hz *= patch.sweep[min(len(patch.sweep) - 1, int(4.0 * note.start_s))]
        add_synth_voice(
            output,
            start,
            max(64, to_samples(note.duration_s)),
            max(64, to_samples(patch.release_s)),
            from_hz,
            hz,
            patch.glide_s,
            note.velocity,
            patch.wave,
            detune,
            phases,
            cutoff_hz,
            patch.envelope_octaves,
            patch.envelope_s,
            patch.resonance,
            patch.lfo_hz,
            patch.lfo_octaves,
            patch.lfo_phase,
            patch.attack_s,
            patch.decay_s,
            patch.sustain,
            patch.fm_index,
            patch.fm_ratio,
            patch.band_mix,
            float(SAMPLE_RATE_HZ),
        )
    return output.astype(np.float32)


def render_wide(
    notes: Sequence[Note], patch: Patch, n_samples: int, rng: np.random.Generator, width: float
) -> np.ndarray:
    """A part in stereo: two renderings whose oscillators drift apart, [2, samples].

    Args:
        notes: What to play.
        patch: The sound.
        n_samples: Length.
        rng: Draws the phases.
        width: 0 (mono) to 1 (independent sides).
    """
    sides = [render(notes, patch, n_samples, rng) for _ in range(2)]
    bleed = 1.0 - width
    return np.stack([sides[0] + bleed * sides[1], sides[1] + bleed * sides[0]])
