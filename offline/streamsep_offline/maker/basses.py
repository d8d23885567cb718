"""The bass stem: lines of rock and dance music on real basses, General MIDI and synthesisers."""

from __future__ import annotations

import numpy as np

from streamsep_offline.maker import gm, sampler, synth
from streamsep_offline.maker.bass_lines import bass_line
from streamsep_offline.maker.dynamics import compress, ducking_gain, to_unit_rms
from streamsep_offline.maker.excerpts import multitrack_excerpt
from streamsep_offline.maker.filters import high_pass, low_pass, random_equaliser
from streamsep_offline.maker.kernels import FM, SAW, SINE, SQUARE, TRIANGLE
from streamsep_offline.maker.notes import Note
from streamsep_offline.maker.own_parts import play_notes
from streamsep_offline.maker.space import pan, reverberate, widen
from streamsep_offline.maker.studio import Take, pick
from streamsep_offline.maker.synth import Patch, random_sweep, spread

REAL_BASSES = {
    "electric-bass": 0.25, "growlybass": 0.25, "growlybass-staccato": 0.06,
    "pastabass-fetuccine": 0.12, "pastabass-linguine": 0.11, "pastabass-spaghetti": 0.11,
    "pastabass-tagliatelle": 0.11, "meatbass-pizz": 0.12, "meatbass-arco": 0.02,
}  # fmt: skip
GM_BASSES = {
    "32": 0.15, "33": 0.25, "34": 0.25, "35": 0.1, "36": 0.12, "37": 0.05, "38": 0.06, "39": 0.06,
}  # fmt: skip
_ELECTRONIC_SOUNDS = {
    "saw": 0.19, "square": 0.13, "fm": 0.11, "reese": 0.12, "sub": 0.11, "808": 0.14, "acid": 0.08,
    "pluck": 0.08, "real": 0.06,
}  # fmt: skip
_TRAP_SOUNDS = {**_ELECTRONIC_SOUNDS, "808": 0.8, "sub": 0.3}
_BAND_SOUNDS = {
    "real": 0.5,
    "gm": 0.28,
    "recorded": 0.04,
    "saw": 0.06,
    "square": 0.04,
    "sub": 0.04,
    "fm": 0.04,
}
_PLAIN_SOUNDS = {"real": 0.6, "gm": 0.37, "recorded": 0.03}
_PLAIN_STYLES = ("folk", "jazz", "latin", "metal")
"""Bands of these styles have no synthesisers."""


def render(take: Take, kicks_s: list[float]) -> np.ndarray:
    """The bass stem, unit RMS, [2, samples]."""
    rng, plan = take.rng, take.plan
    is_electronic = rng.random() < plan.genre.electronic
    notes = bass_line(plan, rng, kicks_s)
    if not notes:  # every list of examples needs all stems now and then, so never nothing at all
        notes = [Note(0.0, plan.bar_s, plan.bass_pitch(0), 1.0)]
    sounds = _PLAIN_SOUNDS if plan.genre.style in _PLAIN_STYLES else _BAND_SOUNDS
    if is_electronic:
        is_slow = plan.genre.style == "hip-hop" or plan.genre.name in ("dubstep", "modern-pop")
        sounds = _TRAP_SOUNDS if is_slow else _ELECTRONIC_SOUNDS
    mono = to_unit_rms(_sound(take, notes, pick(rng, sounds)))
    if rng.random() < (0.55 if is_electronic else 0.45):
        drive = rng.uniform(0.5, 5.0)
        mono = np.tanh(drive * mono) / np.tanh(drive)
    if not is_electronic:
        corner_hz = float(np.exp(rng.uniform(np.log(600.0), np.log(7000.0))))
        mono = low_pass(mono, corner_hz, order=1)
        mono = compress(mono, -14.0, rng.uniform(1.5, 5.0))
    mono = random_equaliser(to_unit_rms(mono), rng)
    stereo = pan(mono, rng.normal(0.0, 0.03))
    if rng.random() < (0.3 if is_electronic else 0.15):  # width above the lows only
        stereo = widen(stereo, high_pass(mono, 280.0), rng.uniform(0.006, 0.015), 0.45)
    if rng.random() < 0.15:
        stereo = reverberate(stereo, rng, 0.4, -20.0)
    if is_electronic and kicks_s and rng.random() < 0.65:
        depth, recovery_s = rng.uniform(0.4, 1.0), rng.uniform(0.12, 0.4)
        stereo = stereo * ducking_gain(plan.n_samples, kicks_s, depth, recovery_s)
    return to_unit_rms(stereo)


def _boost(name: str, take: Take) -> float:
    """How much likelier a bass is in the song's style: double basses in jazz, picks in metal."""
    style = take.plan.genre.style
    if style in ("jazz", "latin", "folk") and name in ("32", "meatbass-pizz", "35"):
        return 8.0 if style == "jazz" else 2.0
    if style == "funk" and name in ("36", "37"):
        return 3.0
    return 2.0 if style == "metal" and name == "34" else 1.0


