"""`streamsep stream`: a recording or a pipe through the separator, to a mix and to stems."""

from __future__ import annotations

import argparse
import contextlib
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from streamsep.commands import Command
from streamsep.commands.options import (
    add_fader_options,
    add_fx_option,
    add_separation_options,
    fx_choices,
    positive_seconds,
    seconds,
    separation_options,
    set_faders,
)
from streamsep.errors import AudioFileError, ParameterError

if TYPE_CHECKING:
    from rich.console import Console

    from streamsep.audio.reader import AudioReader
    from streamsep.commands.outputs import Output, OutputFiles
    from streamsep.commands.session import Session
    from streamsep.mixer import StemMixer


def _add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("input", metavar="IN", help="audio file, or - for a pipe of WAV")
    output = parser.add_argument_group("output (a file of the same name is replaced at the end)")
    output.add_argument(
        "-o",
        "--output",
        metavar="OUT",
        help="the mix: .wav .flac .ogg .mp3, or - for WAV to a pipe",
    )
    output.add_argument("--stems-dir", metavar="DIR", help="folder for one file per stem")
    output.add_argument(
        "--stems-format",
        choices=("wav", "flac", "ogg", "mp3"),
        default="wav",
        help="format of the stems (%(default)s)",
    )
    output.add_argument(
        "--bits", type=int, choices=(16, 24, 32), help="of WAV (32, float) and FLAC (24)"
    )
    output.add_argument("--json", metavar="REPORT", help="what happened, as JSON; - prints it")
    output.add_argument("--plot", metavar="PNG", help="picture of spectrograms and masks")
    mix = parser.add_argument_group("mix")
    add_fader_options(mix)
    add_fx_option(mix)
    source = parser.add_argument_group("input")
    source.add_argument(
        "--raw", metavar="FORMAT", help="the input has no header but is RATE:CHANNELS:ENCODING"
    )
    source.add_argument("--start", type=seconds, default=0.0, metavar="S", help="skip so much")
    source.add_argument("--duration", type=positive_seconds, metavar="S", help="take so much")
    add_separation_options(parser)


def _run(arguments: argparse.Namespace) -> int:
    from streamsep.audio.reader import open_audio
    from streamsep.commands.console import make_console
    from streamsep.commands.report import write_report
    from streamsep.commands.session import Session

    _check_targets(arguments)
    console = make_console(arguments.quiet, to_stderr=True)
    with open_audio(arguments.input, arguments.raw) as reader:
        options = separation_options(arguments)
        session = Session(options, reader.sample_rate, reader.channels, console)
        mixer = _make_mixer(arguments, session)
        outputs = _plan_outputs(arguments, session, mixer)
        files = _stream(arguments, console, reader, session, outputs)
        written = [
            {"path": w.name, "samples": w.n_frames, "clipped": w.n_clipped} for w in files.writers
        ]
        if arguments.json:
            source: dict[str, Any] = {
                "name": reader.name,
                "format": reader.format_name,
                "sample_rate_hz": reader.sample_rate,
                "channels": reader.channels,
            }
            write_report(arguments.json, {"input": source, **session.report(), "outputs": written})
    console.print(
        f"{session.title()}: {session.seconds:.1f} s at {session.speed:.1f} x real time "
        f"({session.load_percent:.1f} % of one core)",
        soft_wrap=True,
    )
    for output in written:
        clipped = f", {output['clipped']} samples clipped" if output["clipped"] else ""
        console.print(f"wrote {output['path']}{clipped}", soft_wrap=True)
    return 0


def _check_targets(arguments: argparse.Namespace) -> None:
    """Whatever can be refused before anything is opened."""
    from streamsep.audio.writer import check_not_input, check_target
    from streamsep.commands.outputs import check_writable

    targets = [t for t in (arguments.output, arguments.json, arguments.plot) if t]
    if not targets and not arguments.stems_dir:
        raise ParameterError("nothing to write: give -o OUT, --stems-dir DIR, --json or --plot")
    if targets.count("-") > 1:
        raise ParameterError("only one of -o and --json can go to standard output")
    check_not_input(arguments.input, targets)
    if arguments.output and arguments.output != "-" and not _is_device(arguments.output):
        check_target(arguments.output, arguments.bits)
    if arguments.stems_dir:
        check_target(f"stem.{arguments.stems_format}", arguments.bits)
    if arguments.json and arguments.json != "-":
        check_writable(arguments.json, "report")
    if arguments.plot:
        from streamsep.plot import require_matplotlib

        require_matplotlib()
        check_writable(arguments.plot, "picture")


