"""The drums stem: a performance or patterns, a kit, levels, room, compression."""

from __future__ import annotations

import bisect

import numpy as np

from streamsep_offline.maker import gm
from streamsep_offline.maker.dynamics import compress, saturate, to_unit_rms
from streamsep_offline.maker.excerpts import drum_loop, multitrack_excerpt
from streamsep_offline.maker.fills import with_fills
from streamsep_offline.maker.filters import random_equaliser
from streamsep_offline.maker.grooves import SOURCE as GROOVE_SOURCE
from streamsep_offline.maker.grooves import Performance, choose_fills, performance_hits
from streamsep_offline.maker.kits import Kit, acoustic_kit, electronic_kit, gated, stretched
from streamsep_offline.maker.notes import SAMPLE_RATE_HZ, Hit, Note, to_samples
from streamsep_offline.maker.patterns import GROUP, HAND_PIECES, ending_hits, pattern_hits
from streamsep_offline.maker.percussion import PERCUSSION, hand_percussion
from streamsep_offline.maker.space import pan, reverberate
from streamsep_offline.maker.studio import Take, pick

_FALLBACK = {
    "bell": "ride", "clap": "snare", "ghost": "snare", "ride": "hat", "crash": "open",
    "stick": "ghost",
}  # fmt: skip
"""Which piece stands in for one that a kit lacks."""

_LOOP_CHANCE = {"rock": 0.0, "pop": 0.03, "electronic": 0.12}
"""How often a recorded loop plays along."""

GM_KITS = {"0": 0.3, "8": 0.2, "16": 0.2, "24": 0.1, "25": 0.1, "32": 0.1, "40": 0.1, "48": 0.05}
"""Drum kits of the sound font by program (32 is jazz, 40 brushes), with their chances."""

_STYLE_GM_KITS: dict[str, dict[str, float]] = {
    "jazz": {"32": 0.6, "40": 0.9}, "ballad": {"40": 0.3}, "latin": {"32": 0.3, "40": 0.15},
    "metal": {"16": 0.6, "24": 0.02, "25": 0.02, "32": 0.02, "40": 0.001, "48": 0.001},
    "hip-hop": {"24": 0.4, "25": 0.6}, "electronic": {"24": 0.6, "25": 0.6},
}  # fmt: skip
_GM_CHANCES = {"jazz": 0.4, "ballad": 0.22, "latin": 0.22}
"""How often the sound font's kits play in a band, where they have what others lack."""

_GM_KEYS = {
    "kick": (35, 36), "snare": (38, 40), "ghost": (37,), "hat": (42,), "open": (46,),
    "ride": (51, 59), "bell": (53,), "crash": (49, 57), "tom": (50, 47, 43), "clap": (39,),
    "perc": (54, 56, 70), "stick": (37,), "conga": (63, 62, 64), "timbale": (65, 65, 66),
    "agogo": (67, 67, 68), "cowbell": (56,), "clave": (75,), "guiro": (73,), "shaker": (70, 82),
    "tamb": (54,),
}  # fmt: skip
_STROKED = ("tom", *HAND_PIECES)
"""Pieces whose strokes say which of three sounds."""


def make_hits(take: Take, performance: Performance | None) -> list[Hit]:
    """The strokes of the song: a human performance if there is one, else patterns; with fills."""
    rng, plan = take.rng, take.plan
    recorded = () if plan.genre.is_electronic else choose_fills(take.studio, plan.genre, rng)
    if performance is None:
        take.credits.add(take.stem, "groove", "patterns", "synthesised")
        hits = pattern_hits(plan, rng)
    else:
        take.credits.add(take.stem, "groove", performance.name, GROOVE_SOURCE)
        hits = _performed(take, performance)
    if recorded and rng.random() < 0.6:
        for fill in recorded:
            take.credits.add(take.stem, "fill", fill.name, GROOVE_SOURCE)
        return with_fills(plan, hits, rng, recorded)
    return with_fills(plan, hits, rng)


