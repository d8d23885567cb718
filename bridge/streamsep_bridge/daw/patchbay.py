"""Who hears whom: the DAW's mixture goes to the bridge, its stems or its mix to the DAW, and nothing else.

PortAudio connects a stream with a device's first ports, whatever they are; here they are put right.
"""

from __future__ import annotations

import time
from collections.abc import Sequence

from streamsep_bridge.daw.libjack import Jack, open_jack
from streamsep_bridge.daw.setup import MIXTURE, DawError, DawSetup

WAIT_S = 5.0
"""The ports of both sides get so long to come."""

_BRIDGE = "PortAudio"
_MASTER = "Master"


def patch(setup: DawSetup, has_stem_outputs: bool, client: str = "ardour") -> None:
    """Connect Ardour and the bridge that plays; other connections of both are undone.

    Args:
        setup: Of the session.
        has_stem_outputs: Whether the bridge gives stems, for a track each, or its own mix, for the master.
        client: Ardour's name at the server.

    Raises:
        DawError: One of the two is not there, or there are several bridges.
    """
    end = time.monotonic() + WAIT_S
    with open_jack() as jack:
        while True:
            try:
                wanted = _wanted(jack, setup, has_stem_outputs, client)
                break
            except DawError:
                if time.monotonic() > end:
                    raise
                time.sleep(0.1)
        ends = {port for pair in wanted for port in pair if not port.startswith(f"{client}:")}
        for track in (MIXTURE, *setup.tracks.values()):
            ends.update(_track(jack, client, track, is_input=track != MIXTURE))
        for port in ends:
            _clear(jack, port, wanted)
        for source, target in wanted:
            jack.connect(source, target)


def _wanted(
    jack: Jack, setup: DawSetup, has_stem_outputs: bool, client: str
) -> list[tuple[str, str]]:
    bridge = find_bridge(jack, client)
    heard, played = (sorted(jack.ports(bridge, side), key=_number) for side in (True, False))
    sources = _track(jack, client, MIXTURE, is_input=False)[: len(heard)]
    targets = []
    for track in setup.tracks.values() if has_stem_outputs else (_MASTER,):
        ports = _track(jack, client, track, is_input=True)
        targets += ports[: len(heard)] if has_stem_outputs else ports
    if len(sources) < len(heard) or len(targets) < len(played):
        raise DawError(
            f"{client} has no track {MIXTURE} or not every one of {', '.join(setup.tracks.values())}; "
            "open the session that `streamsep daw ardour` made"
        )
    return [*zip(sources, heard, strict=False), *zip(played, targets, strict=False)]


def find_bridge(jack: Jack, client: str) -> str:
    """Name of the bridge's client: the one of PortAudio that hears the DAW, or the only one.

    Args:
        jack: A server.
        client: The DAW's name.

    Raises:
        DawError: There is none, or nothing tells which of several it is.
    """
    found = [name for name in jack.clients() if name.startswith(_BRIDGE)]
    if len(found) > 1:
        found = [name for name in found if _hears(jack, name, client)]
    if len(found) != 1:
        how_many = "several programs use" if found else "no program uses"
        raise DawError(
            f"{how_many} PortAudio with {client}; start `streamsep live` with --in {client} --out {client}"
        )
    return found[0]


def _hears(jack: Jack, name: str, client: str) -> bool:
    return any(
        other.startswith(f"{client}:")
        for port in jack.ports(name, is_input=True)
        for other in jack.connected(port)
    )


def _track(jack: Jack, client: str, track: str, is_input: bool) -> list[str]:
    start = f"{client}:{track}/"
    return [port for port in jack.ports(client, is_input) if port.startswith(start)]


def _number(port: str) -> int:
    """Place of a PortAudio port: in_10 comes after in_9, and numbers need not begin at 0."""
    digits = port.rpartition("_")[2]
    return int(digits) if digits.isdecimal() else 0


def _clear(jack: Jack, port: str, wanted: Sequence[tuple[str, str]]) -> None:
    for other in jack.connected(port):
        for pair in ((port, other), (other, port)):
            if pair not in wanted:
                jack.disconnect(*pair)
