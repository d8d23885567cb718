"""What each key does to a session."""

from __future__ import annotations

import math

from streamsep.errors import StreamsepError
from streamsep_bridge.live.session import LiveSession
from streamsep_bridge.live.source import Source
from streamsep_bridge.midi.mapping import Target
from streamsep_bridge.screen.meters import FADER_ENDS_DB
from streamsep_bridge.screen.view import View

LOWEST_DB, HIGHEST_DB = FADER_ENDS_DB
"""A fader that goes below its lower end is closed."""

PROFILE_KEYS = {"1": "studio", "2": "stage", "3": "tight", "4": "instant"}

SEEK_S = 5.0
"""How far a key goes in a file."""

HELP = (
    "up/down stem   left/right 1 dB   m mute   s solo   r reset faders   b bypass   "
    + "   ".join(f"{key} {name}" for key, name in PROFILE_KEYS.items())
    + "   q quit"
)

SOURCE_HELP = f"space pause   , {SEEK_S:g} s back   . {SEEK_S:g} s on"
"""The line above, where a file is played."""

MIDI_HELP = "l learn a control (again: for mute, again: end)   L forget the stem's controls"
"""The line above, where there is a MIDI controller."""

NO_MIDI = "there is no MIDI controller to learn from; start with --midi"

SOURCE_KEYS = (" ", ",", ".")

_RESET = {"gain": 1.0, "mute": False, "solo": False, "pan": 0.0, "width": 1.0}


def handle(key: str, session: LiveSession, view: View) -> None:
    """Do what a key means; keys without a meaning do nothing.

    A profile takes seconds to come: it is only noted in the view, and whoever draws takes it up.

    Args:
        key: A character, or "up", "down", "left", "right".
        session: Whose faders and bypass are moved.
        view: Changed: chosen stem, profile asked for, end, messages.

    Latency: 0. Thread: any. Allocates: yes. In place: session, view.
    """
    try:
        _handle(key, session, view)
    except StreamsepError as error:
        view.messages.append(str(error))


def _handle(key: str, session: LiveSession, view: View) -> None:
    names = tuple(session.stems)
    view.selected = min(view.selected, len(names) - 1)
    fader = session.stems[names[view.selected]]
    if key in ("up", "down"):
        view.selected = (view.selected + (1 if key == "down" else -1)) % len(names)
    elif key in ("left", "right"):
        fader.gain_db = next_level(fader.gain_db, is_up=key == "right")
    elif key == "m":
        fader.mute = not fader.mute
    elif key == "s":
        fader.solo = not fader.solo
    elif key == "b":
        session.bypass = not session.bypass
    elif key == "r":
        for name in names:
            session.stems.move(name, **_RESET)
    elif key in PROFILE_KEYS:
        view.asked_profile = PROFILE_KEYS[key]
    elif key in SOURCE_KEYS and session.source is not None:
        _move_source(key, session.source)
    elif key in ("l", "L"):
        _learn(key, names[view.selected], view)
    elif key == "q":
        view.is_ended = True


def _learn(key: str, stem: str, view: View) -> None:
    if view.midi is None:
        view.messages.append(NO_MIDI)
    elif key == "l":
        view.midi.learn_next(stem)
    else:
        for what in ("gain", "mute", "solo"):
            view.midi.unlearn(Target(what, stem))


def _move_source(key: str, source: Source) -> None:
    if key == " ":
        source.paused = not source.paused
    else:
        source.seek(source.position_s + (SEEK_S if key == "." else -SEEK_S))


def next_level(level_db: float, is_up: bool) -> float:
    """The next whole dB of a fader; -inf is closed."""
    if level_db == -math.inf:
        return LOWEST_DB if is_up else level_db
    # The margin absorbs the way from dB to gain and back.
    wanted_db = math.floor(level_db + 1e-6) + 1 if is_up else math.ceil(level_db - 1e-6) - 1
    if wanted_db < LOWEST_DB:
        return LOWEST_DB if is_up else -math.inf
    return min(float(wanted_db), HIGHEST_DB)
