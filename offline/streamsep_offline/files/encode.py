"""From the spool to the finished files of a song, which appear together at the end."""

from __future__ import annotations

import contextlib
import itertools
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from streamsep.errors import AudioFileError
from streamsep.file_resample import FileResampler
from streamsep_offline.files.clip import choose_strategy, clamp, rescale_gain
from streamsep_offline.files.encoders import AacFile, Encoder, open_soundfile
from streamsep_offline.files.formats import choose_bits, choose_rate
from streamsep_offline.files.options import OutputOptions
from streamsep_offline.files.regroup import regroup
from streamsep_offline.files.song_file import SongFile
from streamsep_offline.files.spool import Spool, peak_of

_BLOCK = 1 << 15
"""Samples per block: 0.7 s at 44.1 kHz."""


@dataclass(frozen=True)
class Encoded:
    """What became of the samples.

    Attributes:
        bits: Depth of the files; None for lossy formats.
        sample_rate: Of the files, in Hz.
        gain: Linear factor of all stems, 1.0 unless they were rescaled.
        n_clipped: Samples that were clipped, all files together.
    """

    bits: int | None
    sample_rate: int
    gain: float
    n_clipped: int


def write_outputs(
    spool: Spool,
    source: SongFile,
    stems: Sequence[str],
    outputs: Sequence[Path],
    options: OutputOptions,
) -> Encoded:
    """Encode a complete spool and move the files into place.

    Args:
        spool: Complete.
        source: The song, for its format and as the mixture of a stem file.
        stems: Names in the spool's order.
        outputs: One file for each stem, or one for all. Existing files are kept unless the options
            overwrite.
        options: How.

    Raises:
        AudioFileError: A file cannot be written.
        MissingExtraError: PyAV is needed and not installed.
    """
    writer = _SongWriter(spool, source, stems, options)
    wanted = [i for i, p in enumerate(outputs) if options.is_overwriting or not p.exists()]
    try:
        spool.finished_folder.mkdir(exist_ok=True)
        encoded = writer.encode(wanted)
        for index, path in zip(wanted, encoded, strict=True):
            outputs[index].parent.mkdir(parents=True, exist_ok=True)
            os.replace(path, outputs[index])
    except AudioFileError:
        raise
    except OSError as error:
        raise AudioFileError(
            f"{error.filename2 or error.filename or spool.folder} cannot be written "
            f"({error.strerror}); make room or choose another folder with -o"
        ) from error
    return writer.summary()


class _SongWriter:
    def __init__(
        self, spool: Spool, source: SongFile, stems: Sequence[str], options: OutputOptions
    ) -> None:
        self._spool, self._source, self._stems, self._options = spool, source, stems, options
        self._format = options.output_format
        self._bits = choose_bits(self._format, options.bits, source.bits)
        self._rate = choose_rate(self._format, source.sample_rate)
        self._strategy = choose_strategy(options.clip, self._bits)
        self._gain, self._n_clipped = 1.0, 0
        if self._strategy == "rescale":
            self._gain = rescale_gain(self._peak(), self._bits)

    def _peak(self) -> float:
        if not self._format.is_container:
            return self._spool.peak
        return max(self._spool.peak, *(peak_of(block) for block in self._source.blocks()))

    def encode(self, wanted: Sequence[int]) -> list[Path]:
        """Write some of the outputs, in one go, each to a place of its own."""
        paths = [self._spool.finished_folder / f"{i}{self._format.extension}" for i in wanted]
        with contextlib.ExitStack() as stack:
            encoders = []
            for index, path in zip(wanted, paths, strict=True):
                encoders.append(self._open(index, path))
                stack.callback(encoders[-1].discard)
            for block in self._blocks():
                for index, encoder in zip(wanted, encoders, strict=True):
                    encoder.write(self._pick(block, index))
            for encoder in encoders:
                encoder.close()
            stack.pop_all()  # nothing is discarded
        self._n_clipped += sum(encoder.n_clipped for encoder in encoders)
        return paths

    def _open(self, index: int, path: Path) -> Encoder:
        channels, kbps = self._source.channels, self._options.kbps
        if kbps is None and self._format.default_kbps is not None:
            # A mono or 5.1 stem gets its share of what a stereo stem gets.
            kbps = self._format.default_kbps * channels // 2
        if self._format.is_av:
            names = ["mixture", *self._stems] if self._format.is_container else [self._stems[index]]
            is_stem_file = self._format.is_container
            return AacFile(path, self._rate, channels, names, kbps, is_stem_file=is_stem_file)
        n_frames = -(-self._spool.n_frames * self._rate // self._source.sample_rate)
        return open_soundfile(path, self._rate, channels, self._bits, kbps, n_frames)

    def _pick(self, block: np.ndarray, index: int) -> np.ndarray:
        if self._format.is_container:
            return block
        return block[index : index + 1] if self._format.is_av else block[index]

    def _blocks(self) -> Iterator[np.ndarray]:
        """Stems, for a stem file after the mixture, at the output's rate and level.

        Yields:
            float32 [streams, channels, any]
        """
        blocks = self._spool.blocks(_BLOCK)
        if self._format.is_container:
            pairs = zip(self._mixture(), blocks, strict=True)
            blocks = (np.concatenate([mixture[None], stems]) for mixture, stems in pairs)
        blocks = map(self._levelled, blocks)
        return blocks if self._rate == self._source.sample_rate else self._resampled(blocks)

    def _mixture(self) -> Iterator[np.ndarray]:
        for block in regroup(self._source.blocks(), _BLOCK):
            yield np.where(np.isfinite(block), block, np.float32(0.0))  # as the stems have it

    def _levelled(self, block: np.ndarray) -> np.ndarray:
        if self._strategy == "clamp":
            block, n_clipped = clamp(block)
            self._n_clipped += n_clipped
            return block
        return block if self._gain == 1.0 else block * np.float32(self._gain)

    def _resampled(self, blocks: Iterator[np.ndarray]) -> Iterator[np.ndarray]:
        first = next(blocks)
        shape = (*first.shape[:2], -1)
        n_rows = first.shape[0] * first.shape[1]
        resampler = FileResampler(self._source.sample_rate, self._rate, n_rows)
        n_out = 0
        for block in itertools.chain([first], blocks):
            rows = resampler.push(block.reshape(n_rows, -1))
            n_out += rows.shape[1]
            yield rows.reshape(shape)
        rest = resampler.finish()
        if not n_out + rest.shape[1]:  # half a sample of sound is rounded to a file, not to none
            rest = np.zeros((n_rows, 1), np.float32)
        yield rest.reshape(shape)

    def summary(self) -> Encoded:
        """What became of the samples."""
        return Encoded(self._bits, self._rate, self._gain, self._n_clipped)
