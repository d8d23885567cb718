"""The vocals stem: one of several routes to a voice, a delivery, further voices, production.

Routes, each where its parts are installed and its split has a voice: real singers as they sang,
moved into the song's key; syllables of singers or of synthetic speech on new melodies (both through
WORLD); recorded sung notes; formant synthesis; excerpts of a real album's vocals. Deliveries: sung,
rapped, screamed, spoken; in some songs the verses are rapped or screamed and the choruses sung.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from streamsep_offline.maker.dynamics import to_unit_active_rms
from streamsep_offline.maker.places import is_full, sings_alone
from streamsep_offline.maker.studio import Take, pick
from streamsep_offline.maker.voices.album import sing_album
from streamsep_offline.maker.voices.contour import ROUGH, SPOKEN, SUNG, Manner, random_manner
from streamsep_offline.maker.voices.layers import corrected, tuned_chance
from streamsep_offline.maker.voices.production import Role, produce, space
from streamsep_offline.maker.voices.rap import Where, everywhere, rap_lines, screamed_lines
from streamsep_offline.maker.voices.routes import (
    natural_pitch,
    open_routes,
    recorded_frames,
    simple_voice,
    voice_of_syllables,
)
from streamsep_offline.maker.voices.singing import in_choruses, make_phrases
from streamsep_offline.maker.voices.vocoded import Excerpts
from streamsep_offline.maker.voices.world import random_colour

_DELIVERIES: dict[str, dict[str, float]] = {
    "hip-hop": {"sung": 0.3, "rapped": 0.3, "rapped verses": 0.38, "spoken": 0.02},
    "metal": {"sung": 0.48, "screamed": 0.24, "screamed verses": 0.26, "spoken": 0.02},
    "latin": {"sung": 0.8, "rapped": 0.06, "rapped verses": 0.12, "spoken": 0.02},
    "electronic": {"sung": 0.86, "rapped": 0.05, "rapped verses": 0.02, "spoken": 0.07},
    "pop": {"sung": 0.93, "rapped verses": 0.05, "spoken": 0.02},
    "rock": {"sung": 0.94, "screamed": 0.02, "rapped": 0.01, "spoken": 0.03},
}
_COMMON_DELIVERIES = {"sung": 0.97, "spoken": 0.03}
"""How the lead delivers, by kind of music."""

_WORDS = ("speech", "syllables")
"""Routes whose voices can rap, scream and speak."""

_CENTRES = (50, 53, 55, 57, 60, 62, 64, 67, 70)


def render(take: Take) -> tuple[np.ndarray, str]:
    """The vocals stem, unit RMS where it sounds [2, samples], and how it was made."""
    rng = take.rng
    routes = open_routes(take)
    delivery = pick(rng, _DELIVERIES.get(take.plan.genre.style, _COMMON_DELIVERIES))
    if delivery != "sung":
        words = {route: p for route, p in routes.items() if route in _WORDS}
        routes, delivery = (words, delivery) if words else (routes, "sung")
    route = pick(rng, routes)
    if route == "album":
        return to_unit_active_rms(space(sing_album(take), take)), route
    roles = _roles(take, route, delivery)
    audio, further = produce(roles, take)
    return audio, ", ".join([route if delivery == "sung" else f"{route} {delivery}", *further])


def _roles(take: Take, route: str, delivery: str) -> list[Role]:
    plan = take.plan
    if delivery == "spoken":
        return [_talker(take, route)]
    if delivery == "sung":
        return [_singer(take, route)]
    make = _rapper if delivery.startswith("rapped") else _screamer
    if not delivery.endswith("verses"):
        return [make(take, route, everywhere)]
    first = make(take, route, lambda bar: not is_full(plan, bar))
    second_take = take.part("vocals", "chorus voice")
    routes = {name: p for name, p in open_routes(take).items() if name not in ("album", "notes")}
    second = _singer(second_take, pick(second_take.rng, routes))
    second = replace(second, phrases=in_choruses(second.phrases, plan))
    roles = [role for role in (first, second) if role.phrases]
    return roles or [make(take, route, everywhere)]


def _singer(take: Take, route: str) -> Role:
    """A singer of any route."""
    rng, plan = take.rng, take.plan
    manner = random_manner(rng)
    if route == "as recorded":
        frames = recorded_frames(take, route)
        centre = round(natural_pitch(frames) + rng.uniform(-5.0, 5.0))
        colour, excerpts = random_colour(rng), Excerpts(frames, plan, centre, rng)
        return Role(
            lambda phrases, how: excerpts.sing(phrases, colour, rng, how),
            excerpts.phrases, Manner(drift=0.0), centre,
        )  # fmt: skip
    centre = float(rng.choice(_CENTRES))
    if route in _WORDS:
        frames = recorded_frames(take, route)
        lift = 5.0 if route == "speech" else 0.0  # one sings higher than one speaks
        centre = float(np.clip(natural_pitch(frames) + lift + rng.normal(0.0, 4.0), 48.0, 72.0))
        sing, _ = voice_of_syllables(frames, take)
        manner = corrected(manner) if rng.random() < tuned_chance(take) else manner
    else:
        sing = simple_voice(take, route)
    phrases = make_phrases(plan, rng, round(centre))
    return Role(sing, phrases, manner, round(centre), SUNG)


def _rapper(take: Take, route: str, where: Where) -> Role:
    """Somebody who speaks in rhythm near the pitch of their voice."""
    rng = take.rng
    frames = recorded_frames(take, route)
    centre = float(np.clip(natural_pitch(frames) + rng.uniform(-3.0, 3.0), 43.0, 62.0))
    sing, _ = voice_of_syllables(frames, take)
    lines = rap_lines(take.plan, rng, centre, where)
    return Role(sing, lines, random_manner(rng, SPOKEN), centre, "rapped")


def _screamer(take: Take, route: str, where: Where) -> Role:
    """A growl from a large throat or a scream from a small one."""
    rng = take.rng
    sing, _ = voice_of_syllables(recorded_frames(take, route), take)
    is_growl = rng.random() < 0.55
    centre = rng.uniform(38.0, 46.0) if is_growl else rng.uniform(57.0, 67.0)
    manner = replace(
        random_manner(rng, ROUGH),
        formants=rng.uniform(0.8, 0.95) if is_growl else rng.uniform(0.95, 1.15),
        tilt_db=rng.uniform(1.0, 4.0),
        roughness=rng.uniform(0.2, 0.65),
    )
    return Role(sing, screamed_lines(take.plan, rng, centre, where), manner, centre, "screamed")


def _talker(take: Take, route: str) -> Role:
    """Somebody who talks over the music, at their own pace, in half of the bars."""
    rng, plan = take.rng, take.plan
    frames = recorded_frames(take, route)
    centre = round(natural_pitch(frames) + rng.uniform(-2.0, 2.0))
    colour, excerpts = random_colour(rng), Excerpts(frames, plan, centre, rng)
    kept = [
        phrase
        for phrase in excerpts.phrases
        if rng.random() < 0.6 or sings_alone(plan, plan.bar_at(phrase[0].start_s))
    ] or excerpts.phrases[:1]
    return Role(
        lambda phrases, how: excerpts.sing(phrases, colour, rng, how),
        kept, Manner(contour=SPOKEN), centre, "spoken",
    )  # fmt: skip
