"""A session's figures in words, for the screen and for plain lines alike."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from streamsep.units import samples_to_ms
from streamsep_bridge.live.status import Status

STARTING = "starting (a first start takes up to a minute: it translates machine code)"


def describe_event(event: Mapping[str, Any], wanted: str) -> str:
    """What happened; "" where there is nothing to say about it.

    Args:
        event: See `LiveSession.listen`.
        wanted: Devices that the session waits for, in words.
    """
    what = event["event"]
    if what == "waiting":
        return f"waiting for {wanted}: {event['reason']}"
    if what == "lost":
        return f"{event['reason']}; the sound returns with it"
    if what == "source_ended":
        return event["reason"] or "the source has ended"
    if what == "rack":
        return f"rack of {event['chain']} {event['state']}: it {event['reason']}"
    if what in ("midi", "osc", "microphone", "daw"):
        return event["text"]
    if what not in ("playing", "changed"):
        return ""
    latency_ms = samples_to_ms(event["latency_samples"], event["sample_rate"]) + event["intake_ms"]
    return (
        f"{what if what == 'playing' else 'changed to'} {describe_model(event)}, "
        f"{describe_devices(event)}; latency "
        f"{describe_latency(latency_ms, event['buffer_ms'], event['intake_ms'])}; "
        f"the model runs {describe_place(event)}"
    )


def describe_state(status: Status, wanted: str) -> str:
    """What the session is doing.

    Args:
        status: Of now.
        wanted: Devices that it waits for, in words.
    """
    if status.state in ("starting", "waiting") and status.reason:
        return f"waiting for {wanted}: {status.reason}"
    return STARTING if status.state == "starting" else status.state


def describe_latency(latency_ms: float, buffer_ms: float | None, intake_ms: float = 0.0) -> str:
    """Delay from input to output: the algorithm's, what lies between two clocks, the buffers', and all."""
    clocks = f" + {intake_ms:.1f} ms between two clocks" if intake_ms else ""
    own = f"{latency_ms - intake_ms:.1f} ms{clocks}"
    if buffer_ms is None:
        return f"{own} + buffers unknown"
    return f"{own} + {buffer_ms:.1f} ms buffers = {latency_ms + buffer_ms:.1f} ms"


def describe_load(status: Status) -> str:
    """Share of a block's time that the callback took in the last minute."""
    return f"p99 {100.0 * status.load_p99:.0f} %, max {100.0 * status.load_max:.0f} % of a block"


def describe_place(facts: Mapping[str, Any]) -> str:
    """Where the model runs, how long a hop took when it was timed, and what may delay it."""
    place = "in the callback" if facts["is_inline"] else "in a worker"
    if facts["engine"] != "compiled":
        place = f"by engine {facts['engine']} {place}"
    wanted = facts.get("wanted_engine", facts["engine"])
    if wanted != facts["engine"]:
        place = f"by engine {facts['engine']}, for {wanted} cannot run here, {place}"
    if facts["hop_ms"] is not None:
        place = f"{place}, {facts['hop_ms']:.2f} ms a hop"
    if not facts["is_native"]:
        place = f"{place}, called from Python, which may be heard as gaps"
    return place if facts["has_priority"] else f"{place}, without real-time priority"


def describe_model(facts: Mapping[str, Any]) -> str:
    """What separates."""
    return f"{facts['preset']} at {facts['profile']}"


def describe_devices(facts: Mapping[str, Any]) -> str:
    """What it plays through."""
    return (
        f"{facts['input']} to {facts['output']} ({facts['api']}), {facts['sample_rate']} Hz, "
        f"blocks of {facts['block_size']}"
    )


def describe_counts(status: Status) -> str:
    """What went wrong so far."""
    gaps = f"{count(status.gaps, 'gap')}, " if status.gaps else ""
    racks = f"{count(status.late_racks, 'late rack')}, " if status.late_racks else ""
    return (
        f"{count(status.xruns, 'xrun')}, {count(status.late_hops, 'late hop')}, {racks}{gaps}"
        f"{count(status.restarts, 'restart')}"
    )


def describe_source(source: Mapping[str, Any]) -> str:
    """Where a file is: `1:01 min of 3:30 min, paused`."""
    marks = (("is_paused", ", paused"), ("is_looped", ", looped"), ("is_over", ", ended"))
    words = "".join(word for name, word in marks if source[name])
    return f"{clock(source['position_s'])} of {clock(source['duration_s'])}{words}"


def count(number: int, thing: str) -> str:
    """`1 xrun`, `2 xruns`."""
    return f"{number} {thing}" if number == 1 else f"{number} {thing}s"


def clock(seconds: float) -> str:
    """`61.5` is `1:01 min`."""
    minutes, rest = divmod(int(seconds), 60)
    return f"{minutes}:{rest:02d} min"
