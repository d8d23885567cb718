"""The files that a stream leaves: opened at the first sound, finished or removed together."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType

import numpy as np

from streamsep.audio.writer import AudioWriter
from streamsep.commands.interrupt import deferred_interrupt
from streamsep.errors import AudioFileError


@dataclass(frozen=True)
class Output:
    """One file and what goes into it.

    Attributes:
        target: Path, or "-" for standard output.
        pick: From a block of stems [stems, channels, n] to the file's samples [channels, n].
        bits: Bits per sample; None is the format's default.
        finish: Gives the last samples, those that `pick` held back; None where it does not.
    """

    target: str
    pick: Callable[[np.ndarray], np.ndarray]
    bits: int | None = None
    finish: Callable[[], np.ndarray] | None = None


def pick_stem(index: int) -> Callable[[np.ndarray], np.ndarray]:
    """What an output of one stem picks."""
    return lambda stems: stems[index]


class OutputFiles:
    """Writes every block to all outputs.

    Nothing is opened before the first block, so that an error in the input leaves nothing, not even
    a folder. After an error later on, nothing of this run is left either; after Ctrl-C every file
    is playable and equally long.

    Args:
        outputs: What to write.
        sample_rate: In Hz.
        channels: Of every file.
        n_frames: Samples per channel to come, if known.
    """

    def __init__(
        self, outputs: Sequence[Output], sample_rate: int, channels: int, n_frames: int | None
    ) -> None:
        self._outputs, self._format = tuple(outputs), (sample_rate, channels)
        self._n_frames = n_frames
        self._folders: list[Path] = []
        self.writers: list[AudioWriter] = []

    def __enter__(self) -> OutputFiles:
        return self

    def write(self, stems: np.ndarray) -> None:
        """Append a block of stems, float32 [stems, channels, n].

        Raises:
            AudioFileError: An output cannot be opened or written.
        """
        if not stems.shape[-1]:
            return
        with deferred_interrupt():
            if not self.writers:
                self._open()
            for writer, output in zip(self.writers, self._outputs, strict=True):
                writer.write(output.pick(stems))

    def _open(self) -> None:
        for output in self._outputs:
            if output.target != "-":
                self._make_folder(Path(output.target).parent)
            writer = AudioWriter(output.target, *self._format, output.bits, self._n_frames)
            self.writers.append(writer)

    def _make_folder(self, folder: Path) -> None:
        missing = [f for f in (folder, *folder.parents) if not f.exists()]
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise AudioFileError(
                f"folder {folder} cannot be made ({error.strerror}); choose another place"
            ) from error
        self._folders += missing

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        with deferred_interrupt():
            if kind is None or issubclass(kind, KeyboardInterrupt):
                self._close()
            else:
                self._discard()

    def _close(self) -> None:
        try:
            for writer, output in zip(self.writers, self._outputs, strict=False):
                if output.finish:
                    writer.write(output.finish())
                writer.close()
        except AudioFileError:
            self._discard()
            raise

    def _discard(self) -> None:
        for writer in self.writers:
            writer.discard()
        for folder in self._folders:
            if not any(folder.iterdir()):
                folder.rmdir()


def check_writable(path: str, what: str) -> None:
    """Refuse a report or picture that could not be written, before an hour of music is separated.

    Raises:
        AudioFileError: Its folder is missing or may not be written, or it is a folder itself.
    """
    folder = Path(path).parent
    if Path(path).is_dir() or not folder.is_dir() or not os.access(folder, os.W_OK):
        raise AudioFileError(f"{what} {path} cannot be written; name a file in a folder of yours")
