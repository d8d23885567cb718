"""The one place where PortAudio is imported, and where its errors become ours.

On Linux `import sounddevice` itself fails where the library is missing, and PortAudio finds a JACK server
only if it runs when PortAudio starts: `restart` looks again.
"""

from __future__ import annotations

import contextlib
import importlib
import sys
import threading
from collections.abc import Callable, Iterator
from typing import Any

from streamsep.errors import MissingExtraError, StreamsepError

ANSWER_S = 10.0
"""Opening a stream takes a second where servers are slow."""


class DeviceError(StreamsepError, OSError):
    """A sound card is missing, busy, or does not offer what is asked of it."""


def load_sounddevice() -> Any:
    """The module `sounddevice`.

    Raises:
        MissingExtraError: The package is not installed.
        DeviceError: The PortAudio library is not installed.
    """
    try:
        return importlib.import_module("sounddevice")
    except ImportError:
        raise MissingExtraError("live sound", "sounddevice", "live") from None
    except OSError:
        remedy = "apt install libportaudio2" if sys.platform == "linux" else "install PortAudio"
        raise DeviceError(f"the PortAudio library is missing; {remedy}") from None


def end() -> None:
    """A farewell to PortAudio's servers; JACK would wait for who leaves without. No stream may be open.

    Hangs over a server that died.
    """
    load_sounddevice()._terminate()


@contextlib.contextmanager
def answer_expected(on_silence: Callable[[], None]) -> Iterator[None]:
    """Around calls that PortAudio hands on to its servers: a server that hangs keeps them for ever.

    Args:
        on_silence: Called in another thread when they take longer than `ANSWER_S`. The call itself cannot
            be ended; the process can.
    """
    timer = threading.Timer(ANSWER_S, on_silence)
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()


def restart() -> Any:
    """Start PortAudio anew, so that it sees what was plugged in or started since; no stream may be open."""
    sounddevice = load_sounddevice()
    sounddevice._terminate()
    sounddevice._initialize()
    return sounddevice
