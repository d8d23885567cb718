"""`docs/osc.md`: what a controller needs to know, written from the table."""

from __future__ import annotations

import math
from collections.abc import Iterable

from streamsep.units import SILENCE_DB
from streamsep_bridge.osc.dispatch import ERRORS_PER_S
from streamsep_bridge.osc.fx import FX_TABLE
from streamsep_bridge.osc.layouts.strips import FLOOR_DB
from streamsep_bridge.osc.schedule import MAX_AHEAD_S, MAX_WAITING
from streamsep_bridge.osc.server import MAX_CONNECTIONS, PORT
from streamsep_bridge.osc.subscribers import MAX_PATTERNS, MAX_SUBSCRIBERS
from streamsep_bridge.osc.table import (
    ACTION,
    FLOAT,
    REPORT,
    SWITCH,
    TABLE,
    TEXT,
    VALUE,
    Argument,
    Control,
)
from streamsep_bridge.osc.tcp import HALF_S
from streamsep_bridge.osc.units import unit
from streamsep_bridge.oscquery.server import PORT as QUERY_PORT
from streamsep_bridge.oscquery.visitor import VISIT_S

_HEAD = f"""# OSC

This page is written from the table that the server itself follows: `python -m streamsep_bridge.osc.generate`.

    streamsep live --osc                                # this machine only, UDP and TCP, port {PORT}
    streamsep live --osc --osc-listen 0.0.0.0 --osc-allow 192.168.1.20
    streamsep live --osc --oscquery                     # controllers see all of this page over HTTP
    oscsend 127.0.0.1 {PORT} /streamsep/stem/vocals/gain_db f -12

`<stem>` is a stem of the model that plays: `vocals`, `drums`, `bass`, `other`, or those of another preset.
Numbers may be `i`, `h`, `f` or `d`; a switch takes 0 or 1, or `F` or `T`; names are strings. An argument with
a default may be left out. OSC patterns work: `/streamsep/stem/*/mute`, `/streamsep/stem/{{bass,drums}}/gain`.
`examples/07_osc_fader.py` and `09_light_show.py` do it from Python.
"""

_VALUES = """## Values

Set one by sending it. Sent without arguments, the address asks: the answer is the value, to who asked.
A fader goes to its new value in `ramp_s`, without a click.
"""

_ORDERS = """## Orders

An order without arguments may carry a single 1, `T`, `I` or `N`, as buttons send it. Orders that take a while
(presets, scenes, takes) are done one after the other, beside the faders.
A pattern means values and reports, never orders.
"""

_FX = """## Plug-ins

Of the stems that `--fx STEM=chain.json` gives a rack; below `/streamsep/mix/fx` those of the sum.
"""

_REPORTS = """## Reports

Told to who subscribed. Sent without arguments, an address asks for the latest, where there is one: levels and
onsets begin when sound plays.
"""