def _performed(take: Take, performance: Performance) -> list[Hit]:
    """A performance where the plan has drums, softer where the song is quiet."""
    rng, plan = take.rng, take.plan
    dynamics = rng.uniform(0.1, 0.5)
    hits = []
    for hit in performance_hits(performance, plan, int(rng.integers(0, 16))):
        place = round(plan.place_at(hit.start_s))
        bar = plan.bar_at(hit.start_s)
        if plan.is_ending(bar) or not plan.sounds(GROUP.get(hit.piece, "hats"), 0, place):
            continue
        loudness = 1.0 + dynamics * (plan.energy(bar) - 0.75)
        hits.append(hit._replace(velocity=min(1.0, loudness * hit.velocity)))
    for bar in range(plan.n_bars):
        if plan.is_ending(bar) and plan.is_first_of_section(bar):
            hits += ending_hits(plan, bar, rng)
    return hits


def render(take: Take, hits: list[Hit]) -> np.ndarray:
    """The drums stem, unit RMS, [2, samples]."""
    genre = take.plan.genre
    machine = 0.05 + 0.85 * genre.electronic
    gm_chance = _GM_CHANCES.get(genre.style, 0.15)
    band = {"acoustic": 0.96 - gm_chance, "gm": gm_chance, "recorded": 0.04}
    kinds = {"electronic": machine, **{kind: p * (1 - machine) for kind, p in band.items()}}
    kind = pick(take.rng, kinds)
    if kind == "recorded":
        audio = multitrack_excerpt(take)
        if audio is not None:
            return _produce(audio, take)
    kit = acoustic_kit(take) if kind == "acoustic" else None
    if kind == "gm" and gm.is_available():
        audio = _general_midi(take, hits)
    else:
        sounds = (kit or electronic_kit(take))[1]
        played = {hit.piece for hit in hits}
        audio = _place(take, hits, {**hand_percussion(take, played), **sounds})
    loop = drum_loop(take) if take.rng.random() < _LOOP_CHANCE[genre.family] else None
    if loop is not None:
        audio = to_unit_rms(audio) + take.rng.uniform(0.3, 1.0) * to_unit_rms(loop)
    return _produce(audio, take)


def _levels(rng: np.random.Generator, is_electronic: bool) -> dict[str, float]:
    levels = {
        "kick": rng.uniform(1.0, 1.6) if is_electronic else rng.uniform(0.8, 1.25),
        "snare": rng.uniform(0.6, 1.1),
        "clap": rng.uniform(0.4, 0.9),
        "ghost": 0.4,
        "hat": rng.uniform(0.1, 0.4),
        "open": rng.uniform(0.12, 0.35),
        "ride": rng.uniform(0.12, 0.35),
        "bell": 0.3,
        "crash": rng.uniform(0.25, 0.55),
        "tom": rng.uniform(0.5, 0.9),
        "perc": rng.uniform(0.1, 0.35),
        "stick": rng.uniform(0.35, 0.7),
        "conga": rng.uniform(0.35, 0.7),
        "timbale": rng.uniform(0.3, 0.6),
        "agogo": rng.uniform(0.12, 0.3),
        "cowbell": rng.uniform(0.12, 0.3),
        "clave": rng.uniform(0.15, 0.35),
        "guiro": rng.uniform(0.12, 0.3),
        "shaker": rng.uniform(0.08, 0.25),
        "tamb": rng.uniform(0.1, 0.3),
    }
    if not is_electronic:  # cymbals of a real kit are played on every beat and ring
        levels["hat"] *= 0.85
    return levels


