"""The address space: one row per control. Server, range checks, documentation and layouts follow from it.

`<stem>` stands for every stem of the model that plays; a fader's ranges are those of `StemControl`.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from streamsep.mixer import MAX_GAIN
from streamsep_bridge.live.mix import MAX_MASTER

ROOT = "/streamsep"
STEM = "<stem>"

FLOAT, SWITCH, TEXT = "float", "switch", "text"
"""Kinds of arguments: a number in a range; 0 or 1 (or false, true); a name."""

VALUE, ACTION, REPORT = "value", "action", "report"
"""Roles of controls: may be set and asked for; is done; is told, and answered where it lasts."""


@dataclass(frozen=True)
class Argument:
    """One argument of a control.

    Attributes:
        name: With its unit.
        kind: See above.
        low: Least value of a float.
        high: Largest.
        default: What it is where it is left out; None must be given.
        choices: What a text names: "presets", "profiles", "stem_sets", "scenes", "chains"; "" is free.
        names: What else a text may be; empty is anything.
    """

    name: str
    kind: str = FLOAT
    low: float = -math.inf
    high: float = math.inf
    default: float | str | None = None
    choices: str = ""
    names: tuple[str, ...] = ()


@dataclass(frozen=True)
class Control:
    """One row.

    Attributes:
        path: Below `ROOT`.
        help: What it is or does.
        arguments: The first of a value is the value.
        role: See above.
        default: Of a value: where it is at the start.
        is_timed: Whether a time tag acts at its sample; others act when their time has come.
        is_slow: Whether it may take a while, so that it is done in turn beside the faders.
    """

    path: str
    help: str
    arguments: tuple[Argument, ...] = ()
    role: str = VALUE
    default: float | str | None = None
    is_timed: bool = False
    is_slow: bool = False

    @property
    def address(self) -> str:
        """With `<stem>` where every stem has one."""
        return ROOT + self.path

    @property
    def value(self) -> Argument:
        """The argument that is its value."""
        return self.arguments[0]


RAMP = Argument("ramp_s", FLOAT, 0.001, 3600.0, 0.02)


def _fader(path: str, help: str, low: float, high: float, default: float) -> Control:
    name = path.rpartition("/")[2]
    return Control(path, help, (Argument(name, FLOAT, low, high), RAMP), VALUE, default, True)


def _switch(path: str, help: str, is_timed: bool = True, is_slow: bool = False) -> Control:
    value = Argument(path.rpartition("/")[2], SWITCH, 0.0, 1.0)
    return Control(path, help, (value,), VALUE, 0.0, is_timed, is_slow)


def _choice(path: str, help: str, choices: str) -> Control:
    value = Argument(path.rpartition("/")[2], TEXT, choices=choices)
    return Control(path, help, (value,), VALUE, is_slow=True)


def _action(path: str, help: str, *arguments: Argument, is_slow: bool = False) -> Control:
    return Control(path, help, arguments, ACTION, is_slow=is_slow)


def _report(path: str, help: str, *names: str, kind: str = FLOAT) -> Control:
    return Control(path, help, tuple(Argument(name, kind) for name in names), REPORT)


SCENE = Argument("name", TEXT, choices="scenes")
FADE = Argument("fade_s", FLOAT, 0.0, 600.0, 0.5)

TABLE: tuple[Control, ...] = (
    _fader("/stem/<stem>/gain", "gain, linear", 0.0, MAX_GAIN, 1.0),
    _fader("/stem/<stem>/gain_db", "gain in dB; -120 and below is silence", -math.inf, 24.0, 0.0),
    _switch("/stem/<stem>/mute", "silence this stem"),
    _switch("/stem/<stem>/solo", "hear this stem and others that are soloed, no more"),
    _switch("/stem/<stem>/solo_only", "hear this stem alone: ends every other solo"),
    _fader("/stem/<stem>/pan", "balance: -1 left, 1 right", -1.0, 1.0, 0.0),
    _fader("/stem/<stem>/width", "0 mono, 1 as it is, 2 wide", 0.0, 2.0, 1.0),
    _fader("/mix/gain", "gain of all that is heard, linear", 0.0, MAX_MASTER, 1.0),
    _fader("/mix/gain_db", "the same in dB", -math.inf, 12.0, 0.0),
    _fader("/mix/dry_wet", "0 the song as it came, 1 the stems", 0.0, 1.0, 1.0),
    _switch("/bypass", "the song as it came, aligned to the sample"),
    _action("/panic", "the song as it came: bypass, and every fader and switch neutral"),
    _action("/reset", "forget what was heard: fade over to a fresh model", is_slow=True),
    _choice("/preset", "go over to a preset", "presets"),
    _choice("/profile", "go over to this profile of the same stems", "profiles"),
    _choice("/stem_set", "go over to these stems", "stem_sets"),
    _switch("/record", "a take: input, stems, mix into the folder for takes", False, True),
    Control("/source/position_s", "where in the file", (Argument("seconds", FLOAT, 0.0, 1e6),)),
    _switch("/source/playing", "the file plays, or waits in silence", False),
    _switch("/source/loop", "the file begins anew at its end", False),
    _action("/scene/store", "keep where everything is, under a name", SCENE, is_slow=True),
    _action("/scene/recall", "fade to a scene", SCENE, FADE, is_slow=True),
    _action(
        "/scene/morph",
        "be between two scenes: 0 the first, 1 the second",
        SCENE,
        Argument("other", TEXT, choices="scenes"),
        Argument("position", FLOAT, 0.0, 1.0),
        is_slow=True,
    ),
    _action("/scene/delete", "forget a scene", SCENE, is_slow=True),
    _action(
        "/subscribe",
        "tell me what changes: addresses by a pattern, so often, for so long, to that port of mine",
        Argument("pattern", TEXT, default=f"{ROOT}/*"),
        Argument("rate_hz", FLOAT, 0.1, 100.0, 20.0),
        Argument("expires_s", FLOAT, 1.0, 3600.0, 60.0),
        Argument("port", FLOAT, 1.0, 65535.0, 0.0),
    ),
    _action("/unsubscribe", "tell me no more", Argument("port", FLOAT, 1.0, 65535.0, 0.0)),
    _report("/level/<stem>", "level in dBFS; of input and mix too", "peak_db", "rms_db"),
    _report("/onset/<stem>", "a note or stroke began; how much louder", "rise_db"),
    _report(
        "/status/state", "starting, playing, waiting (for a device), stopped", "state", kind=TEXT
    ),
    _report(
        "/status/latency_ms",
        "the algorithm's, and with buffers",
        "latency_ms",
        "total_ms",
    ),
    _report("/status/load", "share of a block's time, of the last minute", "p99", "max"),
    _report("/status/xruns", "gaps that the driver reported", "count"),
    _report("/status/late_hops", "times that stems were late and the song was heard dry", "count"),
    _report("/status/restarts", "times that the audio was started anew", "count"),
    _report("/status/refused", "messages that were not obeyed", "count"),
    _report("/error", "to who sent it: what was refused and why", "address", "reason", kind=TEXT),
)


def expand(stems: tuple[str, ...]) -> dict[str, Control]:
    """All controls by address.

    Args:
        stems: Of the model that plays.
    """
    found = {}
    for control in TABLE:
        names: tuple[str, ...] = ("",)
        if STEM in control.path:
            names = ("input", *stems, "mix") if control.path.startswith("/level") else stems
        for name in names:
            found[control.address.replace(STEM, name)] = control
    return found
