"""A file as the input of a stream: a thread of the audio process keeps the ring of an `Intake` filled.

The stream takes what it needs from the ring, half a second ahead of the file. After a seek it goes on where
the new frames begin, faded, long before the old ones would have been played.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np

from streamsep.audio.reader import FileReader, open_audio
from streamsep.engine.live.intake import (
    FLUSH,
    HAS_ENDED,
    IS_OVER,
    IS_PAUSED,
    POSITION,
    READ,
    WRITTEN,
    Intake,
    flush_mark,
)
from streamsep.engine.live.supply import set_count, supply
from streamsep.errors import AudioFileError
from streamsep.file_resample import FileResampler
from streamsep_bridge.live.settings import SourceChoice

AHEAD_S = 0.5
"""The ring holds so much of the file: a busy machine may keep the thread waiting that long."""

BLOCK = 4096
"""Frames that are read at a time."""

_TICK_S = 0.01


class FilePlayer:
    """Plays a file into one intake after another; see the module's docstring.

    Args:
        choice: File, and how it begins.
        on_end: Called when the end was heard, with the reason where the file is damaged, else "".

    Raises:
        AudioFileError: The file cannot be read.

    Attributes:
        name: Of the file.

    Latency: half a second ahead of what is heard; a seek passes it by. Thread: one controls, one of its own
    reads. Allocates: yes, never in the audio's thread. In place: the intake's ring.
    """

    def __init__(self, choice: SourceChoice, on_end: Callable[[str], None]) -> None:
        self._reader, self._on_end = open_file(choice.path), on_end
        self.name = Path(choice.path).name
        self._n_frames = self._reader.n_frames or 0
        self._is_looped, self._is_paused = choice.is_looped, choice.is_paused
        self._place = self._frame_at(choice.start_s)
        self._wanted: int | None = None
        self._changed = threading.Condition()
        self._is_left = False
        self._thread: threading.Thread | None = None
        self._trouble = ""

    def attach(self, intake: Intake) -> None:
        """Fill the ring of a fresh intake, from where the file was."""
        self.close()
        self._is_left = False
        with self._changed:
            if self._wanted is None:
                self._wanted = self._place
        self._thread = threading.Thread(target=self._run, args=(intake,), daemon=True)
        self._thread.start()

    def close(self) -> None:
        """End the thread."""
        with self._changed:
            self._is_left = True
            self._changed.notify_all()
        if self._thread is not None:
            self._thread.join()

    def obey(self, is_looped: bool, is_paused: bool, seek_s: float | None) -> None:
        """Change how it plays; `seek_s` is where to go on, None goes on where it is."""
        with self._changed:
            self._is_looped, self._is_paused = is_looped, is_paused
            if seek_s is not None:
                self._wanted = self._frame_at(seek_s)
            self._changed.notify_all()

    def _frame_at(self, seconds: float) -> int:
        return min(max(round(seconds * self._reader.sample_rate), 0), self._n_frames)

    def _run(self, intake: Intake) -> None:
        counts, ahead = intake.counts, round(AHEAD_S * intake.rate_out)
        frames: Iterator[np.ndarray] = iter(())
        block: np.ndarray | None = None
        start = begun = (
            0  # frame of the file, and of the ring, where the piece that is played began
        )
        while True:
            with self._changed:
                if self._is_left:
                    return
                wanted, self._wanted = self._wanted, None
                set_count(counts, IS_PAUSED, int(self._is_paused))
            if wanted is not None:
                start, begun = wanted, int(counts[WRITTEN])
                set_count(counts, FLUSH, flush_mark(begun, is_faded=start > 0))
                set_count(counts, HAS_ENDED, 0)
                set_count(counts, IS_OVER, 0)
                frames, block = self._frames(start, intake), None
            self._tell_place(intake, start, begun)
            if block is None and not counts[HAS_ENDED]:
                block = next(frames, None)
                set_count(counts, HAS_ENDED, int(block is None))
            if block is not None and self._has_room(intake, begun, ahead, len(block)):
                supply(intake, block)
                block = None
                continue
            with self._changed:
                if self._wanted is None and not self._is_left:
                    self._changed.wait(_TICK_S)

    def _has_room(self, intake: Intake, begun: int, ahead: int, n: int) -> bool:
        """Whether n more frames are wanted, and fit beside what a seek has left over."""
        written, read = int(intake.counts[WRITTEN]), int(intake.counts[READ])
        return written - max(read, begun) < ahead and written + n - read <= len(intake.ring)

    def _tell_place(self, intake: Intake, start: int, begun: int) -> None:
        """Which frame of the file is heard; whether its end was."""
        counts = intake.counts
        if counts[HAS_ENDED] and counts[READ] >= counts[WRITTEN]:
            self._place = self._n_frames
            set_count(counts, POSITION, self._place)
            if not counts[IS_OVER]:
                set_count(counts, IS_OVER, 1)
                self._on_end(self._trouble)
            return
        played = max(int(counts[READ]) - begun, 0)
        place = start + played * self._reader.sample_rate // intake.rate_out
        self._place = place % max(self._n_frames, 1)
        set_count(counts, POSITION, self._place)

    def _frames(self, start: int, intake: Intake) -> Iterator[np.ndarray]:
        """The file from a frame on, at the stream's rate, over and over while it is looped. [n, channels]"""
        reader, channels = self._reader, intake.ring.shape[1]
        resampler = None
        if reader.sample_rate != intake.rate_out:
            resampler = FileResampler(reader.sample_rate, intake.rate_out, channels)
        self._trouble = ""
        while True:
            reader.seek(start)
            at = start
            try:
                for block in reader.blocks(BLOCK):
                    at += block.shape[1]
                    fitted = fit_channels(block, channels)
                    yield (fitted if resampler is None else resampler.push(fitted)).T
            except AudioFileError as error:
                self._trouble = str(error)
                return
            self._n_frames = at  # an MP3 may be shorter than it says
            if not self._is_looped:
                break
            start = 0
        if resampler is not None:
            yield resampler.finish().T


def open_file(path: str) -> FileReader:
    """A file that can be played from any place.

    Raises:
        AudioFileError: It is missing, not audio, damaged, or a pipe.
    """
    reader = open_audio(path)
    if not isinstance(reader, FileReader):
        reader.close()
        raise AudioFileError(f"{path} is a pipe; as a source, name a file")
    return reader


def fit_channels(block: np.ndarray, channels: int) -> np.ndarray:
    """Mono on both channels, or the mean of both on one. [channels, n]"""
    if len(block) == channels:
        return block
    if len(block) == 1:
        return np.repeat(block, channels, axis=0)
    return block.mean(axis=0, keepdims=True, dtype=np.float32)
