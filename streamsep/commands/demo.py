"""`streamsep demo`: a song taken apart, with files to hear, a picture to see and a table to judge by."""

from __future__ import annotations

import argparse
import contextlib
import importlib.util
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from streamsep.commands import Command
from streamsep.commands.options import (
    add_separation_options,
    positive_seconds,
    separation_options,
)

if TYPE_CHECKING:
    from rich.console import Console

    from streamsep.commands.session import Session
    from streamsep.scores import StemScore

COMPOSED_S = 20.0
"""Length of the composed song, where nothing else is asked for."""

_COMPOSED_RATE = 44100


@dataclass(frozen=True)
class _Material:
    """What the demo takes apart.

    Attributes:
        title: For people.
        sample_rate: In Hz.
        n_frames: Samples per channel, if known.
        channels: 1 or 2.
        blocks: float32 [channels, n].
        truth: True stems by name, float32 [channels, n]; empty for a song of the user's.
    """

    title: str
    sample_rate: int
    n_frames: int | None
    channels: int
    blocks: Iterable[np.ndarray]
    truth: dict[str, np.ndarray]


def _add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "song", nargs="?", metavar="SONG", help="audio file; without one, a song is composed"
    )
    parser.add_argument(
        "-o", "--output", default="streamsep-demo", metavar="DIR", help="folder (%(default)s)"
    )
    parser.add_argument(
        "--duration",
        type=positive_seconds,
        metavar="S",
        help=f"seconds to compose ({COMPOSED_S:g}), or to take of SONG (all)",
    )
    parser.add_argument("--seed", type=_seed, default=0, metavar="N", help="which song is composed")
    parser.add_argument(
        "--play", action="store_true", help="play while it streams, each stem alone in turn"
    )
    add_separation_options(parser)


def _seed(text: str) -> int:
    if not text.isdecimal():
        raise argparse.ArgumentTypeError(f"'{text}' is not a whole number of 0 or more")
    return int(text)


def _run(arguments: argparse.Namespace) -> int:
    from streamsep.commands.console import make_console
    from streamsep.commands.demo_table import show_table
    from streamsep.commands.report import write_report
    from streamsep.commands.session import Session

    console = make_console(arguments.quiet, to_stderr=False)
    folder = Path(arguments.output)
    with contextlib.ExitStack() as stack:
        material = _material(arguments, console, stack)
        options = separation_options(arguments)
        session = Session(options, material.sample_rate, material.channels, console)
        kept, written = _stream(arguments, console, material, session)
        scores = _scores(material, session, kept)
        report: dict[str, Any] = {"song": material.title, **session.report()}
        report["scores"] = [
            {
                "stem": s.stem,
                "nothing_db": s.nothing_db,
                "estimate_db": s.estimate_db,
                "ideal_db": s.ideal_db,
                "share_closed": s.share_closed,
            }
            for s in scores
        ]
        write_report(str(folder / "report.json"), _without_nan(report))
    show_table(console, material.title, session, scores)
    console.print(f"in {folder}: {', '.join(written)}, report.json", soft_wrap=True)
    if "spectrogram.png" not in written:
        console.print("for a picture: pip install 'streamsep[plot]'")
    return 0


def _material(
    arguments: argparse.Namespace, console: Console, stack: contextlib.ExitStack
) -> _Material:
    if arguments.song is None:
        return _compose(arguments, console)
    from streamsep.audio.reader import open_audio
    from streamsep.commands.stream import excerpt

    reader = stack.enter_context(open_audio(arguments.song))
    blocks, n_frames = reader.blocks(arguments.block), reader.n_frames
    if arguments.duration is not None:
        count = max(1, round(arguments.duration * reader.sample_rate))
        blocks = excerpt(blocks, 0, count, reader.name)
        n_frames = count if n_frames is None else min(n_frames, count)
    title = Path(reader.name).name
    return _Material(title, reader.sample_rate, n_frames, reader.channels, blocks, {})


