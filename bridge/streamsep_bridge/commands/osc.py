"""What commands offer of OSC and scenes: the options of `live`, and what they start."""

from __future__ import annotations

import argparse
import contextlib
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import platformdirs

from streamsep.errors import ParameterError

if TYPE_CHECKING:
    from streamsep_bridge.live.session import LiveSession
    from streamsep_bridge.scenes.scenes import Scenes
    from streamsep_bridge.screen.face import Face

DEFAULT_PORT, DEFAULT_QUERY_PORT = 9000, 9010


def add_osc_options(parser: argparse.ArgumentParser) -> None:
    """Add the options that `driven_by_osc` and `bring_scene` read."""
    osc = parser.add_argument_group("OSC (`docs/osc.md` has the addresses)")
    osc.add_argument(
        "--osc",
        nargs="?",
        const=DEFAULT_PORT,
        type=_port,
        metavar="PORT",
        help=f"faders, switches, scenes over UDP and TCP ({DEFAULT_PORT}); this machine only, unless",
    )
    osc.add_argument(
        "--osc-listen",
        default="127.0.0.1",
        metavar="ADDRESS",
        help="listen there (0.0.0.0: everywhere)",
    )
    osc.add_argument(
        "--osc-allow",
        action="append",
        default=[],
        metavar="SENDER",
        help="who may speak beside this machine: 192.168.1.20 or 10.0.0.0/24; may be repeated",
    )
    osc.add_argument(
        "--osc-feedback",
        action="append",
        default=[],
        type=_target,
        metavar="HOST:PORT",
        help="who is told everything from the start on; others ask by /streamsep/subscribe",
    )
    osc.add_argument(
        "--oscquery",
        nargs="?",
        const=DEFAULT_QUERY_PORT,
        type=_port,
        metavar="PORT",
        help=f"tell controllers over HTTP what there is, with ranges ({DEFAULT_QUERY_PORT})",
    )
    osc.add_argument(
        "--announce",
        action="store_true",
        help="let controllers find it by mDNS (without asking, where --osc-listen is open to others)",
    )
    osc.add_argument("--takes", metavar="DIR", help="folder for takes that are begun over OSC")
    scenes = parser.add_argument_group("scenes: where everything is, under a name")
    scenes.add_argument("--scenes", metavar="DIR", help="their folder (one of your own)")
    scenes.add_argument("--scene", metavar="NAME", help="begin with this one")
    scenes.add_argument("--restore", action="store_true", help="begin where the last session ended")


def make_scenes(session: LiveSession, arguments: argparse.Namespace) -> Scenes:
    """The scenes that the options name."""
    from streamsep_bridge.scenes.scenes import Scenes

    return Scenes(
        session, arguments.scenes or Path(platformdirs.user_data_dir("streamsep")) / "scenes"
    )


def bring_scene(session: LiveSession, scenes: Scenes, arguments: argparse.Namespace) -> None:
    """Bring the session to where the options --restore and --scene say.

    Raises:
        SceneError: There is none like that, or it is damaged.
    """
    from streamsep_bridge.scenes.reading import SceneError, read_scene
    from streamsep_bridge.scenes.scene import bring

    if arguments.restore:
        if not last_session_file().exists():
            raise SceneError("no session has ended here yet; leave out --restore")
        bring(session, read_scene(last_session_file()))
    if arguments.scene is not None:
        scenes.recall(arguments.scene)


@contextlib.contextmanager
def last_session_kept(session: LiveSession) -> Iterator[None]:
    """In the end, keep where everything is, for --restore; where that cannot be written, it is not kept."""
    from streamsep_bridge.scenes.reading import SceneError
    from streamsep_bridge.scenes.scene import take
    from streamsep_bridge.scenes.scenes import write_scene

    try:
        yield
    finally:
        with contextlib.suppress(SceneError):
            write_scene(take(session), last_session_file())


def last_session_file() -> Path:
    """Where the end of the last session is kept."""
    return Path(platformdirs.user_state_dir("streamsep")) / "last-session.json"


@contextlib.contextmanager
def driven_by_osc(
    session: LiveSession, scenes: Scenes, arguments: argparse.Namespace, face: Face
) -> Iterator[None]:
    """The OSC server at work, where the options want one.

    Raises:
        ParameterError: Options that contradict each other.
        MissingExtraError: A package is not installed.
        OscError: The port cannot be had.
    """
    for option, needed in (("oscquery", "osc"), ("announce", "oscquery")):
        if getattr(arguments, option) and getattr(arguments, needed) is None:
            raise ParameterError(f"--{option} needs --{needed}; add it")
    if arguments.osc is None:
        yield
        return
    from streamsep_bridge.osc.server import OscServer
    from streamsep_bridge.oscquery.server import OscQueryServer

    def tell(text: str) -> None:
        face.tell({"event": "osc", "text": f"OSC {text}"})

    server = OscServer(
        session,
        port=arguments.osc,
        listen=arguments.osc_listen,
        allow=[one for text in arguments.osc_allow for one in text.split(",")],
        feedback=arguments.osc_feedback,
        scenes=scenes,
        takes=arguments.takes,
        tell=tell,
    )
    with contextlib.ExitStack() as stack:
        stack.enter_context(server)
        told = f"OSC at {arguments.osc_listen}, port {server.port}"
        if arguments.oscquery is not None:
            stack.enter_context(
                OscQueryServer(server, port=arguments.oscquery, announce=arguments.announce or None)
            )
            told += f"; OSCQuery at port {arguments.oscquery}"
        face.tell({"event": "osc", "text": told})
        yield


def _port(text: str) -> int:
    number = int(text) if text.isdecimal() else 0
    if not 1 <= number <= 65535:
        raise argparse.ArgumentTypeError(f"'{text}' is no port, 1 to 65535")
    return number


def _target(text: str) -> tuple[str, int]:
    host, colon, port = text.rpartition(":")
    if not colon or not host:
        raise argparse.ArgumentTypeError(f"'{text}' is no HOST:PORT")
    return host.strip("[]"), _port(port)
