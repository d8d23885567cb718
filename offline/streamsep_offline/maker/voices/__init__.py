"""The vocals stem: one of several routes to a singing voice, then production.

Routes, each where its parts are installed and its split has a voice: real singers as they sang,
moved into the song's key; syllables of singers or of synthetic speech on new melodies (both through
WORLD); recorded sung notes; formant synthesis; excerpts of a real album's vocals.
"""

from __future__ import annotations

import numpy as np

from streamsep_offline.maker.dynamics import to_unit_active_rms
from streamsep_offline.maker.studio import Take, pick
from streamsep_offline.maker.voices.album import sing_album, songs_of
from streamsep_offline.maker.voices.formant import sing_formants
from streamsep_offline.maker.voices.production import Sing, produce, space
from streamsep_offline.maker.voices.sampled import CHOIRS, sing_notes, sung_notes
from streamsep_offline.maker.voices.singers import (
    SINGERS,
    singer_frames,
    singers_of,
)
from streamsep_offline.maker.voices.singing import Phrase, make_phrases
from streamsep_offline.maker.voices.speech import choose_speech, speakers_of
from streamsep_offline.maker.voices.vocoded import sing_as_recorded, sing_syllables
from streamsep_offline.maker.voices.world import random_colour

_CHANCES = {
    "as recorded": 0.2,
    "syllables": 0.3,
    "speech": 0.2,
    "notes": 0.1,
    "formants": 0.05,
    "album": 0.15,
}
"""How often each route is taken where all are open."""


def _open_routes(take: Take) -> dict[str, float]:
    studio = take.studio
    singers = singers_of(studio)
    choirs = [
        name for name in studio.allowed("sung-notes", list(CHOIRS)) if sung_notes(studio, name)
    ]
    is_open = {
        "as recorded": any(singer.is_continuous for singer in singers.values()),
        "syllables": bool(singers),
        "speech": bool(speakers_of(studio)),
        "notes": bool(choirs),
        "album": bool(songs_of(take)),
    }
    routes = {name: p for name, p in _CHANCES.items() if is_open.get(name)}
    # formant synthesis has no held-out voice: it is for training, or where there is nothing else
    if studio.split == "train" or not routes:
        routes["formants"] = _CHANCES["formants"]
    return routes


def render(take: Take) -> tuple[np.ndarray, str]:
    """The vocals stem, unit RMS where it sounds [2, samples], and the name of its route."""
    rng, plan = take.rng, take.plan
    route = pick(rng, _open_routes(take))
    if route == "album":
        return to_unit_active_rms(space(sing_album(take), take)), route
    centre = int(rng.choice([50, 53, 55, 57, 60, 62, 64, 67, 70]))
    phrases = make_phrases(plan, rng, centre)
    if route == "as recorded":
        return _as_recorded(take, centre), route
    sing = _singer(take, route)
    return produce(sing(phrases), sing, phrases, take), route


def _as_recorded(take: Take, centre: int) -> np.ndarray:
    singers = {n: s for n, s in singers_of(take.studio).items() if s.is_continuous}
    name = _choose_singer(take, list(singers))
    frames = singer_frames(take.studio, name)
    colour = random_colour(take.rng)

    def sing(_: list[Phrase]) -> np.ndarray:
        return sing_as_recorded(frames, take.plan, centre, colour, take.rng)

    return produce(sing([]), sing, [], take)


def _choose_singer(take: Take, names: list[str]) -> str:
    weights = np.array([SINGERS[name].weight for name in names])
    name = names[int(take.rng.choice(len(names), p=weights / weights.sum()))]
    take.credits.add(take.stem, "singer", name, SINGERS[name].source)
    return name


def _singer(take: Take, route: str) -> Sing:
    """A function that sings phrases by a route, always with the same voice."""
    studio, rng, n = take.studio, take.rng, take.plan.n_samples
    if route == "notes":
        choirs = [name for name in CHOIRS if sung_notes(studio, name)]
        allowed = studio.allowed("sung-notes", choirs)
        name = allowed[rng.integers(len(allowed))]
        take.credits.add(take.stem, "sung-notes", name, CHOIRS[name][2])
        return lambda phrases: sing_notes(studio, name, phrases, n, rng)
    if route == "formants":
        take.credits.add(take.stem, "voice", "formant synthesis", "synthesised")
        return lambda phrases: sing_formants(phrases, n, rng)
    colour = random_colour(rng)
    if route == "speech":
        frames = choose_speech(take)
    else:
        frames = singer_frames(studio, _choose_singer(take, list(singers_of(studio))))
    return lambda phrases: sing_syllables(frames, phrases, n, colour, rng)
