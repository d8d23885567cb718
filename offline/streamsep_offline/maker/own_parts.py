"""How the user's own sounds are woven into songs: kits, notes, loops and phrases, in the song's key.

Where there are none, nothing is drawn and nothing changes.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np

from streamsep_offline.maker.dynamics import to_unit_active_rms, to_unit_rms
from streamsep_offline.maker.excerpts import resampled
from streamsep_offline.maker.filters import random_equaliser
from streamsep_offline.maker.harmony import close_voicing
from streamsep_offline.maker.kernels import add_resampled
from streamsep_offline.maker.lines import arpeggio, held_chords, melody, strummed_chords
from streamsep_offline.maker.notes import SAMPLE_RATE_HZ, Note, to_samples
from streamsep_offline.maker.own import OwnSound, choose_group, own_sounds
from streamsep_offline.maker.pitch import chroma, shift_into_key
from streamsep_offline.maker.space import pan
from streamsep_offline.maker.stretch import stretched_in_time
from streamsep_offline.maker.studio import Take, read_audio

Kit = dict[str, list[np.ndarray]]

_USED = {"vocals": 0.5, "drums": 0.35, "bass": 0.5, "piano": 0.5, "other": 0.5}
"""How often a song takes up what the user has for a stem."""

_REPLACES = {"vocals": 0.75, "drums": 0.3, "bass": 1.0, "piano": 1.0, "other": 0.35}
"""How often that is then instead of what was rendered, not beside it."""

_PLAN_PARTS = {"vocals": "vocals", "drums": "snare", "bass": "bass", "piano": "chords"}
"""Which of the plan's parts says when a stem's loops play; other follows the chords too."""

_LONGEST_LOOP_S = 40.0

_FARTHEST = 9.0
"""Semitones by which a recorded note is moved at most; farther ones are played in another octave."""


def weave(take: Take, stems: dict[str, np.ndarray], names: Iterable[str]) -> None:
    """Put the user's loops, phrases and notes into a song's stems, each in some songs.

    Args:
        take: Of the whole song.
        stems: By name, [2, samples]; those concerned are replaced.
        names: Those that may be.
    """
    if take.studio.folder is None:
        return
    for stem in names:
        own = _part(take.part(stem, "own"))
        if own is not None and own.any():
            rng = take.part(stem, "own level").rng
            before = stems[stem]
            own = to_unit_active_rms(random_equaliser(own, rng, 3.0))
            if rng.random() < _REPLACES[stem] or not before.any():
                stems[stem] = own * _level(stems, stem)
            else:
                beside = to_unit_active_rms(before)
                stems[stem] = beside + 10.0 ** (rng.uniform(-8.0, 2.0) / 20.0) * own


def _level(stems: dict[str, np.ndarray], stem: str) -> float:
    """Piano and other are heard in proportion to each other; every other stem is levelled later."""
    return 0.7 if stem == "piano" and stems["other"].any() else 1.0


def _part(take: Take) -> np.ndarray | None:
    stem, rng = take.stem, take.rng
    loops, notes = (bool(own_sounds(take.studio, stem, kind)) for kind in ("loop", "note"))
    if not (loops or notes) or rng.random() >= _USED[stem]:
        return None
    if stem == "vocals":
        return phrases(take, choose_group(take, "loop"))
    if notes and (not loops or rng.random() < 0.5):
        if stem == "bass":  # the line of the song is played by `play_notes`
            return None
        return pan(_play(take, choose_group(take, "note"), _line(take)), rng.uniform(-0.6, 0.6))
    if not loops:
        return None
    group = choose_group(take, "loop")
    return looped(take, group[rng.integers(len(group))])


def kit_pieces(take: Take, kit: Kit) -> Kit:
    """`kit` with hits of the user's in place of its own, piece by piece, in some songs."""
    hits = own_sounds(take.studio, "drums", "hit") if take.studio.folder is not None else []
    if not hits or take.rng.random() >= 1.5 * _USED["drums"]:
        return kit
    kit = dict(kit)
    for piece in sorted({hit.piece for hit in hits}):
        if take.rng.random() < 0.75:
            chosen = choose_group(take, "hit", piece)
            kit[piece] = [take.studio.sample(hit.path, 4.0) for hit in chosen]
    return kit


def play_notes(take: Take, notes: Sequence[Note]) -> np.ndarray | None:
    """A line on one of the user's instruments for this stem, mono; None where there is none."""
    if take.studio.folder is None or not own_sounds(take.studio, take.stem, "note"):
        return None
    if take.rng.random() >= _USED[take.stem]:
        return None
    return _play(take, choose_group(take, "note"), notes)


def _play(take: Take, group: list[OwnSound], notes: Sequence[Note]) -> np.ndarray:
    output = np.zeros(take.plan.n_samples, np.float32)
    pitches = np.array([sound.pitch for sound in group])
    for note in notes if group else ():
        away = note.pitch - pitches[np.argmin(np.abs(pitches - note.pitch))]
        pitch = note.pitch - 12.0 * np.round(away / 12.0) * (abs(away) > _FARTHEST)
        distances = np.abs(pitches - pitch)
        nearest = np.flatnonzero(distances <= distances.min())
        sound = group[nearest[min(len(nearest) - 1, int(note.velocity * len(nearest)))]]
        n_played = to_samples(note.duration_s + 0.1)
        ratios = np.full(n_played, 2.0 ** ((pitch - sound.pitch) / 12.0))
        audio = take.studio.sample(sound.path, is_mono=True)[0]
        start = to_samples(note.start_s)
        add_resampled(output, audio, start, ratios, 0, min(n_played, 4410), note.velocity)
    return output


