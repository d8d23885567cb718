"""The stem *other*: one to four parts of guitars, keyboards, leads and synthesisers."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from streamsep_offline.maker import guitars, keys, leads, synth_parts
from streamsep_offline.maker.arrangement import entering
from streamsep_offline.maker.dynamics import ducking_gain, to_unit_rms
from streamsep_offline.maker.excerpts import multitrack_excerpt
from streamsep_offline.maker.filters import high_pass, random_equaliser
from streamsep_offline.maker.repertoire import part_boosts
from streamsep_offline.maker.space import echo, pan, reverberate
from streamsep_offline.maker.studio import Take

PARTS: dict[str, Callable[[Take], np.ndarray | None]] = {
    "distorted guitar": guitars.distorted,
    "crunch guitar": guitars.crunch,
    "acoustic guitar": guitars.acoustic,
    "clean guitar": guitars.clean,
    "lead guitar": guitars.lead,
    "piano": keys.piano,
    "electric piano": keys.electric_piano,
    "organ": keys.organ,
    "strings": keys.strings,
    "brass": keys.brass,
    "mallets": keys.mallets,
    "saxophone": leads.saxophone,
    "horn": leads.horn,
    "wind or string": leads.wind_or_string,
    "synth lead": leads.synth_lead,
    "pad": synth_parts.pad,
    "pluck": synth_parts.pluck,
    "stab": synth_parts.stab,
    "bell": synth_parts.bell,
    "riser": synth_parts.riser,
    "texture": synth_parts.one_shot_texture,
    "recorded": multitrack_excerpt,
}
"""Every kind of part."""

_WEIGHTS: dict[str, tuple[float, ...]] = {
    "rock": (22, 14, 10, 10, 8, 6, 3, 6, 3, 3, 1, 3, 1, 2, 2, 3, 1, 1, 0, 0, 0.5, 1.5),
    "pop": (5, 7, 11, 11, 3, 12, 8, 6, 7, 5, 3, 5, 2, 3, 4, 7, 4, 4, 2, 1, 1, 1.5),
    "electronic": (1.5, 1.5, 1.5, 3, 1, 5, 5, 4, 4, 1.5, 2, 2, 1, 1.5, 11, 19, 14, 13, 6, 5, 3, 1),
}
"""Chance of each of `PARTS`, in their order, in each style."""

_N_PARTS = {"rock": (0.2, 0.4, 0.28, 0.12), "pop": (0.12, 0.35, 0.33, 0.2)}
_N_PARTS["electronic"] = (0.1, 0.3, 0.35, 0.25)
"""Chances of one, two, three and four parts."""

_GENRE_BOOST: dict[str, dict[str, float]] = {
    "hard-rock": {"distorted guitar": 3.0},
    "punk": {"distorted guitar": 3.0},
    "folk-rock": {"acoustic guitar": 4.0, "distorted guitar": 0.2},
    "ballad": {"piano": 2.0, "strings": 2.0, "acoustic guitar": 1.5},
    "funk": {"brass": 3.0, "clean guitar": 2.0, "electric piano": 2.0},
    "soul-jazz": {"saxophone": 3.0, "piano": 2.0, "organ": 2.0, "horn": 3.0},
    "trance": {"stab": 2.0, "pluck": 2.0},
    "hip-hop": {"electric piano": 2.0, "piano": 2.0, "texture": 2.0},
}


def render(take: Take, kicks_s: list[float]) -> tuple[np.ndarray, list[str]]:
    """The stem other, unit RMS [2, samples], and the names of its parts."""
    rng, genre = take.rng, take.plan.genre
    boost = {**part_boosts(genre), **_GENRE_BOOST.get(genre.name, {})}
    names = list(PARTS)
    weights = np.array(_WEIGHTS[genre.family]) * [boost.get(name, 1.0) for name in names]
    n_parts = 1 + int(rng.choice(4, p=_N_PARTS[genre.family]))
    order = rng.choice(names, np.count_nonzero(weights), replace=False, p=weights / weights.sum())
    output = np.zeros((2, take.plan.n_samples), np.float32)
    playing: list[str] = []
    for name in order:
        if len(playing) == n_parts:
            break
        part_take = entering(take.part("other", str(name)), len(playing))
        audio = PARTS[str(name)](part_take)
        if audio is None or not audio.any():
            continue
        level = 10.0 ** (rng.uniform(-9.0, 0.0) / 20.0)
        output += level * _produce(audio, part_take, kicks_s)
        playing.append(str(name))
    return to_unit_rms(output), playing


def _produce(audio: np.ndarray, take: Take, kicks_s: list[float]) -> np.ndarray:
    """Side chain, echo, room and equaliser, each in some parts."""
    rng, plan = take.rng, take.plan
    audio = to_unit_rms(audio)
    is_electronic = plan.genre.is_electronic
    if is_electronic and kicks_s and rng.random() < 0.55:
        depth, recovery_s = rng.uniform(0.3, 1.0), rng.uniform(0.15, 0.4)
        audio = audio * ducking_gain(plan.n_samples, kicks_s, depth, recovery_s)
    if rng.random() < (0.4 if is_electronic else 0.12):
        audio = echo(audio, rng, plan.beat_s, rng.uniform(0.15, 0.5))
    if is_electronic and rng.random() < 0.3:
        audio = pan(audio.mean(axis=0), rng.uniform(-0.8, 0.8))
    if rng.random() < 0.8:
        t60_s = rng.uniform(0.3, 2.6 if is_electronic else 2.0)
        audio = reverberate(audio, rng, t60_s, rng.uniform(-26.0, -7.0))
    audio = high_pass(audio, rng.uniform(60.0, 250.0), order=1)
    return to_unit_rms(random_equaliser(audio, rng, 4.0))
