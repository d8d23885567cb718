"""`streamsep karaoke`: the singer steps back, you sing; words in time, the key of your choice."""

from __future__ import annotations

import argparse
import contextlib
import tempfile
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from streamsep.commands import Command
from streamsep.commands.options import add_model_options, seconds
from streamsep.errors import AudioFileError, ParameterError
from streamsep_bridge.commands.live import start_source_at
from streamsep_bridge.commands.playing import add_show_options, choose_face, exit_code_of

if TYPE_CHECKING:
    from streamsep_bridge.karaoke.microphone import Microphone
    from streamsep_bridge.karaoke.words import Words
    from streamsep_bridge.screen.face import Face

GUIDE_DB = -24.0
"""The singer is hard to hear, and still there to hold on to."""


def _add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("song", metavar="SONG", help="an audio file, or an input device")
    parser.add_argument(
        "--guide",
        type=float,
        default=GUIDE_DB,
        metavar="DB",
        help="how loud the singer stays (%(default)g; -inf is silent); keys move the fader, too",
    )
    parser.add_argument(
        "--key",
        type=float,
        default=0.0,
        metavar="N",
        help="semitones up or down: of a file before it plays, which costs no delay; of a device by "
        "plug-ins on all but the drums, which costs about 0.1 s",
    )
    parser.add_argument(
        "--lyrics", metavar="FILE", help="words with times, .lrc (the one beside the song)"
    )
    parser.add_argument("--out", dest="output", metavar="DEV", help="a part of its name, or number")
    parser.add_argument(
        "--start", type=seconds, default=0.0, metavar="S", help="begin so far into it"
    )
    parser.add_argument("--loop", action="store_true", help="over and over")
    voice = parser.add_argument_group("microphone: beside the music, dry, as late as its buffers")
    voice.add_argument("--mic", metavar="DEV", help="input device of the voice")
    voice.add_argument("--mic-gain", type=float, default=0.0, metavar="DB", help="(%(default)g)")
    voice.add_argument(
        "--mic-room",
        type=float,
        default=0.15,
        metavar="X",
        help="a little room, 0 to 1 (%(default)g)",
    )
    add_model_options(parser.add_argument_group("separation"))
    add_show_options(parser)


def _run(arguments: argparse.Namespace) -> int:
    return exit_code_of(lambda: _sing(arguments))


def _sing(arguments: argparse.Namespace) -> None:
    from streamsep_bridge.karaoke.key import check_key
    from streamsep_bridge.live.early_host import host_started_early

    check_key(arguments.key)
    is_file = _is_file(arguments.song)
    if arguments.key and not is_file:
        from streamsep_bridge.rack.transpose import Transpose

        Transpose()  # says what is missing
    _check(arguments, is_file)
    words = _find_words(arguments, is_file)
    microphone = _make_microphone(arguments)
    # The audio process loads while the key is changed.
    with host_started_early(), _in_key(arguments, is_file) as song:
        _play(arguments, song, is_file, words, microphone)


def _play(
    arguments: argparse.Namespace,
    song: str,
    is_file: bool,
    words: Words | None,
    microphone: Microphone | None,
) -> None:
    from streamsep.presets import find_preset
    from streamsep_bridge.live.session import LiveSession
    from streamsep_bridge.screen.show import play

    heard: dict[str, Any] = {"source": song, "loop": arguments.loop} if is_file else {"input": song}
    if arguments.key and not is_file:
        stems = find_preset(arguments.preset, arguments.profile, arguments.stems).stems
        chain = [{"effect": "Transpose", "semitones": arguments.key}]
        heard["fx"] = {name: chain for name in stems if name != "drums"}
        heard["allow_latency"] = True  # it was asked for, and the first line states it
    session = LiveSession(
        arguments.preset,
        profile=arguments.profile,
        stem_set=arguments.stems,
        precision=arguments.precision,
        engine=arguments.engine,
        output=arguments.output,
        **heard,
    )
    session.stems["vocals"].gain_db = arguments.guide
    if arguments.start:
        start_source_at(session, arguments.start)
    devices = (None if is_file else song, arguments.output)
    face = choose_face(session, arguments, devices, words=words)
    with _sung_into(microphone, face):
        play(session, face, arguments.seconds)


def _is_file(song: str) -> bool:
    """Whether a file is meant; else it is a device.

    Raises:
        AudioFileError: It looks like a file, and there is none.
    """
    path = Path(song)
    if path.is_file():
        return True
    if path.suffix or len(path.parts) > 1:
        raise AudioFileError(f"there is no file {song} (streamsep devices lists the inputs)")
    return False


def _check(arguments: argparse.Namespace, is_file: bool) -> None:
    """Refuse what only a file can do.

    Raises:
        ParameterError: It is asked of a device.
    """
    wants = {
        "--lyrics": arguments.lyrics,
        "--start": arguments.start,
        "--loop": arguments.loop,
    }
    asked = [name for name, value in wants.items() if value]
    if asked and not is_file:
        raise ParameterError(
            f"{asked[0]} needs a file, {arguments.song} is a device: nobody knows what it plays next"
        )


def _find_words(arguments: argparse.Namespace, is_file: bool) -> Words | None:
    """The lyrics that the option names, or those beside the song."""
    from streamsep_bridge.karaoke.lyrics import lyrics_beside, read_lyrics
    from streamsep_bridge.karaoke.words import Words

    path = arguments.lyrics or (lyrics_beside(arguments.song) if is_file else None)
    return None if path is None else Words(read_lyrics(path))


def _make_microphone(arguments: argparse.Namespace) -> Microphone | None:
    if arguments.mic is None:
        return None
    from streamsep_bridge.karaoke.microphone import Microphone

    return Microphone(arguments.mic, arguments.output, arguments.mic_gain, arguments.mic_room)


@contextlib.contextmanager
def _in_key(arguments: argparse.Namespace, is_file: bool) -> Iterator[str]:
    """The song in the key that is wanted, for as long as it plays."""
    if not (is_file and arguments.key):
        yield arguments.song
        return
    from streamsep.commands.console import make_console
    from streamsep_bridge.karaoke.key import change_key

    with tempfile.TemporaryDirectory(prefix="streamsep-") as folder:
        target = Path(folder) / f"{Path(arguments.song).stem}.flac"
        console = make_console(arguments.quiet, to_stderr=True)
        with console.status(f"changing the key by {arguments.key:+g} semitones"):
            _do_beside(lambda: change_key(arguments.song, arguments.key, target))
        yield str(target)


def _do_beside(work: Callable[[], None]) -> None:
    """Do what takes long in one call, in a thread: Ctrl-C does not wait for it."""
    problems: list[BaseException] = []

    def run() -> None:
        try:
            work()
        except BaseException as problem:
            problems.append(problem)

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    while thread.is_alive():
        thread.join(0.1)
    if problems:
        raise problems[0]


@contextlib.contextmanager
def _sung_into(microphone: Microphone | None, face: Face) -> Iterator[None]:
    if microphone is None:
        yield
        return
    microphone.listen(face.tell)
    with microphone:
        yield


command = Command(
    name="karaoke",
    help="sing to a song or a device: its singer steps back, your voice stays dry",
    example="streamsep karaoke song.flac --key -2 --mic Scarlett",
    add_arguments=_add_arguments,
    run=_run,
)
