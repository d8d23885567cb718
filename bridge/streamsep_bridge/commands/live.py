"""`streamsep live`: sound in, stems out; faders, mutes and a screen while it plays."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from streamsep.commands import Command
from streamsep.commands.options import (
    add_fader_options,
    add_fx_option,
    add_model_options,
    fx_choices,
    positive_int,
    seconds,
    set_faders,
)
from streamsep.errors import ParameterError
from streamsep_bridge.commands.daw import add_daw_option, daw_beside, use_project
from streamsep_bridge.commands.midi import add_midi_option, midi_control, moved_by
from streamsep_bridge.commands.osc import (
    add_osc_options,
    bring_scene,
    driven_by_osc,
    last_session_kept,
    make_scenes,
)
from streamsep_bridge.commands.playing import add_show_options, choose_face, exit_code_of

if TYPE_CHECKING:
    from streamsep_bridge.live.session import LiveSession

RING_S = 10.0
"""Seconds that a disk may be slow before frames of a take are lost."""


def _add_arguments(parser: argparse.ArgumentParser) -> None:
    sound = parser.add_argument_group("sound (`streamsep devices` lists what is there)")
    sound.add_argument(
        "--in", dest="input", metavar="DEV", help="a part of its name, or its number"
    )
    sound.add_argument("--out", dest="output", metavar="DEV", help="the same")
    sound.add_argument("--rate", type=positive_int, metavar="HZ", help="sample rate (the output's)")
    sound.add_argument(
        "--block",
        type=positive_int,
        default=0,
        metavar="N",
        help="samples per callback (the device's own, which adds no delay)",
    )
    sound.add_argument("--mono", action="store_true", help="one channel instead of two")
    sound.add_argument(
        "--outs",
        choices=("mix", "stems"),
        help="the mix, or every stem on channels of its own, at unity (mix; with --daw stems)",
    )
    sound.add_argument(
        "--split",
        action="store_true",
        help="input and output keep time by themselves: two devices, each with its own clock "
        "(where their APIs or rates differ, this is done without asking)",
    )
    sound.add_argument(
        "--wait", action="store_true", help="wait for a device that is not there yet"
    )
    source = parser.add_argument_group("a file instead of an input")
    source.add_argument("--source", metavar="FILE", help="play this; ends with it")
    source.add_argument("--loop", action="store_true", help="over and over, without a gap")
    source.add_argument(
        "--start", type=seconds, default=0.0, metavar="S", help="begin so far into it"
    )
    model = parser.add_argument_group("separation")
    add_model_options(model)
    model.add_argument(
        "--mode",
        choices=("auto", "inline", "worker"),
        default="auto",
        help="where the model runs: in the callback, beside it, or as it can (%(default)s)",
    )
    mix = parser.add_argument_group("mix")
    add_fader_options(mix)
    add_fx_option(mix)
    mix.add_argument(
        "--allow-latency", action="store_true", help="plug-ins may be more than 50 ms late"
    )
    mix.add_argument("--bypass", action="store_true", help="begin with the dry mixture")
    mix.add_argument("--no-limiter", action="store_true", help="let the mix exceed full scale")
    add_midi_option(parser)
    add_osc_options(parser)
    add_daw_option(parser)
    parser.add_argument(
        "--record", metavar="DIR", help="write input, every stem and the mix to files in a folder"
    )
    add_show_options(parser)


def _run(arguments: argparse.Namespace) -> int:
    from streamsep_bridge.live.early_host import host_started_early

    def play() -> None:
        with host_started_early():  # it takes as long to load as what follows
            _play(arguments)

    return exit_code_of(play)


def _play(arguments: argparse.Namespace) -> None:
    from streamsep_bridge.live.session import LiveSession
    from streamsep_bridge.screen.show import play

    use_project(arguments)
    session = LiveSession(
        arguments.preset,
        profile=arguments.profile,
        stem_set=arguments.stems,
        precision=arguments.precision,
        mode=arguments.mode,
        engine=arguments.engine,
        input=arguments.input,
        output=arguments.output,
        sample_rate=arguments.rate,
        block_size=arguments.block,
        channels=1 if arguments.mono else 2,
        stem_outputs=arguments.outs == "stems",
        limiter=not arguments.no_limiter,
        record_s=RING_S if arguments.record or arguments.takes else 0.0,
        source=arguments.source,
        loop=arguments.loop,
        split=arguments.split,
        fx=fx_choices(arguments),
        allow_latency=arguments.allow_latency,
    )
    if arguments.start:
        start_source_at(session, arguments.start)
    if arguments.record:
        record_when_it_plays(session, arguments.record)
    scenes = make_scenes(session, arguments)
    bring_scene(session, scenes, arguments)
    set_faders(session.stems, arguments)
    session.bypass |= arguments.bypass
    midi = midi_control(session, arguments.midi)
    face = choose_face(session, arguments, (arguments.input, arguments.output), midi)
    with (
        moved_by(midi, face),
        driven_by_osc(session, scenes, arguments, face),
        daw_beside(session, arguments, face),
        last_session_kept(session),
    ):
        play(session, face, arguments.seconds, arguments.wait)


def record_when_it_plays(session: LiveSession, folder: str) -> None:
    """Begin a take with the first sound; it lasts to the end of the session."""

    def begin(event: dict[str, object]) -> None:
        if event["event"] == "playing":
            stop_listening()
            session.record(folder)

    stop_listening = session.listen(begin)


def start_source_at(session: LiveSession, start_s: float) -> None:
    """Begin a file as the option --start says.

    Raises:
        ParameterError: There is no file, or it is shorter.
    """
    if session.source is None:
        raise ParameterError(f"--start {start_s:g} needs a file; name one with --source")
    if start_s >= session.source.duration_s:
        raise ParameterError(
            f"--start {start_s:g} is beyond {session.source.path}, which lasts "
            f"{session.source.duration_s:.1f} s"
        )
    session.source.seek(start_s)


command = Command(
    name="live",
    help="separate what plays now, between a sound input and a sound output",
    example="streamsep live --in system --out system --mute vocals",
    add_arguments=_add_arguments,
    run=_run,
)
