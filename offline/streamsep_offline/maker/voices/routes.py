"""Where a voice comes from: which routes are open to a split, and the singer that one gives."""

from __future__ import annotations

import numpy as np

from streamsep_offline.maker.studio import Take
from streamsep_offline.maker.voices.album import songs_of
from streamsep_offline.maker.voices.contour import Manner, Phrase
from streamsep_offline.maker.voices.formant import sing_formants
from streamsep_offline.maker.voices.production import Sing
from streamsep_offline.maker.voices.sampled import CHOIRS, sing_notes, sung_notes
from streamsep_offline.maker.voices.singers import SINGERS, singer_frames, singers_of
from streamsep_offline.maker.voices.speech import choose_speech, speakers_of
from streamsep_offline.maker.voices.syllables import Words
from streamsep_offline.maker.voices.vocoded import sing_syllables
from streamsep_offline.maker.voices.world import Colour, random_colour

CHANCES = {
    "as recorded": 0.2,
    "syllables": 0.3,
    "speech": 0.2,
    "notes": 0.1,
    "formants": 0.05,
    "album": 0.15,
}
"""How often each route is taken where all are open."""


def open_routes(take: Take) -> dict[str, float]:
    """Routes for which the split has a voice, with their chances."""
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
    routes = {name: p for name, p in CHANCES.items() if is_open.get(name)}
    # formant synthesis has no held-out voice: it is for training, or where there is nothing else
    if studio.split == "train" or not routes:
        routes["formants"] = CHANCES["formants"]
    return routes


def choose_singer(take: Take, names: list[str]) -> str:
    """One of the singers by their weights, noted in the credits."""
    weights = np.array([SINGERS[name].weight for name in names])
    name = names[int(take.rng.choice(len(names), p=weights / weights.sum()))]
    take.credits.add(take.stem, "singer", name, SINGERS[name].source)
    return name


def natural_pitch(frames: np.ndarray) -> float:
    """MIDI pitch around which a recorded voice lies; 57 where it is never voiced."""
    pitch = np.asarray(frames[:, 0], np.float32)
    voiced = pitch[np.isfinite(pitch)]
    return float(np.median(voiced)) + 60.0 if len(voiced) else 57.0


def recorded_frames(take: Take, route: str) -> np.ndarray:
    """Analysis of a speaker ("speech"), a real singer ("as recorded") or any singer."""
    if route == "speech":
        return choose_speech(take)
    singers = singers_of(take.studio)
    names = [n for n, s in singers.items() if s.is_continuous or route != "as recorded"]
    return singer_frames(take.studio, choose_singer(take, names))


def voice_of_syllables(frames: np.ndarray, take: Take) -> tuple[Sing, Colour]:
    """A voice whose syllables are put on any notes, and its colour."""
    n, rng = take.plan.n_samples, take.rng
    colour, words = random_colour(rng), Words(frames)

    def sing(phrases: list[Phrase], manner: Manner) -> np.ndarray:
        return sing_syllables(words, phrases, n, colour, rng, manner)

    return sing, colour


def simple_voice(take: Take, route: str) -> Sing:
    """A voice of sung notes ("notes") or of formants."""
    studio, rng, n = take.studio, take.rng, take.plan.n_samples
    if route == "notes":
        choirs = [name for name in CHOIRS if sung_notes(studio, name)]
        allowed = studio.allowed("sung-notes", choirs)
        name = allowed[rng.integers(len(allowed))]
        take.credits.add(take.stem, "sung-notes", name, CHOIRS[name][2])
        return lambda phrases, manner: sing_notes(studio, name, phrases, n, rng)
    take.credits.add(take.stem, "voice", "formant synthesis", "synthesised")
    return lambda phrases, manner: sing_formants(phrases, n, rng, manner)
