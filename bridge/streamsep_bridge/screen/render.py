"""The screen as a picture of a status; it asks nobody and keeps nothing."""

from __future__ import annotations

from collections.abc import Mapping

from rich.console import Group, RenderableType
from rich.text import Text

from streamsep.mixer import StemControl
from streamsep_bridge.live.status import Status
from streamsep_bridge.screen.actions import HELP, MIDI_HELP, SOURCE_HELP
from streamsep_bridge.screen.meters import show_db
from streamsep_bridge.screen.strips import Strips
from streamsep_bridge.screen.view import View
from streamsep_bridge.screen.wording import (
    clock,
    count,
    describe_counts,
    describe_devices,
    describe_latency,
    describe_load,
    describe_model,
    describe_place,
    describe_source,
    describe_state,
)

_STATE_STYLES = {"playing": "bold green", "waiting": "bold yellow", "starting": "bold yellow"}
_LABEL_CELLS = 12


def render(
    status: Status,
    faders: Mapping[str, StemControl],
    view: View,
    played_s: float = 0.0,
    is_bypassed: bool = False,
) -> RenderableType:
    """The whole screen.

    Args:
        status: Of now.
        faders: By the stem's name, in the model's order.
        view: Chosen stem, held peaks, messages.
        played_s: Seconds of sound so far.
        is_bypassed: Whether the dry mixture is heard.

    Latency: 0. Thread: any. Allocates: yes. In place: no.
    """
    return Group(
        _title(status, view, played_s, is_bypassed),
        _words(status, view),
        Strips(status, faders, view),
        _figures(status),
        Text("\n".join(view.messages), style="yellow"),
        Text(_help(status, view), style="dim"),
    )


def _help(status: Status, view: View) -> str:
    """The keys that do something now."""
    lines = [
        (True, HELP),
        (status.source is not None, SOURCE_HELP),
        (view.midi is not None, MIDI_HELP),
    ]
    return "   ".join(line for is_shown, line in lines if is_shown)


def _title(status: Status, view: View, played_s: float, is_bypassed: bool) -> Text:
    title = Text("streamsep live  ", style="bold")
    style = _STATE_STYLES.get(status.state, "bold")
    title.append(describe_state(status, view.wanted), style=style)
    title.append(f"  {clock(played_s)}")
    if status.source is not None:
        title.append(f"  {describe_source(status.source)}", style="bold cyan")
    if view.midi is not None and view.midi.learning is not None:
        title.append(f"  LEARN {view.midi.learning}", style="bold magenta")
    if is_bypassed:
        title.append("  BYPASS", style="bold red")
    if status.facts:
        title.append(f"  {describe_model(status.facts)}\n")
        title.append(describe_devices(status.facts), style="dim not bold")
    return title.append("\n")


def _words(status: Status, view: View) -> Text:
    """Three lines of what is sung."""
    if view.words is None:
        return Text(end="")
    before, now, after = view.words.at(status)
    words = Text(f"{before}\n", style="dim")
    words.append(now, style="bold bright_yellow not dim")
    return words.append(f"\n{after}\n", style="not dim")


def _figures(status: Status) -> Text:
    """Delay, load, faults."""
    rows = []
    if status.facts:
        rows = [
            ("latency", describe_latency(status.latency_ms, status.buffer_ms, status.intake_ms)),
            ("load", f"{describe_load(status)} (last minute)"),
            ("model runs", describe_place(status.facts)),
            ("limiter", f"{show_db(-status.gain_reduction_db)} dB"),
        ]
    if status.racks:
        states = (
            name if state == "on" else f"{name} {state}" for name, state in status.racks.items()
        )
        rows.append(("racks", ", ".join(states)))
    counts = (status.xruns, status.late_hops, status.late_racks, status.restarts)
    has_faults = any(counts) or status.overloads
    faults = f"{describe_counts(status)}, {count(status.overloads, 'overload')}"
    figures = Text()
    for label, text in (*rows, ("faults", faults)):
        figures.append(f"\n{label:<{_LABEL_CELLS}}", style="dim")
        figures.append(text, style="yellow" if label == "faults" and has_faults else "")
    return figures.append("\n")
