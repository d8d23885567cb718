"""`streamsep daw ardour|reaper`: a project for the bridge; and --daw of `live`, which plays beside it."""

from __future__ import annotations

import argparse
import contextlib
import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from streamsep.commands import Command
from streamsep.commands.options import positive_int
from streamsep.errors import ParameterError

if TYPE_CHECKING:
    from streamsep_bridge.daw.setup import DawSetup
    from streamsep_bridge.live.session import LiveSession
    from streamsep_bridge.screen.face import Face

FOLDER = "stems-session"


def _add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("daw", choices=("ardour", "reaper"), help="for which program")
    parser.add_argument(
        "--session",
        metavar="DIR",
        default=FOLDER,
        help="folder of the project; in one that is there, only the delay is written anew (%(default)s)",
    )
    parser.add_argument("--song", metavar="FILE", help="put this on the track Mixture (Ardour)")
    model = parser.add_argument_group("separation (of a new project)")
    model.add_argument("--preset", metavar="NAME", help="preset's name or JSON file")
    model.add_argument("--stems", metavar="SET", help="2stems, 4stems or 5stems")
    model.add_argument("--profile", metavar="NAME", help="studio, stage, tight or instant")
    server = parser.add_argument_group("sound server (what JACK or PipeWire says, if it runs)")
    server.add_argument("--rate", type=positive_int, metavar="HZ", help="sample rate")
    server.add_argument("--block", type=positive_int, metavar="N", help="samples per period")


def _run(arguments: argparse.Namespace) -> int:
    from streamsep_bridge.daw.setup import FILE_NAME

    folder = Path(arguments.session).absolute()
    make = _renew if (folder / FILE_NAME).is_file() else _make
    for line in make(arguments, folder):
        sys.stdout.write(line + "\n")
    return 0


def _make(arguments: argparse.Namespace, folder: Path) -> list[str]:
    """A new project, and what is to be done next."""
    from streamsep_bridge.daw.setup import plan_setup

    rate, block = _server(arguments)
    model = (arguments.preset, arguments.profile, arguments.stems)
    if arguments.daw == "reaper":
        from streamsep_bridge.daw.reaper_project import PORTS, make_script

        setup = plan_setup("reaper", *model, rate, block, 0)
        script = make_script(folder, setup)
        _save(setup, folder)
        return [
            f"{script} builds the tracks (not yet run in REAPER by us): load it in the action list",
            PORTS.format(port=setup.osc_port),
            f"then: streamsep live --daw {folder} --in DEVICE --out DEVICE",
        ]
    from streamsep.audio.reader import open_audio
    from streamsep_bridge.daw.ardour_program import port_samples
    from streamsep_bridge.daw.ardour_session import make_session, read_session, write_session
    from streamsep_bridge.daw.ardour_song import add_song

    if arguments.song:
        open_audio(arguments.song).close()  # before anything is made
    setup = plan_setup("ardour", *model, rate, block, port_samples())
    path = make_session(folder, setup)
    if arguments.song:
        root = read_session(path)
        add_song(folder, root, Path(arguments.song), rate)
        write_session(path, root)
    _save(setup, folder)
    return [
        f"{path}: {', '.join(setup.tracks.values())}, {setup.delay_samples} samples made good "
        f"at {rate} Hz, blocks of {block}",
        f"1. the sound server at {rate} Hz with blocks of {block}: jackd -d alsa -r {rate} -p {block}",
        f"2. ardour {path}   (backend JACK)",
        f"3. streamsep live --daw {folder}",
    ]


