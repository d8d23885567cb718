"""The process that reads a MIDI input: `python -m streamsep_bridge.midi.reader [NAME API]`.

Without arguments it writes the inputs that are there as JSON. With them it waits for that input, opens
it, and writes one JSON array a line: [] when it is open, then the bytes of every message. It ends when
the input is gone, or when its own standard input ends. See `ports` for why this is a process.
"""

from __future__ import annotations

import contextlib
import json
import signal
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import asdict
from typing import Any

from streamsep_bridge.midi.ports import MidiPort, stable_name

LOOK_S = 0.5
"""Pause before an input is looked for again, and between looks whether it is still there."""

POLL_S = 0.002
"""Pause between messages. A callback would run in the driver's thread: in JACK's a wait for Python
would cost audio.
"""

CLIENT = "streamsep"


def main() -> None:
    """List or read."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the parent's business
    clients: dict[str, Any] = {}
    if len(sys.argv) == 1:
        open_clients(clients)
        say([asdict(port) for _, _, port in find_all(clients)])
    else:
        ended = threading.Event()
        threading.Thread(target=wait_for_end, args=(ended,), daemon=True).start()
        with contextlib.suppress(OSError):  # nobody listens any more
            read(MidiPort(*sys.argv[1:]), clients, ended)
    close(clients)


def open_clients(clients: dict[str, Any]) -> None:
    """Add a client of every API that has none yet and whose server is there, by the API's name."""
    import rtmidi

    for api in rtmidi.get_compiled_api():
        label = rtmidi.get_api_display_name(api)
        if label not in clients:
            with contextlib.suppress(rtmidi.RtMidiError):
                clients[label] = rtmidi.MidiIn(api, name=CLIENT)


def close(clients: dict[str, Any]) -> None:
    """A farewell: a JACK server waits seconds for clients that leave without one.

    Over a server that has died this is the end of the process, too, only a louder one.
    """
    for client in clients.values():
        client.close_port()
        client.delete()


def find_all(clients: dict[str, Any]) -> Iterator[tuple[Any, int, MidiPort]]:
    """Clients, indices in them, and inputs."""
    for api, client in clients.items():
        for index, name in enumerate(client.get_ports()):
            if not name.startswith(f"{CLIENT}:"):
                yield client, index, MidiPort(stable_name(name, api), api)


def read(wanted: MidiPort, clients: dict[str, Any], ended: threading.Event) -> None:
    """Wait for an input and pass on what comes from it until it is gone, or the end."""
    while not ended.is_set():
        # They stay open meanwhile: in JACK every client that comes or goes disturbs the others.
        open_clients(clients)
        for client, index, port in find_all(clients):
            if port == wanted:
                client.open_port(index, name="control")
                pass_on(client, wanted, ended)
                return
        ended.wait(LOOK_S)


def pass_on(client: Any, port: MidiPort, ended: threading.Event) -> None:
    """Write every message until the input is gone, or the end."""
    say([])
    looked_at_s = time.monotonic()
    while not ended.is_set():
        message = client.get_message()
        if message is not None:
            say(message[0])
            continue
        time.sleep(POLL_S)
        if time.monotonic() - looked_at_s > LOOK_S:
            looked_at_s = time.monotonic()
            if port.name not in [stable_name(name, port.api) for name in client.get_ports()]:
                return


def wait_for_end(ended: threading.Event) -> None:
    """Whoever started this holds the other end of its standard input."""
    sys.stdin.read()
    ended.set()


def say(what: list[Any]) -> None:
    """One line."""
    sys.stdout.write(json.dumps(what) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