_TAIL = f"""## Subscriptions

`/streamsep/subscribe pattern rate_hz expires_s port` tells you at once all that the pattern covers, then only
what changes, at most `rate_hz` times a second, in bundles. `/streamsep/stem` means all that lies below it.
Send it again before it expires. `port` is for controllers that listen on another port than they send from;
leave it out for the port you send from. What you set yourself you are not told; what others set (a keyboard,
a MIDI knob, another controller) you are. At most {MAX_SUBSCRIBERS} subscribers, of {MAX_PATTERNS} patterns
each. `--osc-feedback HOST:PORT` tells somebody everything from the start on.

## Ready-made surfaces

In `bridge/daw`, written from the same table for the stems vocals, drums, bass, other:

- **Open Stage Control**: `open-stage-control --load open-stage-control.json --send 127.0.0.1:{PORT}
  --osc-port 9001`, and here `--osc-feedback 127.0.0.1:9001`.
- **TouchOSC**: `streamsep.tosc`; connection 1 is UDP, sends to this machine's {PORT} and receives at 9001;
  here `--osc-listen 0.0.0.0 --osc-allow PHONE --osc-feedback PHONE:9001`.
- **Pure Data**: open `streamsep.pd`; vanilla objects only. `streamsep-connect HOST PORT` goes elsewhere.
- **SuperCollider**: `Streamsep.sc` into the folder for extensions; `Streamsep("127.0.0.1", {PORT}).listen`.

The last two are tried with the programs themselves (`tests/rig/test_osc_peers.py`); the first two follow the
programs' sources, manuals and files, but were not opened in the programs yet. Faders in dB end at
{FLOOR_DB:g}; mute is silence.

## Time tags

A bundle with a time tag waits for its time; faders and switches then move at their sample, the other orders
when their time has come. Tags of the past mean now; one of more than {MAX_AHEAD_S:g} s ahead is refused.
At most {MAX_WAITING} messages wait.

## What is refused

A message that cannot be obeyed changes nothing and cannot disturb the sound. Its sender is told
`/streamsep/error address reason` (at most {ERRORS_PER_S} a second) and, if it subscribed, the value that
still holds. The first fifty reasons are shown to the user; `/streamsep/status/refused` counts them all.

## Who may speak

This machine alone, unless `--osc-listen` opens a network address; then `--osc-allow` has to name senders or
networks. Others are counted and not answered. (The sender
of a UDP packet can be forged inside a network: open the port to networks that you trust.) Over OSC there are
names (of presets, scenes, profiles), never paths; takes and scenes go to the folders of the command line.

## OSCQuery

`--oscquery [PORT]` ({QUERY_PORT}) answers `http://127.0.0.1:{QUERY_PORT}/` with the whole tree as the
[OSCQuery proposal](https://github.com/Vidvox/OSCQueryProposal) draws it: types, ranges, names to choose from,
values, units; `?HOST_INFO` gives the OSC port. Single attributes: `/streamsep/mix/gain?VALUE`. Who may speak
OSC may ask; a request for a host name that is not ours is refused, a connection lasts at most {VISIT_S:g} s,
and only GET and HEAD are answered: values are set over OSC. `--announce` lets controllers find both ports by
mDNS (`_oscjson._tcp`, `_osc._udp`; `pip install 'streamsep[discover]'`), which is done without asking where
`--osc-listen` is open to others. There are no websockets: values that change are told over OSC.

## TCP

The same port, packets framed by SLIP (END before and after, as OSC 1.1 has it), at most {MAX_CONNECTIONS}
connections. A packet that has begun has to end within {HALF_S:g} s.
"""


def make_reference() -> bytes:
    """The page, UTF-8."""
    parts = [
        _HEAD,
        _VALUES + "\n" + _table(VALUE),
        _ORDERS + "\n" + _table(ACTION),
        _FX + "\n" + _rows(FX_TABLE),
        _REPORTS + "\n" + _table(REPORT),
        _TAIL,
    ]
    return "\n".join(parts).encode()


def _table(role: str) -> str:
    return _rows([control for control in TABLE if control.role == role])


def _rows(controls: Iterable[Control]) -> str:
    rows = ["| address | arguments | what |", "|---|---|---|"]
    for control in controls:
        shown = "<br>".join(_describe(control, one) for one in control.arguments)
        rows.append(f"| `{control.address}` | {shown} | {control.help} |")
    return "\n".join(rows) + "\n"


def _describe(control: Control, argument: Argument) -> str:
    """An argument in a few words: `gain_db`: dB, at most 24, 0 at the start."""
    words = [unit(argument)] if unit(argument) else []
    if argument.kind == SWITCH:
        words.append("0 or 1")
    elif argument.kind == TEXT:
        words.append(
            f"name of a {argument.choices[:-1].replace('_', ' ')}" if argument.choices else "text"
        )
    elif not math.isinf(argument.low):
        words.append(f"{argument.low:.7g} to {argument.high:.7g}")
    elif not math.isinf(argument.high):
        words.append(f"{SILENCE_DB:g} (silence) to {argument.high:.7g}")
    is_value = control.role == VALUE and argument == control.value and argument.kind == FLOAT
    if is_value and control.default is not None:
        words.append(f"{control.default:.7g} at the start")
    elif argument.default is not None:
        words.append(f"default {_show(argument.default)}")
    return f"`{argument.name}`" + (": " + ", ".join(words) if words else "")


def _show(value: float | str) -> str:
    return f"`{value}`" if isinstance(value, str) else f"{value:.7g}"