def _sound(take: Take, notes: list[Note], kind: str) -> np.ndarray:
    """A mono rendering by one kind of sound; what is not installed falls back to a synthesiser."""
    rng, n = take.rng, take.plan.n_samples
    own = play_notes(take, notes)
    if own is not None:
        return own
    if kind == "recorded":
        track = multitrack_excerpt(take)
        if track is not None:
            return track.mean(axis=0)
        kind = "real"
    if kind == "real":
        names = [name for name in REAL_BASSES if sampler.keys(take.studio, name)]
        weights = [REAL_BASSES[name] * _boost(name, take) for name in names]
        name = take.choose("bass", names, "Karoryfer", weights) if names else None
        if name is not None:
            return sampler.play(take.studio, name, notes, n)
        kind = "gm"
    if kind == "gm" and gm.is_available():
        weights = [GM_BASSES[name] * _boost(name, take) for name in GM_BASSES]
        program = take.choose("gm-program", list(GM_BASSES), gm.SOURCE, weights)
        return gm.render(notes, int(program), n).mean(axis=0)
    take.credits.add(take.stem, "bass", f"synthesiser ({kind})", "synthesised")
    audio = synth.render(notes, _patch(kind, take), n, rng)
    if kind not in ("sub", "808") and rng.random() < 0.4:
        low = synth.render(notes, Patch(wave=SINE, cutoff_hz=2000.0, release_s=0.02), n, rng)
        audio = to_unit_rms(audio) + 0.7 * to_unit_rms(low)
    return audio


def _patch(kind: str, take: Take) -> Patch:
    rng, plan = take.rng, take.plan
    cutoff_hz = float(np.exp(rng.uniform(np.log(120.0), np.log(1500.0))))
    common = {
        "glide_s": float(rng.choice([0.0, 0.0, 0.02, 0.05])),
        "release_s": 0.02,
        "lfo_hz": float(rng.choice([1, 2, 3, 4])) / plan.bar_s,
        "lfo_phase": rng.random(),
        "is_synced": bool(rng.random() < 0.6),
        "sweep": random_sweep(rng, plan.n_samples, 0.6) if rng.random() < 0.5 else (),
    }
    filtered = {"cutoff_hz": cutoff_hz, "resonance": rng.uniform(0.0, 0.8)}
    wobble = float(rng.choice([0.0, 0.0, 0.8, 1.5]))
    if kind == "fm":
        index, ratio = rng.uniform(0.5, 6.0), float(rng.choice([0.5, 1.0, 1.0, 2.0, 3.0]))
        return Patch(
            FM, cutoff_hz=6000.0, fm_index=index, fm_ratio=ratio,
            envelope_s=rng.uniform(0.05, 0.6), sustain=rng.uniform(0.2, 1.0), **common,
        )  # fmt: skip
    if kind == "reese":
        detune = spread(rng, int(rng.choice([2, 3, 4])), rng.uniform(12.0, 40.0))
        return Patch(SAW, detune, lfo_octaves=wobble, **filtered, **common)
    if kind == "sub":
        return Patch(int(rng.choice([SINE, TRIANGLE])), cutoff_hz=3000.0, **common)
    if kind == "808":
        common |= {"release_s": 0.1, "is_synced": True}
        return Patch(
            SINE, cutoff_hz=8000.0, attack_s=rng.uniform(0.001, 0.012),
            decay_s=float(np.exp(rng.uniform(np.log(0.1), np.log(1.5)))),
            sustain=float(rng.choice([0.0, 0.0, 0.3])), **common,
        )  # fmt: skip
    if kind == "acid":
        return Patch(
            int(rng.choice([SAW, SQUARE])), cutoff_hz=rng.uniform(150.0, 600.0), band_mix=0.3,
            resonance=rng.uniform(0.75, 0.97), envelope_octaves=rng.uniform(1.5, 4.0),
            envelope_s=rng.uniform(0.06, 0.25), **common,
        )  # fmt: skip
    if kind == "pluck":
        return Patch(
            int(rng.choice([SAW, SQUARE])), envelope_octaves=rng.uniform(2.0, 4.0), sustain=0.0,
            envelope_s=rng.uniform(0.04, 0.15), decay_s=rng.uniform(0.08, 0.3), **filtered,
            **common,
        )  # fmt: skip
    wave = SQUARE if kind == "square" else SAW
    detune = spread(rng, int(rng.choice([1, 2, 3])), rng.uniform(3.0, 15.0))
    return Patch(
        wave, detune, envelope_octaves=rng.uniform(0.0, 3.0), lfo_octaves=wobble,
        envelope_s=rng.uniform(0.05, 0.4), decay_s=rng.uniform(0.1, 1.0),
        sustain=rng.uniform(0.2, 1.0), **filtered, **common,
    )  # fmt: skip