def _is_device(target: str) -> bool:
    return Path(target).exists() and not Path(target).is_file() and not Path(target).is_dir()


def _make_mixer(arguments: argparse.Namespace, session: Session) -> StemMixer:
    from streamsep.commands.boards import load_board
    from streamsep.mixer import SUM, StemMixer

    mixer = StemMixer(session.separator.stems, session.sample_rate, session.channels)
    set_faders(mixer, arguments)
    for name, chain in fx_choices(arguments).items():
        if name != SUM:
            _ = mixer[name]  # refuses a stem that does not exist
        mixer.fx[name] = load_board(chain)
    mixer.reset()
    return mixer


def _plan_outputs(
    arguments: argparse.Namespace, session: Session, mixer: StemMixer
) -> list[Output]:
    from streamsep.audio.writer import check_not_input
    from streamsep.commands.outputs import Output, pick_stem

    outputs = []
    if arguments.output:

        def mix(stems: np.ndarray) -> np.ndarray:
            return mixer(stems, session.sample_rate, reset=False)

        outputs.append(Output(arguments.output, mix, arguments.bits, mixer.flush))
    if arguments.stems_dir:
        for index, name in enumerate(session.separator.stems):
            target = str(Path(arguments.stems_dir) / f"{name}.{arguments.stems_format}")
            outputs.append(Output(target, pick_stem(index), arguments.bits))
    check_not_input(arguments.input, [output.target for output in outputs])
    return outputs


def _stream(
    arguments: argparse.Namespace,
    console: Console,
    reader: AudioReader,
    session: Session,
    outputs: list[Output],
) -> OutputFiles:
    """Everything between the first and the last block."""
    from streamsep.commands.console import StreamProgress
    from streamsep.commands.outputs import OutputFiles

    rate, channels = reader.sample_rate, reader.channels
    first = round(arguments.start * rate)
    count = None if arguments.duration is None else max(1, round(arguments.duration * rate))
    n_frames = _length(reader.n_frames, first, count)
    blocks = excerpt(reader.blocks(arguments.block), first, count, reader.name)
    with contextlib.ExitStack() as stack:
        pictures = None
        if arguments.plot:
            from streamsep.spectrogram import MaskCollector, SpectrogramCollector

            spec = session.separator.spec
            masks = MaskCollector(spec.profile.n_bins, spec.sample_rate)
            pictures = SpectrogramCollector(len(spec.targets), channels, rate)
        files = stack.enter_context(OutputFiles(outputs, rate, channels, n_frames))
        total_s = None if n_frames is None else n_frames / rate
        progress = stack.enter_context(StreamProgress(console, "separating", total_s))
        for stems in session.run(blocks, masks if pictures else None):
            files.write(stems)
            if pictures:
                pictures.add(stems)
            progress.update(session.seconds)
    if pictures:
        from streamsep.plot import save_plot

        title = f"{Path(reader.name).name} · {session.title()}"
        save_plot(arguments.plot, title, session.separator.stems, pictures, masks)
    return files


def _length(n_frames: int | None, first: int, count: int | None) -> int | None:
    if n_frames is None:
        return count
    left = max(0, n_frames - first)
    return left if count is None else min(left, count)


def excerpt(
    blocks: Iterable[np.ndarray], first: int, count: int | None, name: str
) -> Iterator[np.ndarray]:
    """Part of a recording.

    Args:
        blocks: float32 [channels, n].
        first: Samples to skip.
        count: Samples to take; None takes the rest.
        name: Of the recording, for the message.

    Raises:
        AudioFileError: The recording ends before `first`.
    """
    position, end = 0, None if count is None else first + count
    for block in blocks:
        start, position = position, position + block.shape[1]
        if position > first:
            yield block[:, max(0, first - start) : None if end is None else end - start]
        if end is not None and position >= end:
            return
    if position <= first:
        raise AudioFileError(f"{name} ends after {position} samples, before --start; start earlier")


command = Command(
    name="stream",
    help="separate a recording or a pipe, block by block in constant memory",
    example="streamsep stream song.mp3 -o karaoke.wav --mute vocals --stems-dir stems",
    add_arguments=_add_arguments,
    run=_run,
    when_stopped="stopped; what was written so far is playable",
)
