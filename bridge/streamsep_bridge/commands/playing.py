"""What commands that play have in common: how they are shown, and how they end."""

from __future__ import annotations

import argparse
import contextlib
import signal
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from types import FrameType
from typing import TYPE_CHECKING, NoReturn

from streamsep.commands.options import positive_seconds

if TYPE_CHECKING:
    from streamsep_bridge.karaoke.words import Words
    from streamsep_bridge.live.session import LiveSession
    from streamsep_bridge.midi.control import MidiControl
    from streamsep_bridge.screen.face import Face

EXIT_INTERRUPTED, EXIT_TERMINATED = 130, 143
"""As a shell reports SIGINT and SIGTERM."""


def add_show_options(parser: argparse.ArgumentParser) -> None:
    """Add how long it plays, and what of it is shown."""
    show = parser.add_argument_group("what is shown")
    show.add_argument("--seconds", type=positive_seconds, metavar="S", help="end after so long")
    show.add_argument("--json", action="store_true", help="events as JSON, one object a line")
    show.add_argument("--quiet", action="store_true", help="print errors only")


def exit_code_of(play: Callable[[], None]) -> int:
    """Play until it ends, or is ended by Ctrl-C or SIGTERM; the exit code."""
    try:
        with _sigterm_raises():
            play()
    except _TerminatedError:
        return EXIT_TERMINATED
    except KeyboardInterrupt:
        return EXIT_INTERRUPTED
    return 0


def choose_face(
    session: LiveSession,
    arguments: argparse.Namespace,
    devices: Sequence[str | None],
    midi: MidiControl | None = None,
    words: Words | None = None,
) -> Face:
    """JSON where asked for, a screen in a terminal, lines elsewhere.

    Args:
        session: What is shown.
        arguments: With json and quiet.
        devices: Names that the session waits for.
        midi: Learns controls from the screen.
        words: Are shown when they are sung.
    """
    if arguments.json:
        from streamsep_bridge.screen.events import Events

        return Events()
    from streamsep.commands.console import make_console
    from streamsep_bridge.screen.face import Face
    from streamsep_bridge.screen.lines import Lines
    from streamsep_bridge.screen.terminal import Screen

    if arguments.quiet:
        return Face()
    names = dict.fromkeys(name for name in devices if name)
    wanted = " and ".join(names) or "a device"
    console = make_console(is_quiet=False, to_stderr=False)
    # Rich can be talked into colours for a log file; a screen needs a real terminal.
    if sys.stdout.isatty() and not console.is_dumb_terminal:
        return Screen(session, console, wanted, midi, words)
    return Lines(console, wanted, words)


class _TerminatedError(KeyboardInterrupt):
    """SIGTERM came; it unwinds as Ctrl-C does."""


@contextlib.contextmanager
def _sigterm_raises() -> Iterator[None]:
    if threading.current_thread() is not threading.main_thread():
        yield  # signals reach only the main thread
        return

    def terminate(number: int, frame: FrameType | None) -> NoReturn:
        raise _TerminatedError

    before = signal.signal(signal.SIGTERM, terminate)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)
