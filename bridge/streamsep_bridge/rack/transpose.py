"""`Transpose`: another key while music plays, by Rubber Band, called as a `Pedalboard`.

pedalboard's own PitchShift returns silence when it is called block by block (0.9.26); this is for streams.
What it returns is aligned with its input, fewer samples at first, as pedalboard's plug-ins have it.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from streamsep.errors import MissingExtraError

_PIECE = 64
"""Samples that the stretcher takes at a time: with more it holds back more."""

HELD_S = 0.085
"""What is held back, in seconds: at every key as much as at the lowest, so that the key may be moved."""


class Transpose:
    """See the module's docstring.

    Args:
        semitones: Up or down, -12 to 12; may be changed while music plays.

    Raises:
        MissingExtraError: pylibrb is not installed.

    Latency: `HELD_S`, hidden. Thread: one at a time. Allocates: yes. In place: own state.
    """

    def __init__(self, semitones: float = 0.0) -> None:
        self._library = _import_library()
        self._semitones, self._stretcher = semitones, None
        self._n_early = self._n_owed = 0
        self._form: tuple[float, int] | None = None

    @property
    def semitones(self) -> float:
        """Up or down."""
        return self._semitones

    @semitones.setter
    def semitones(self, semitones: float) -> None:
        self._semitones = float(semitones)
        if self._stretcher is not None:
            self._stretcher.pitch_scale = 2.0 ** (self._semitones / 12.0)

    def __call__(
        self, audio: np.ndarray, sample_rate: float, buffer_size: int = 8192, reset: bool = True
    ) -> np.ndarray:
        """As `Pedalboard.__call__`. [channels, n] -> [channels, <= n]"""
        if reset or self._form != (sample_rate, len(audio)):
            self._begin(sample_rate, len(audio))
        n = audio.shape[1]
        returned = [self._run(audio[:, at : at + _PIECE]) for at in range(0, n, _PIECE)]
        waiting = np.concatenate([self._waiting, *returned], axis=1)
        if not reset:
            self._n_owed += n
            n_due = max(0, min(self._n_owed - round(HELD_S * sample_rate), waiting.shape[1]))
            self._n_owed -= n_due
            self._waiting = waiting[:, n_due:]
            return waiting[:, :n_due]
        while waiting.shape[1] < n:  # what it still holds back
            more = self._run(np.zeros((len(audio), _PIECE), np.float32))
            waiting = np.concatenate([waiting, more], axis=1)
        self.reset()
        return waiting[:, :n]

    def reset(self) -> None:
        """Forget all sound."""
        self._form = None

    def _begin(self, sample_rate: float, channels: int) -> None:
        option = self._library.Option
        self._stretcher = stretcher = self._library.RubberBandStretcher(
            round(sample_rate),
            channels,
            option.PROCESS_REALTIME | option.ENGINE_FASTER | option.PitchHighConsistency,
            initial_time_ratio=1.0,
            initial_pitch_scale=2.0 ** (self._semitones / 12.0),
        )
        self._form, self._n_owed = (sample_rate, channels), 0
        self._waiting = np.zeros((channels, 0), np.float32)
        # As Rubber Band's documentation says: silence before the sound, and its delay taken off after.
        self._n_early = stretcher.get_start_delay()
        self._run(np.zeros((channels, stretcher.get_preferred_start_pad()), np.float32))

    def _run(self, piece: np.ndarray) -> np.ndarray:
        assert self._stretcher is not None
        self._stretcher.process(np.ascontiguousarray(piece, np.float32))
        returned = self._stretcher.retrieve_available()
        early = min(self._n_early, returned.shape[1])
        self._n_early -= early
        return np.array(returned[:, early:], np.float32)


def _import_library() -> Any:
    try:
        import pylibrb
    except ImportError as error:
        raise MissingExtraError("another key while music plays", "pylibrb", "key") from error
    return pylibrb