def _line(take: Take) -> list[Note]:
    plan, rng = take.plan, take.rng
    low = int(rng.integers(50, 62))
    kind = rng.random()
    if kind < 0.35:
        return strummed_chords(plan, rng, lambda chord: close_voicing(chord, low))
    if kind < 0.6:
        return held_chords(plan, lambda chord: close_voicing(chord, low))
    if kind < 0.8:
        return arpeggio(plan, rng, lambda chord: close_voicing(chord, low), part="chords")
    return melody(plan, rng, low, low + 24, part="chords")


def looped(take: Take, sound: OwnSound) -> np.ndarray:
    """A loop at the song's tempo and in its key, in the bars where its stem plays, [2, samples]."""
    plan, stem = take.plan, take.stem
    audio = _whole(sound)
    n_beats = _beats(audio.shape[1] / SAMPLE_RATE_HZ, sound.bpm, plan.beat_s)
    n_wanted = to_samples(n_beats * plan.beat_s)
    if stem == "drums":  # faster is higher, as it is with samplers: transients stay sharp
        audio = resampled(audio, audio.shape[1] / n_wanted, n_wanted)
    else:
        audio = in_key(audio, take, n_wanted)
    output = np.zeros((2, plan.n_samples), np.float32)
    part = _PLAN_PARTS.get(stem, "chords")
    n_edge = min(200, audio.shape[1] // 4)
    audio[:, -n_edge:] *= np.linspace(1.0, 0.0, n_edge, dtype=np.float32)
    bar = 0
    while bar < plan.n_bars:
        if not plan.plays(part, bar):
            bar += 1
            continue
        start = to_samples(plan.time_s(bar))
        room = output[:, start : start + audio.shape[1]]
        room += audio[:, : room.shape[1]]
        bar += max(1, round(n_beats * plan.beat_s / _bar_s(take)))
    return output


def _bar_s(take: Take) -> float:
    return take.plan.time_s(1) - take.plan.time_s(0)


def _whole(sound: OwnSound) -> np.ndarray:
    """A loop as it is, up to a length, peak 1, [2, samples]."""
    audio = read_audio(sound.path)[:2, : to_samples(_LONGEST_LOOP_S)]
    audio = np.repeat(audio, 2, axis=0) if len(audio) == 1 else audio
    return audio / (np.abs(audio).max(initial=0.0) + np.float32(1e-9))


def _beats(duration_s: float, bpm: float | None, beat_s: float) -> float:
    """How many quarters of the song a loop fills: as its name says, or with the least change."""
    if bpm:
        return max(1.0, float(np.round(duration_s * bpm / 60.0)))
    counts = np.array([1, 2, 3, 4, 6, 8, 12, 16, 24, 32, 48, 64], float)
    return float(counts[np.argmin(np.abs(np.log(counts * beat_s / duration_s)))])


def phrases(take: Take, group: list[OwnSound]) -> np.ndarray | None:
    """Phrases of one singer, in the song's key, at the starts of bars that have vocals."""
    if not group:
        return None
    plan, rng = take.plan, take.rng
    output = np.zeros((2, plan.n_samples), np.float32)
    chosen = [group[k] for k in rng.permutation(len(group))[:6]]
    tuned: list[np.ndarray] = []
    for sound in chosen:
        audio = _whole(sound)
        n = to_samples(audio.shape[1] / SAMPLE_RATE_HZ * sound.bpm / plan.bpm) if sound.bpm else 0
        tuned.append(in_key(audio, take, n or audio.shape[1]))
    bar, k = 0, 0
    while bar < plan.n_bars:
        if not plan.plays("vocals", bar):
            bar += 1
            continue
        audio = tuned[k % len(tuned)]
        start = to_samples(plan.time_s(bar))
        room = output[:, start : start + audio.shape[1]]
        room += audio[:, : room.shape[1]]
        n_bars = audio.shape[1] / SAMPLE_RATE_HZ / _bar_s(take)
        bar += max(1, int(np.ceil(n_bars))) + int(rng.random() < 0.3)
        k += 1
    return to_unit_rms(output)


def in_key(audio: np.ndarray, take: Take, n_wanted: int) -> np.ndarray:
    """`audio` [2, samples] moved by up to three semitones into the song's key, `n_wanted` long."""
    shift = shift_into_key(chroma(audio), take.plan.key, take.plan.scale)
    ratio = 2.0 ** (shift / 12.0)
    factor = float(np.clip(n_wanted * ratio / audio.shape[1], 0.25, 4.0))
    if abs(factor - 1.0) > 0.005:
        audio = stretched_in_time(audio, factor)
    return resampled(audio, ratio, n_wanted)
