"""One song from file to files: read, separated, spooled, encoded, and resumed where a run was stopped."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from streamsep.errors import StreamsepError
from streamsep_offline.files.encode import Encoded, write_outputs
from streamsep_offline.files.fingerprint import fingerprint, model_name
from streamsep_offline.files.formats import check_channels
from streamsep_offline.files.naming import check_collisions, check_stem_names, output_paths
from streamsep_offline.files.options import OutputOptions
from streamsep_offline.files.song_file import SongFile, look_at
from streamsep_offline.files.spool import Spool, remove_spool, spool_folder
from streamsep_offline.separation.pipeline import Separation
from streamsep_offline.separation.settings import SeparationSettings

Progress = Callable[[float, float | None], None]
"""Gets seconds of music done and in all (None if unknown); whatever it raises stops the song."""


@dataclass(frozen=True)
class SongTask:
    """One song to separate, free of anything that could not travel to another process.

    Attributes:
        source: The input.
        outputs: One file for each stem, or one for all.
        options: How they are written.
        start_s: Seconds to skip.
        duration_s: Seconds to take; None takes the rest.
    """

    source: Path
    outputs: tuple[Path, ...]
    options: OutputOptions
    start_s: float = 0.0
    duration_s: float | None = None


@dataclass(frozen=True)
class FileResult:
    """What became of a song.

    Attributes:
        source: The input.
        status: "done", "skipped" (all outputs were there), "failed" or "stopped".
        outputs: Files that hold its stems now.
        message: Why it failed.
        duration_s: Seconds of music.
        took_s: Seconds that it took.
        resumed_s: Seconds of music that an earlier run had done.
        bits: Depth of the outputs; None for lossy formats.
        sample_rate: Of the outputs, in Hz.
        gain: Linear factor of all stems, 1.0 unless they were rescaled.
        n_clipped: Samples that were clipped, all files together.
    """

    source: Path
    status: str
    outputs: tuple[Path, ...] = ()
    message: str = ""
    duration_s: float = 0.0
    took_s: float = 0.0
    resumed_s: float = 0.0
    bits: int | None = None
    sample_rate: int | None = None
    gain: float = 1.0
    n_clipped: int = 0

    @property
    def speed(self) -> float:
        """Seconds of music per second, of what this run did."""
        return (self.duration_s - self.resumed_s) / self.took_s if self.took_s > 0.0 else 0.0


def separate_file(
    path: str | Path,
    output_folder: str | Path,
    settings: SeparationSettings | None = None,
    options: OutputOptions | None = None,
    *,
    start_s: float = 0.0,
    duration_s: float | None = None,
    separation: Separation | None = None,
    progress: Progress | None = None,
) -> FileResult:
    """Separate a file into files, in constant memory.

        separate_file("song.mp3", "stems", options=OutputOptions(format="flac"))

    Files appear when all of them are whole. Existing ones are kept unless the options overwrite. A run that
    was stopped, killed or cancelled leaves a hidden folder beside its first output; the next run with the
    same input and settings goes on from there and gives the same bits.

    Args:
        path: The song: whatever libsndfile reads; m4a, mp4 and others with the extra `formats`.
        output_folder: Made if missing.
        settings: What separates; None is the best bundled model. Not with `separation`.
        options: How the stems are written; None is WAV at the input's depth.
        start_s: Seconds to skip, 0 or more.
        duration_s: Seconds to take, above 0; None takes the rest.
        separation: A loaded model, for many songs.
        progress: Called with seconds done and in all; raise anything in it to cancel.

    Returns:
        What became of it: done or skipped.

    Raises:
        AudioFileError: The input cannot be read, or an output cannot be written.
        ParameterError: A name is not usable, or an option is out of range.
        MissingExtraError: A format needs PyAV.

    Thread: one at a time per `Separation`.
    """
    if separation is None:
        separation = Separation(settings or SeparationSettings())
    task = plan_song(Path(path), Path(output_folder), separation, options, start_s, duration_s)
    check_collisions([(task.source, task.outputs)])
    return run_task(task, separation, progress)


def plan_song(
    source: Path,
    folder: Path,
    separation: Separation,
    options: OutputOptions | None = None,
    start_s: float = 0.0,
    duration_s: float | None = None,
) -> SongTask:
    """The task of one song.

    Raises:
        ParameterError: A stem's name or the template does not do for files.
    """
    options = options or OutputOptions()
    stems, model = separation.stems, model_name(separation.settings)
    check_stem_names(stems)
    outputs = output_paths(source, folder, options.template, stems, options.output_format, model)
    return SongTask(source, outputs, options, start_s, duration_s)


def run_task(
    task: SongTask, separation: Separation, progress: Progress | None = None
) -> FileResult:
    """Separate one song; arguments and errors as in `separate_file`."""
    begin = time.perf_counter()
    folder = spool_folder(task.outputs[0])
    if not task.options.is_overwriting and all(path.exists() for path in task.outputs):
        remove_spool(folder)
        return FileResult(task.source, "skipped", task.outputs)
    song = look_at(task.source, task.start_s, task.duration_s)
    check_channels(task.options.output_format, song.channels, str(task.source))
    mark = fingerprint(song, separation.settings, separation.stems)
    with Spool(folder, mark, len(separation.stems), song.channels) as spool:
        try:
            resumed = _fill(spool, separation, song, progress)
            encoded = write_outputs(spool, song, separation.stems, task.outputs, task.options)
        except StreamsepError:
            spool.discard()  # trying again would fail again
            raise
        seconds = spool.n_frames / song.sample_rate
        spool.discard()
    took_s = time.perf_counter() - begin
    return _result(task, encoded, seconds, took_s, resumed / song.sample_rate)


def attempt(task: SongTask, separation: Separation, progress: Progress | None = None) -> FileResult:
    """As `run_task`, but whatever goes wrong with this song is told in the result."""
    try:
        return run_task(task, separation, progress)
    except StreamsepError as error:
        return FileResult(task.source, "failed", message=str(error))
    except Stopped:
        return FileResult(task.source, "stopped")
    except Exception as error:  # one song's accident must not end a night's work
        message = f"{task.source}: {type(error).__name__}: {error}"
        return FileResult(task.source, "failed", message=message)


class Stopped(Exception):  # noqa: N818 - nothing is wrong
    """Raised by a progress callback of ours to stop a song."""


def _fill(spool: Spool, separation: Separation, song: SongFile, progress: Progress | None) -> int:
    """Separate what the spool lacks; returns where it began, in samples."""
    if spool.is_complete:
        return spool.n_frames
    first = spool.resume_at(separation.block_samples(song.sample_rate))
    total_s = None if song.n_frames is None else song.n_frames / song.sample_rate
    blocks = separation.run(
        song.blocks,
        song.sample_rate,
        song.channels,
        song.n_frames,
        first_sample=first,
        progress=None if progress is None else partial(_tell, progress, total_s),
    )
    for stems in blocks:
        spool.append(stems)
    spool.complete()
    return first


def _tell(progress: Progress, total_s: float | None, done_s: float) -> None:
    progress(done_s, total_s)


def _result(
    task: SongTask, encoded: Encoded, seconds: float, took_s: float, resumed_s: float
) -> FileResult:
    return FileResult(
        task.source,
        "done",
        task.outputs,
        duration_s=seconds,
        took_s=took_s,
        resumed_s=resumed_s,
        bits=encoded.bits,
        sample_rate=encoded.sample_rate,
        gain=encoded.gain,
        n_clipped=encoded.n_clipped,
    )
