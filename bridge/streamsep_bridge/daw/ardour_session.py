"""An Ardour session for the bridge: `Mixture` goes out to it, every stem comes back on a track of its own.

Ardour makes the session itself; what its scripts cannot say is written into the file afterwards. The delay
of the way through the bridge is written as a latency of the `Mixture` track's output: Ardour then plays that
track so much earlier, and what comes back arrives where the mixture stands, to the sample. Takes therefore
need no shift (`alignment-choice` says that they lie where they arrive), and neither do stems that are heard.
"""

from __future__ import annotations

import json
import os
import shutil
import xml.etree.ElementTree as ElementTree
from pathlib import Path
from xml.etree.ElementTree import Element, SubElement

from streamsep_bridge.daw.ardour_program import run_lua
from streamsep_bridge.daw.setup import MIXTURE, DawError, DawSetup

_MADE = "streamsep: made"

_LUA = """
assert(AudioEngine:set_backend("None (Dummy)", "", ""))
local session = assert(create_session({folder}, {name}, {rate}))
for _, track in ipairs{{{tracks}}} do
  session:new_audio_track(2, 2, nil, 1, track,
    ARDOUR.PresentationInfo.max_order, ARDOUR.TrackMode.Normal, true)
end
session:save_state("")
close_session()
print({made})
quit()
"""


def session_file(folder: Path) -> Path:
    """The file of a session in its folder, of which it has the name."""
    return folder / f"{folder.name}.ardour"


def make_session(folder: Path, setup: DawSetup) -> Path:
    """Make the session; its file.

    Args:
        folder: Must not exist.
        setup: For what.

    Raises:
        DawError: Ardour is not installed or fails, or the folder exists.
    """
    if folder.exists():
        raise DawError(f"{folder} exists and is no session of ours; choose another folder")
    folder.parent.mkdir(parents=True, exist_ok=True)
    tracks = (MIXTURE, *setup.tracks.values())
    words = run_lua(
        _LUA.format(
            folder=json.dumps(str(folder.absolute()), ensure_ascii=False),
            name=json.dumps(folder.name, ensure_ascii=False),
            rate=setup.sample_rate,
            tracks=", ".join(json.dumps(track, ensure_ascii=False) for track in tracks),
            made=json.dumps(_MADE),
        )
    )
    path = session_file(folder)
    if _MADE not in words or not path.is_file():
        raise DawError(f"Ardour made no session in {folder}: {words.strip()[-200:]}")
    root = read_session(path)
    _finish(root, setup)
    write_delay(root, setup.delay_samples)
    write_session(path, root)
    return path


def read_session(path: Path) -> Element:
    """The root of a session's file.

    Raises:
        DawError: It is missing or damaged.
    """
    try:
        return ElementTree.parse(path).getroot()
    except (OSError, ElementTree.ParseError) as error:
        raise DawError(f"{path} cannot be read: {error}") from error


def write_session(path: Path, root: Element) -> None:
    """Write a session's file, whole or not at all; what it was stays beside it."""
    ElementTree.indent(root)
    new = path.with_suffix(".ardour.new")
    ElementTree.ElementTree(root).write(new, encoding="UTF-8", xml_declaration=True)
    if path.exists():
        shutil.copyfile(path, path.with_suffix(".ardour.before"))
    os.replace(new, path)


def find_route(root: Element, name: str) -> Element:
    """The track or bus of that name.

    Raises:
        DawError: There is none.
    """
    for route in root.iterfind("Routes/Route"):
        if route.get("name") == name:
            return route
    raise DawError(f"the session has no track '{name}'; it has been renamed or removed")


def write_delay(root: Element, delay_samples: int) -> None:
    """Have Ardour play the mixture so much earlier.

    Args:
        root: Changed in place.
        delay_samples: From its track's output to the stems' inputs.
    """
    for processor in find_route(root, MIXTURE).iterfind("Processor[@type='main-outs']"):
        processor.set("user-latency", str(delay_samples))
        processor.set("use-user-latency", "1")


def read_delay(root: Element) -> int:
    """What `write_delay` wrote; 0 where there is nothing."""
    for processor in find_route(root, MIXTURE).iterfind("Processor[@type='main-outs']"):
        if processor.get("use-user-latency") == "1":
            return int(processor.get("user-latency", "0"))
    return 0


def _finish(root: Element, setup: DawSetup) -> None:
    # Ardour connects new tracks in a thread of its own, or has not yet: what is wanted is written.
    stems = tuple(setup.tracks.values())
    for name in (MIXTURE, *stems):
        # Ports that are never half connected keep the delay of their resamplers.
        _connect(root, name, "Input", ())
        to_master = () if name == MIXTURE else ("Master/audio_in {}",)
        _connect(root, name, "Output", to_master)
    _connect(root, "Master", "Input", tuple(f"{name}/audio_out {{}}" for name in stems))
    _connect(root, "Master", "Output", ("system:playback_{}",))
    mixture = find_route(root, MIXTURE)
    # While a stem is soloed, the mixture still has to feed the bridge.
    _switch(mixture, "solo-iso", "solo-isolated")
    for name in setup.tracks.values():
        track = find_route(root, name)
        track.set("alignment-choice", "UseCaptureTime")
        _switch(track, "rec-enable")
    for option in root.iterfind("Config/Option"):
        if option.get("name") == "use-transport-fades":  # the bridge would hear, and keep, the fade
            option.set("value", "0")
    for hints in root.iterfind("EngineHints"):  # it was made without sound
        hints.attrib.clear()
        hints.set("backend", "JACK")
    protocols = root.find("ControlProtocols")
    for protocol in () if protocols is None else protocols:
        if "OSC" in protocol.get("name", ""):
            protocol.set("active", "1")


def _connect(root: Element, name: str, direction: str, others: tuple[str, ...]) -> None:
    """Connect every port of a route with those of others that have its number, and with nothing else."""
    for n, port in enumerate(find_route(root, name).iterfind(f"IO[@direction='{direction}']/Port")):
        for connection in list(port.iterfind("Connection")):
            port.remove(connection)
        for other in others:
            SubElement(port, "Connection", {"other": other.format(n + 1)})


def _switch(route: Element, name: str, twin: str | None = None) -> None:
    for control in route.iterfind(f"Controllable[@name='{name}']"):
        control.set("value", "1")
        if twin is not None:
            control.set(twin, "1")
