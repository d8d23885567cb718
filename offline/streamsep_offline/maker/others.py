"""The stems *other* and *piano*: one to four parts of guitars, keyboards, leads, synthesisers."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from streamsep_offline.maker import (
    acoustic_guitars,
    guitars,
    keys,
    lead_guitars,
    leads,
    organs,
    pianos,
    sections,
    synth_parts,
)
from streamsep_offline.maker.arrangement import entering
from streamsep_offline.maker.dynamics import ducking_gain, to_unit_active_rms
from streamsep_offline.maker.excerpts import multitrack_excerpt
from streamsep_offline.maker.filters import high_pass, random_equaliser
from streamsep_offline.maker.genres import Genre
from streamsep_offline.maker.repertoire import part_boosts
from streamsep_offline.maker.sampled_loops import looped
from streamsep_offline.maker.space import echo, pan, reverberate
from streamsep_offline.maker.studio import Take

PARTS: dict[str, Callable[[Take], np.ndarray | None]] = {
    "distorted guitar": guitars.distorted,
    "crunch guitar": guitars.crunch,
    "acoustic guitar": acoustic_guitars.acoustic,
    "clean guitar": guitars.clean,
    "lead guitar": lead_guitars.lead,
    "piano": pianos.piano,
    "electric piano": keys.electric_piano,
    "organ": organs.organ,
    "strings": keys.strings,
    "brass": sections.brass,
    "mallets": keys.mallets,
    "reeds": keys.reeds,
    "plucked": keys.plucked,
    "saxophone": leads.saxophone,
    "horn": leads.horn,
    "wind or string": leads.wind_or_string,
    "synth lead": leads.synth_lead,
    "talk box": leads.talk_box,
    "pad": synth_parts.pad,
    "pluck": synth_parts.pluck,
    "stab": synth_parts.stab,
    "bell": synth_parts.bell,
    "riser": synth_parts.riser,
    "texture": synth_parts.one_shot_texture,
    "recorded": multitrack_excerpt,
}
"""Every kind of part."""

PIANO = ("piano",)
"""Parts that make the stem piano; all others make the stem other."""

_WEIGHTS: dict[str, dict[str, float]] = {
    "rock": {
        "distorted guitar": 22, "crunch guitar": 16, "acoustic guitar": 9, "clean guitar": 10,
        "lead guitar": 11, "piano": 5, "electric piano": 2, "organ": 7, "strings": 3, "brass": 2,
        "saxophone": 3, "wind or string": 1, "reeds": 1, "synth lead": 2, "pad": 3, "pluck": 1,
        "stab": 1, "texture": 0.5, "recorded": 1.5, "mallets": 0.5, "plucked": 0.5, "talk box": 0.7,
    },
    "metal": {
        "distorted guitar": 50, "crunch guitar": 5, "lead guitar": 22, "clean guitar": 5,
        "acoustic guitar": 3, "strings": 3, "organ": 2, "pad": 3, "piano": 1.5, "synth lead": 2,
        "wind or string": 1, "texture": 1,
    },
    "pop": {
        "distorted guitar": 5, "crunch guitar": 7, "acoustic guitar": 11, "clean guitar": 11,
        "lead guitar": 4, "piano": 12, "electric piano": 7, "organ": 4, "strings": 7, "brass": 4,
        "mallets": 3, "reeds": 1, "plucked": 1.5, "saxophone": 4, "horn": 1.5, "wind or string": 3,
        "synth lead": 5, "talk box": 1.2, "pad": 8, "pluck": 5, "stab": 5, "bell": 2, "riser": 1,
        "texture": 1, "recorded": 1,
    },
    "ballad": {
        "acoustic guitar": 14, "clean guitar": 9, "lead guitar": 6, "crunch guitar": 4, "piano": 24,
        "electric piano": 8, "organ": 4, "strings": 16, "saxophone": 5, "horn": 1.5,
        "wind or string": 5, "pad": 8, "distorted guitar": 4, "mallets": 2, "bell": 1, "plucked": 1,
        "synth lead": 1,
    },
    "folk": {
        "acoustic guitar": 40, "clean guitar": 8, "crunch guitar": 5, "lead guitar": 5, "piano": 7,
        "organ": 3, "strings": 3, "reeds": 8, "plucked": 8, "wind or string": 10, "mallets": 1,
        "pad": 1, "horn": 1,
    },
    "funk": {
        "clean guitar": 26, "brass": 20, "electric piano": 14, "organ": 10, "piano": 5,
        "crunch guitar": 7, "saxophone": 8, "talk box": 5, "synth lead": 6, "lead guitar": 5,
        "strings": 3, "stab": 2, "horn": 2, "mallets": 1, "recorded": 2,
    },
    "jazz": {
        "piano": 24, "saxophone": 18, "horn": 14, "clean guitar": 12, "organ": 8, "brass": 9,
        "electric piano": 7, "mallets": 5, "wind or string": 6, "strings": 2, "acoustic guitar": 3,
    },
    "latin": {
        "acoustic guitar": 18, "piano": 15, "brass": 17, "clean guitar": 8, "reeds": 6,
        "horn": 6, "saxophone": 6, "wind or string": 6, "mallets": 4, "organ": 4, "plucked": 3,
        "electric piano": 4, "strings": 3, "synth lead": 3, "stab": 2, "pluck": 3, "pad": 2,
    },
    "electronic": {
        "distorted guitar": 1.5, "crunch guitar": 1, "acoustic guitar": 1, "clean guitar": 2.5,
        "lead guitar": 1, "piano": 4.5, "electric piano": 4, "organ": 3, "strings": 3.5, "brass": 1,
        "mallets": 1.5, "plucked": 0.5, "saxophone": 2, "wind or string": 1.5, "synth lead": 11,
        "talk box": 1.5, "pad": 19, "pluck": 14, "stab": 13, "bell": 6, "riser": 5, "texture": 3,
        "recorded": 1,
    },
    "hip-hop": {
        "electric piano": 12, "piano": 12, "strings": 9, "pad": 12, "bell": 9, "pluck": 10,
        "clean guitar": 7, "acoustic guitar": 4, "synth lead": 9, "brass": 5, "texture": 5,
        "wind or string": 4, "plucked": 4, "organ": 4, "mallets": 4, "saxophone": 2, "stab": 3,
        "talk box": 2.5, "riser": 2, "distorted guitar": 1, "recorded": 1,
    },
}  # fmt: skip
"""Chance of each part in each kind of music; what is not named does not play."""

_N_PARTS = {
    "rock": (0.17, 0.4, 0.3, 0.13),
    "metal": (0.4, 0.4, 0.15, 0.05),
    "folk": (0.3, 0.4, 0.22, 0.08),
    "ballad": (0.2, 0.35, 0.3, 0.15),
    "jazz": (0.2, 0.45, 0.25, 0.1),
    "electronic": (0.1, 0.3, 0.35, 0.25),
    "hip-hop": (0.25, 0.4, 0.25, 0.1),
}
_COMMON_N_PARTS = (0.12, 0.35, 0.33, 0.2)
"""Chances of one, two, three and four parts."""

_SOFTER_DB = {"riser": 9.0, "texture": 5.0, "bell": 2.0}
"""What stands behind the rest."""

_PIANO_LEADS = {"pop": 0.1, "jazz": 0.1, "ballad": 0.1}
"""How often the piano plays the tune, above everything else."""

_SAMPLED = 0.35
"""How often a part of hip-hop is a loop from a record."""

_NEVER_SAMPLED = ("riser", "texture", "recorded", "synth lead", "stab")


def render(
    take: Take, kicks_s: list[float], instruments: Sequence[str] = ()
) -> tuple[np.ndarray, np.ndarray, list[str]]:
    """The stems other and piano and the names of their parts.

    Args:
        take: The song.
        kicks_s: When kicks are, for the side chain.
        instruments: Of `PARTS`, all alike; none takes what suits the music.

    Returns:
        Other without the piano and the piano alone, each [2, samples], zeros where nothing plays,
        their sum at unit RMS; the parts' names in the order in which they were chosen.
    """
    rng, plan = take.rng, take.plan
    kind = plan.genre.style
    chances = dict.fromkeys(instruments, 1.0) or _chances(plan.genre)
    names = [name for name in PARTS if chances.get(name)]
    weights = np.array([chances[name] for name in names])
    n_parts = 1 + int(rng.choice(4, p=_N_PARTS.get(kind, _COMMON_N_PARTS)))
    order = rng.choice(names, len(names), replace=False, p=weights / weights.sum()).tolist()
    is_piano_song = rng.random() < _PIANO_LEADS.get(kind, 0.0) and "piano" in names
    if is_piano_song:
        order = ["piano", *[name for name in order if name != "piano"]]
    stems = {is_piano: np.zeros((2, plan.n_samples), np.float32) for is_piano in (False, True)}
    playing: list[str] = []
    for name in order:
        if len(playing) == n_parts:
            break
        part_take = entering(take.part("other", name), len(playing))
        leads_here = is_piano_song and name == "piano"
        audio = pianos.piano(part_take, True) if leads_here else PARTS[name](part_take)
        if audio is None or not audio.any():
            continue
        level_db = rng.uniform(-9.0, 0.0) - _SOFTER_DB.get(name, 0.0) - 5.0 * is_piano_song
        level = np.float32(10.0 ** ((0.0 if leads_here else level_db) / 20.0))
        stems[name in PIANO] += level * _produce(audio, part_take, kicks_s, name)
        playing.append(name)
    total = stems[False] + stems[True]
    rms = float(np.sqrt(np.square(total).sum(dtype=np.float64) / total.size))
    scale = np.float32(1.0 / rms if rms > 1e-9 else 0.0)
    return scale * stems[False], scale * stems[True], playing


def _chances(genre: Genre) -> dict[str, float]:
    chances = dict(_WEIGHTS[genre.style])
    for name, factor in part_boosts(genre).items():
        chances[name] = factor * chances.get(name, 0.0)
    return chances


def _produce(audio: np.ndarray, take: Take, kicks_s: list[float], name: str) -> np.ndarray:
    """A loop from a record, side chain, echo, room and equaliser, each in some parts."""
    rng, plan = take.rng, take.plan
    audio = to_unit_active_rms(audio)
    is_machine = plan.genre.is_electronic
    if plan.genre.style == "hip-hop" and name not in _NEVER_SAMPLED and rng.random() < _SAMPLED:
        audio = looped(audio, plan, rng)
    if is_machine and kicks_s and rng.random() < 0.55:
        depth, recovery_s = rng.uniform(0.3, 1.0), rng.uniform(0.15, 0.4)
        audio = audio * ducking_gain(plan.n_samples, kicks_s, depth, recovery_s)
    if rng.random() < (0.4 if is_machine else 0.12):
        audio = echo(audio, rng, plan.beat_s, rng.uniform(0.15, 0.5))
    if is_machine and rng.random() < 0.3:
        audio = pan(audio.mean(axis=0), rng.uniform(-0.8, 0.8))
    if rng.random() < 0.8:
        t60_s = rng.uniform(0.3, 2.6 if is_machine else 2.0)
        audio = reverberate(audio, rng, t60_s, rng.uniform(-26.0, -7.0))
    audio = high_pass(audio, rng.uniform(60.0, 250.0), order=1)
    return to_unit_active_rms(random_equaliser(audio, rng, 4.0))
