"""Samples of files at random places and at one rate, whatever the files are.

WAV, FLAC and AIFF at the right rate are read where they lie. All else is decoded and resampled once,
as a whole, into the cache: 16 bits where the file has no more and does not exceed full scale, else
float32.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import soundfile

from streamsep.audio.paths import native_path
from streamsep.errors import AudioFileError
from streamsep.file_resample import FileResampler
from streamsep_offline.data.cache import AudioCache, cache_root
from streamsep_offline.data.piece import Facts, Piece, look, open_piece

_DIRECT = (".wav", ".flac", ".aif", ".aiff", ".w64", ".caf")
"""Formats in which libsndfile finds a place exactly and fast."""

_DEEP = ("PCM_24", "PCM_32", "FLOAT", "DOUBLE", "ALAC_24", "ALAC_32", "flac s32", "alac s32")

_BLOCK = 1 << 16

_FULL_SCALE = np.float32(32768.0)
"""So that 16 bit samples come back as libsndfile reads them."""


@dataclass(frozen=True)
class Store:
    """Reads excerpts of files; holds no handles, so it may be pickled and forked.

    Attributes:
        folder: Of the cache; None takes the user's.
        limit_gb: Size of the cache in GB.
        resample: Take files of other rates; else they are refused.
    """

    folder: Path | None = None
    limit_gb: float = 20.0
    resample: bool = True

    @property
    def cache(self) -> AudioCache:
        """Where decoded audio is kept."""
        return AudioCache(self.folder or cache_root() / "audio", round(self.limit_gb * 1e9))

    def length(self, piece: Piece, rate: int) -> int:
        """Samples of a piece at a rate in Hz.

        Raises:
            AudioFileError: The file is unreadable, or its rate is refused.
        """
        facts = look(piece)
        self._check_rate(piece, facts.sample_rate, rate)
        if facts.n_frames is None:
            return len(self._decoded(piece, rate))
        return (2 * facts.n_frames * rate + facts.sample_rate) // (2 * facts.sample_rate)

    def is_copied(self, piece: Piece, facts: Facts, rate: int) -> bool:
        """Whether a piece goes through the cache."""
        return not self._is_direct(piece) or facts.sample_rate != rate

    def read(self, piece: Piece, start: int, n: int, rate: int) -> np.ndarray:
        """An excerpt, float32 [2, n]: mono is both sides, what lies outside the file is silent.

        Args:
            piece: What to read.
            start: First sample, counted at `rate`; at least 0.
            n: Samples.
            rate: In Hz.

        Raises:
            AudioFileError: The file is unreadable, or its rate is refused.
        """
        frames = self._read_direct(piece, start, n, rate) if self._is_direct(piece) else None
        if frames is None:
            frames = self._decoded(piece, rate)[start : start + n]
        audio = np.zeros((2, n), np.float32)
        audio[:, : len(frames)] = frames.T  # a single column goes to both rows
        if frames.dtype == np.int16:
            audio /= _FULL_SCALE
        if piece.gain != 1.0:
            audio *= piece.gain
        return audio

    @staticmethod
    def _is_direct(piece: Piece) -> bool:
        return piece.stream is None and piece.path.suffix.lower() in _DIRECT

    def _check_rate(self, piece: Piece, found: int, rate: int) -> None:
        if found != rate and not self.resample:
            raise AudioFileError(
                f"{piece} is at {found} Hz, expected {rate} Hz; resample it, or set resample = true"
            )

    @staticmethod
    def _read_direct(piece: Piece, start: int, n: int, rate: int) -> np.ndarray | None:
        """Frames [n, channels]; None where the rate is another one."""
        try:
            with soundfile.SoundFile(native_path(piece.path)) as file:
                if file.samplerate != rate:
                    return None
                if file.channels > 2:
                    raise AudioFileError(
                        f"{piece} has {file.channels} channels; mix it down to one or two"
                    )
                start = file.seek(min(start, file.frames))
                frames = file.read(n, dtype="float32", always_2d=True)
                if len(frames) < min(n, file.frames - start):
                    at_s = (start + len(frames)) / rate
                    raise AudioFileError(f"{piece} is damaged after {at_s:.1f} s; get it again")
                return frames
        except soundfile.LibsndfileError as error:
            reason = error.error_string.rstrip(".")
            raise AudioFileError(f"cannot read {piece} ({reason}); get it again") from error

    def _decoded(self, piece: Piece, rate: int) -> np.ndarray:
        """The whole piece from the cache, [n, channels]."""
        try:
            status = piece.path.stat()
        except OSError as error:
            raise AudioFileError(f"{piece} cannot be read ({error.strerror}); check it") from error
        facts = (str(piece.path.resolve()), status.st_mtime_ns, status.st_size, piece.stream, rate)
        key = hashlib.blake2b(repr(facts).encode("utf-8", "surrogateescape"), digest_size=16)
        return self.cache.open(key.hexdigest(), lambda: self._decode(piece, rate))

    def _decode(self, piece: Piece, rate: int) -> np.ndarray:
        with open_piece(piece) as reader:
            self._check_rate(piece, reader.sample_rate, rate)
            blocks = reader.blocks(_BLOCK)
            if reader.sample_rate == rate:
                parts = list(blocks)
            else:
                resampler = FileResampler(reader.sample_rate, rate, reader.channels)
                parts = [*(resampler.push(block) for block in blocks), resampler.finish()]
            is_deep = any(word in reader.format_name for word in _DEEP)
        audio = np.ascontiguousarray(np.concatenate(parts, axis=1).T, np.float32)
        scaled = np.round(audio * _FULL_SCALE)
        if is_deep or scaled.max(initial=0.0) > 32767 or scaled.min(initial=0.0) < -32768:
            return audio
        return scaled.astype(np.int16)