def _compose(arguments: argparse.Namespace, console: Console) -> _Material:
    from streamsep.commands.console import waiting
    from streamsep.song import compose

    duration_s = arguments.duration or COMPOSED_S
    with waiting(console, f"composing and rendering {duration_s:g} s of music"):
        song = compose(duration_s=duration_s, sample_rate=_COMPOSED_RATE, seed=arguments.seed)
    title = f"composed song {arguments.seed}, {song.key}, {song.bpm:.0f} beats per minute"
    mixture, size = song.mixture, arguments.block

    def blocks() -> Iterator[np.ndarray]:
        for start in range(0, mixture.shape[1], size):
            yield mixture[:, start : start + size]

    truth = dict(zip(song.targets, song.stems, strict=True))
    return _Material(title, song.sample_rate, mixture.shape[1], mixture.shape[0], blocks(), truth)


def _stream(
    arguments: argparse.Namespace, console: Console, material: _Material, session: Session
) -> tuple[list[np.ndarray], list[str]]:
    """Blocks of stems, kept only where they can be scored, and the names of the files written."""
    from streamsep.audio.writer import check_not_input
    from streamsep.commands.console import StreamProgress
    from streamsep.commands.outputs import Output, OutputFiles, pick_stem
    from streamsep.commands.playback import TourPlayer

    folder, names = Path(arguments.output), session.separator.stems
    outputs = [Output(str(folder / "mixture.wav"), lambda stems: stems.sum(axis=0))]
    for index, name in enumerate(names):
        outputs.append(Output(str(folder / f"{name}.wav"), pick_stem(index)))
    if "vocals" in names:
        rest = [j for j, name in enumerate(names) if name != "vocals"]
        outputs.append(Output(str(folder / "karaoke.wav"), lambda x: x[rest].sum(axis=0)))
    if arguments.song is not None:
        check_not_input(arguments.song, [output.target for output in outputs])
    rate, spec, kept = material.sample_rate, session.separator.spec, []
    pictures = masks = None
    if importlib.util.find_spec("matplotlib") is not None:
        from streamsep.spectrogram import MaskCollector, SpectrogramCollector

        masks = MaskCollector(spec.profile.n_bins, spec.sample_rate)
        pictures = SpectrogramCollector(len(names), material.channels, rate)
    total_s = None if material.n_frames is None else material.n_frames / rate
    with contextlib.ExitStack() as stack:
        player = None
        if arguments.play:
            player = stack.enter_context(TourPlayer(names, rate, material.channels))
        files = stack.enter_context(
            OutputFiles(outputs, rate, material.channels, material.n_frames)
        )
        progress = stack.enter_context(StreamProgress(console, "separating", total_s))
        for stems in session.run(material.blocks, masks):
            files.write(stems)
            if pictures:
                pictures.add(stems)
            if material.truth:
                kept.append(stems)
            if player:
                player.write(stems)
            progress.update(session.seconds)
    written = [Path(writer.name).name for writer in files.writers]
    if pictures and masks:
        from streamsep.plot import save_plot

        title = f"{material.title} · {session.title()}"
        save_plot(folder / "spectrogram.png", title, names, pictures, masks)
        written.append("spectrogram.png")
    return kept, written


def _scores(material: _Material, session: Session, kept: list[np.ndarray]) -> list[StemScore]:
    """Scores where every stem's truth is known; a stem set may join stems of the song."""
    from streamsep.scores import score_stems

    truth, names = dict(material.truth), session.separator.stems
    if truth and "accompaniment" in names:
        others = [stem for name, stem in truth.items() if name != "vocals"]
        truth["accompaniment"] = np.sum(others, axis=0)
    if not truth or any(name not in truth for name in names):
        return []
    references = np.stack([truth[name] for name in names])
    return score_stems(names, references, np.concatenate(kept, axis=-1), material.sample_rate)


def _without_nan(value: Any) -> Any:
    """JSON has no NaN: an unknown score is null."""
    if isinstance(value, dict):
        return {key: _without_nan(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_without_nan(item) for item in value]
    return None if isinstance(value, float) and value != value else value


command = Command(
    name="demo",
    help="take a song apart, yours or one composed here: stems, karaoke, picture and table",
    example="streamsep demo song.mp3 -o demo --duration 30",
    add_arguments=_add_arguments,
    run=_run,
    when_stopped="stopped; what was written so far is playable",
)