def _renew(arguments: argparse.Namespace, folder: Path) -> list[str]:
    """Write the delay of now into a project that is there."""
    from streamsep.spec import find_profile
    from streamsep_bridge.daw.setup import DawError, load_setup

    setup = load_setup(folder)
    if setup.daw != arguments.daw:
        raise DawError(f"{folder} is a project for {setup.daw}; choose another folder")
    if arguments.song or arguments.preset or arguments.stems:
        raise ParameterError(
            f"{folder} is there already, and only its delay is written anew; for another song or other "
            "stems choose another folder"
        )
    rate, block = _server(arguments, setup)
    if rate != setup.sample_rate:
        raise ParameterError(
            f"{folder} has {setup.sample_rate} Hz, not {rate}; start the server at {setup.sample_rate} Hz"
        )
    profile = find_profile(arguments.profile or setup.profile)
    if (profile.name, block) != (setup.profile, setup.block_size):
        setup = replace(
            setup,
            profile=profile.name,
            block_size=block,
            latency_samples=profile.latency_samples(block),
        )
    if setup.daw == "reaper":
        from streamsep_bridge.daw.reaper_project import make_script

        make_script(folder, setup)
    else:
        from streamsep_bridge.daw.ardour_program import port_samples
        from streamsep_bridge.daw.ardour_session import (
            read_session,
            session_file,
            write_delay,
            write_session,
        )

        setup = replace(setup, port_samples=port_samples())
        root = read_session(session_file(folder))
        write_delay(root, setup.delay_samples)
        write_session(session_file(folder), root)
    _save(setup, folder)
    return [f"{folder}: {setup.delay_samples} samples made good; open it in {setup.daw} anew"]


def _save(setup: DawSetup, folder: Path) -> None:
    replace(setup, written_samples=setup.delay_samples).save(folder)


def _server(arguments: argparse.Namespace, setup: DawSetup | None = None) -> tuple[int, int]:
    """Rate and period: as the options say, else as the server that runs does, else as they were.

    Raises:
        DawError: Nothing says it.
    """
    from streamsep_bridge.daw.libjack import open_jack
    from streamsep_bridge.daw.setup import DawError

    if arguments.rate and arguments.block:
        return arguments.rate, arguments.block
    try:
        with open_jack() as jack:
            return arguments.rate or jack.sample_rate, arguments.block or jack.block_size
    except DawError as error:
        if setup is not None:
            return arguments.rate or setup.sample_rate, arguments.block or setup.block_size
        raise DawError(f"{error}, or say --rate 48000 --block 256") from None


def add_daw_option(parser: argparse.ArgumentParser) -> None:
    """Add the option that `use_project` reads."""
    parser.add_argument(
        "--daw",
        metavar="DIR",
        help="play beside the project that `streamsep daw` made there: sound, faders, playhead",
    )


def use_project(arguments: argparse.Namespace) -> None:
    """Take from the project what the options do not say.

    Raises:
        DawError: There is none in the folder.
        ParameterError: What is asked for beside contradicts it.
    """
    if arguments.daw is None:
        return
    if arguments.mono or arguments.source:
        other = "--mono" if arguments.mono else f"--source {arguments.source}"
        raise ParameterError(
            f"--daw {arguments.daw} is stereo and plays what is on its track Mixture; leave out {other}"
        )
    from streamsep_bridge.daw.setup import load_setup

    setup = load_setup(Path(arguments.daw).absolute())
    arguments.preset = arguments.preset or setup.preset
    arguments.profile = arguments.profile or setup.profile
    arguments.stems = arguments.stems or setup.stem_set
    arguments.outs = arguments.outs or "stems"
    if setup.daw == "ardour":
        arguments.input = arguments.input or "ardour"
        arguments.output = arguments.output or "ardour"


def daw_beside(
    session: LiveSession, arguments: argparse.Namespace, face: Face
) -> contextlib.AbstractContextManager[object]:
    """The project at work with the session, once it is entered; nothing without the option.

    Raises:
        DawError: There is no project.
    """
    if arguments.daw is None:
        return contextlib.nullcontext()
    from streamsep_bridge.daw.beside import DawBeside

    def tell(text: str) -> None:
        face.tell({"event": "daw", "text": text})

    return DawBeside(session, Path(arguments.daw).absolute(), arguments.outs == "stems", tell)


command = Command(
    name="daw",
    help="make a project for Ardour or REAPER whose stem tracks the bridge fills",
    example="streamsep daw ardour --session song-stems --song song.wav --rate 48000 --block 256",
    add_arguments=_add_arguments,
    run=_run,
)