def _place(take: Take, hits: list[Hit], kit: Kit) -> np.ndarray:
    rng, plan = take.rng, take.plan
    output = np.zeros((2, plan.n_samples), np.float32)
    positions = {"hat": rng.uniform(-0.5, 0.5), "ride": rng.uniform(-0.5, 0.5)}
    positions |= {"crash": rng.uniform(-0.6, 0.6), "perc": rng.uniform(-0.8, 0.8)}
    positions |= {"open": positions["hat"], "bell": positions["ride"]}
    positions |= {piece: rng.uniform(-0.8, 0.8) for piece in PERCUSSION}
    gate_s = rng.uniform(0.12, 0.4) if rng.random() < 0.15 else None
    hats_s = sorted(hit.start_s for hit in hits if hit.piece in ("hat", "open"))
    for piece, level in _levels(rng, plan.genre.is_electronic).items():
        strokes = [hit for hit in hits if hit.piece == piece]
        sounds = kit.get(piece) or kit.get(_FALLBACK.get(piece, "")) or []
        ratio, is_equalised = 2.0 ** (rng.uniform(-2.5, 2.5) / 12.0), rng.random() < 0.4
        if not strokes or not sounds:
            continue
        track = np.zeros_like(output)
        tuned: dict[int, np.ndarray] = {}
        for hit in strokes:
            choice = _choose_sound(rng, hit, len(sounds))
            if choice not in tuned:
                sound = stretched(sounds[choice], ratio)
                tuned[choice] = gated(sound, gate_s) if gate_s else sound
            sound = tuned[choice]
            if piece == "open":  # the next stroke finds the hats closed or strikes them anew
                sound = gated(sound, _until_next_hat(hats_s, hit.start_s))
            start = to_samples(hit.start_s)
            part = track[:, start : start + sound.shape[1]]
            part += hit.velocity**1.3 * sound[:, : part.shape[1]]
        track = random_equaliser(track, rng) if is_equalised else track
        output += level * pan(np.ones(1), positions.get(piece, 0.0)) * track
    return output


def _until_next_hat(hats_s: list[float], start_s: float) -> float:
    """Seconds from a stroke to the next one on the hats, a little overlap included."""
    following = bisect.bisect_right(hats_s, start_s + 0.03)
    return (hats_s[following] - start_s if following < len(hats_s) else 10.0) + 0.015


def _choose_sound(rng: np.random.Generator, hit: Hit, n_sounds: int) -> int:
    """Louder strokes take later sounds; toms go from high to low; small sets are shuffled."""
    if hit.piece in _STROKED:
        third = max(1, n_sounds // 3)
        return int(min(n_sounds - 1, hit.which * n_sounds // 3 + rng.integers(third)))
    if n_sounds <= 3 or hit.piece in ("crash", "perc"):
        return int(rng.integers(n_sounds))
    place = hit.velocity * n_sounds * 0.999 + rng.normal(0.0, 0.6)
    return int(np.clip(place, 0, n_sounds - 1))


def _general_midi(take: Take, hits: list[Hit]) -> np.ndarray:
    rng = take.rng
    chances = GM_KITS | _STYLE_GM_KITS.get(take.plan.genre.style, {})
    kit = take.choose("gm-kit", list(chances), gm.SOURCE, list(chances.values()))
    chosen = {piece: keys[rng.integers(len(keys))] for piece, keys in _GM_KEYS.items()}
    output = np.zeros((2, take.plan.n_samples), np.float32)
    groups = {
        ("kick",): rng.uniform(0.8, 1.5),
        ("snare", "ghost", "tom", "clap"): 1.0,
        ("hat", "open", "ride", "bell", "crash", "perc"): rng.uniform(0.4, 1.0),
        ("stick", *PERCUSSION): rng.uniform(0.5, 1.0),
    }
    for pieces, level in groups.items():
        notes = [
            Note(
                hit.start_s,
                0.3,
                _GM_KEYS[hit.piece][hit.which] if hit.piece in _STROKED else chosen[hit.piece],
                hit.velocity,
            )
            for hit in hits
            if hit.piece in pieces
        ]
        if notes:
            output += level * gm.render(notes, int(kit), take.plan.n_samples, is_drums=True)
    return output


def _produce(audio: np.ndarray, take: Take) -> np.ndarray:
    """Saturation, a room, compression and equaliser, each in some songs."""
    rng = take.rng
    if rng.random() < 0.45:
        audio = saturate(audio, rng.uniform(1.0, 4.0))
    if rng.random() < 0.85:
        audio = reverberate(
            to_unit_rms(audio), rng, rng.uniform(0.15, 0.9), rng.uniform(-26.0, -8.0)
        )
    if rng.random() < 0.5:
        audio = compress(audio, rng.uniform(-20.0, -8.0), rng.uniform(2.0, 6.0))
    return to_unit_rms(random_equaliser(audio, rng, 4.0))


def kick_times(hits: list[Hit], n_samples: int) -> list[float]:
    """When the kick drum sounds, seconds: what side chains listen to."""
    end_s = n_samples / SAMPLE_RATE_HZ
    return [hit.start_s for hit in hits if hit.piece == "kick" and hit.start_s < end_s]
