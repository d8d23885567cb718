"""`StemMixer`: stems back to one sound, with gain, mute, solo, pan and width, and never a click.

Each stem passes a small matrix (channels x channels) that holds all its controls. A change of any
control moves the matrix to its new value on a straight line over 20 ms, sample by sample, whatever the
block size. At rest and at unity the matrix is exactly the identity, so the mix is exactly the sum.

Boards of effects come before the faders, one per stem, and one after the sum.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from streamsep.boards import LONGEST_FLUSH_S, AlignedBoards, Board
from streamsep.errors import ParameterError, PresetError, SampleRateError, ShapeError
from streamsep.units import db_to_gain, gain_to_db

RAMP_S = 0.02
"""Time in seconds in which a control reaches its new value."""

SUM = "mix"
"""Name of the sum among the boards."""

MAX_GAIN = 16.0
"""Largest gain of a stem: +24 dB."""


class StemControl:
    """Faders and switches of one stem.

    Attributes:
        mute: Silences the stem.
        solo: While any stem is soloed, only soloed ones sound.
    """

    def __init__(self) -> None:
        self.mute = False
        self.solo = False
        self._gain, self._pan, self._width = 1.0, 0.0, 1.0

    @property
    def gain(self) -> float:
        """Linear gain, 0 to 16; 1 is unity."""
        return self._gain

    @gain.setter
    def gain(self, value: float) -> None:
        self._gain = _in_range("gain", value, 0.0, MAX_GAIN)

    @property
    def gain_db(self) -> float:
        """Gain in dB, up to +24; at or below -120 the stem is silent and reads -inf."""
        return gain_to_db(self._gain)

    @gain_db.setter
    def gain_db(self, value: float) -> None:
        self.gain = (
            0.0 if value == -math.inf else db_to_gain(_in_range("gain_db", value, -1e4, 24.0))
        )

    @property
    def pan(self) -> float:
        """Balance, -1 (left) to +1 (right); 0 leaves the stem as it is."""
        return self._pan

    @pan.setter
    def pan(self, value: float) -> None:
        self._pan = _in_range("pan", value, -1.0, 1.0)

    @property
    def width(self) -> float:
        """Stereo width, 0 (mono) to 2 (side doubled); 1 leaves the stem as it is."""
        return self._width

    @width.setter
    def width(self, value: float) -> None:
        self._width = _in_range("width", value, 0.0, 2.0)

    def matrix(self, channels: int, audible: bool) -> np.ndarray:
        """What the controls amount to: out = matrix @ in, [channels, channels]."""
        if not audible:
            return np.zeros((channels, channels))
        if channels == 1:
            return np.full((1, 1), self._gain)
        same, cross = 0.5 * (1.0 + self._width), 0.5 * (1.0 - self._width)
        # Balance: the far side fades, the near side stays, so that the centre is unity exactly.
        left, right = min(1.0, 1.0 - self._pan), min(1.0, 1.0 + self._pan)
        return self._gain * np.array([[left * same, left * cross], [right * cross, right * same]])


def _apply(matrices: np.ndarray, stems: np.ndarray) -> np.ndarray:
    """Sum over stems and input channels of matrix entry times samples.

    One product at a time, in a fixed order: the result has the same bits wherever the arrays lie in
    memory, which a library's contraction does not promise.

    Args:
        matrices: [stems, channels out, channels in, n or 1]
        stems: float32 [stems, channels in, n]

    Returns:
        float32 [channels out, n].
    """
    mixed = np.zeros((matrices.shape[1], stems.shape[-1]))
    for matrix, stem in zip(matrices, stems, strict=True):
        for out, row in zip(mixed, matrix, strict=True):
            for entry, channel in zip(row, stem, strict=True):
                if entry.any():
                    out += entry * channel
    return mixed.astype(np.float32)


def _in_range(name: str, value: float, low: float, high: float) -> float:
    if not low <= value <= high:  # also false for NaN
        raise ParameterError(f"{name}={value} is outside {low:g} to {high:g}")
    return float(value)


class StemMixer:
    """Mixes stems to one sound; `mixer["vocals"].gain_db = -6` moves a fader.

    Args:
        stems: Names, in the order of the stems' first axis.
        sample_rate: Of the audio, in Hz.
        channels: Of every stem and of the mix.

    Attributes:
        fx: Boards by the stem's name, and "mix": a `pedalboard.Pedalboard`, or what is called as one.

    Latency: 0 samples; called with boards, see there. Thread: one; controls may be set from any.
    Allocates: yes. In place: no.
    """

    latency_samples = 0

    def __init__(self, stems: Sequence[str], sample_rate: int, channels: int = 2) -> None:
        self.stems = tuple(stems)
        self.channels = channels
        self._controls = {name: StemControl() for name in self.stems}
        self.fx: dict[str, Board] = {}
        self._rate, self._n_ramp = sample_rate, max(1, round(RAMP_S * sample_rate))
        self.reset()

    def __getitem__(self, stem: str) -> StemControl:
        if stem not in self._controls:
            raise self._unknown(stem)
        return self._controls[stem]

    def _unknown(self, stem: str) -> PresetError:
        return PresetError(f"stem '{stem}' is unknown; this preset has: {', '.join(self.stems)}")

    def reset(self) -> None:
        """Jump to the present settings without a ramp, as at the start; what boards held back is lost."""
        self._before, self._after, self._n_owed = AlignedBoards(), AlignedBoards(), 0
        self._start = self._target = self._now = self._wanted()
        self._n_done = self._n_ramp

    def __call__(
        self, stems: np.ndarray, sample_rate: float, buffer_size: int = 8192, reset: bool = True
    ) -> np.ndarray:
        """Stems through their boards and controls, and the sum through its own; called as a `Pedalboard`.

        Args:
            stems: float32 [stems, channels, n].
            sample_rate: In Hz, this mixer's.
            buffer_size: Samples that boards take at a time.
            reset: Whether these are whole stems. If not, the next part of a stream; where boards have
                latency, fewer samples come at first, and `flush` returns the last ones.

        Returns:
            float32 [channels, m], aligned with the stems; m = n for whole stems.

        Raises:
            PresetError: There is a board for a stem that does not exist.
            SampleRateError: The rate is another.
            ShapeError: The first two axes are not those of this mixer.
            ParameterError: Boards were exchanged in the middle of a stream.
        """
        self._check(stems)
        if sample_rate != self._rate:
            raise SampleRateError(
                f"sample rate {sample_rate:g} Hz is not the {self._rate} Hz of this mixer"
            )
        for name in set(self.fx) - {SUM} - set(self.stems):
            raise self._unknown(name)
        if reset:
            self.reset()
        boards = [self.fx.get(name) for name in self.stems]
        wet = self._before.run(stems, boards, self._rate, buffer_size, reset)
        mixed = self.mix(wet)[np.newaxis]
        mixed = self._after.run(mixed, [self.fx.get(SUM)], self._rate, buffer_size, reset)[0]
        self._n_owed += stems.shape[-1] - mixed.shape[-1]
        return mixed

    def flush(self) -> np.ndarray:
        """End a stream: what boards still hold back. float32 [channels, n]"""
        owed, parts = self._n_owed, [np.zeros((self.channels, 0), np.float32)]
        silence = np.zeros((len(self.stems), self.channels, 8192), np.float32)
        n_given, most = 0, owed + LONGEST_FLUSH_S * self._rate
        while (missing := owed - sum(part.shape[1] for part in parts)) > 0 and n_given < most:
            parts.append(self(silence, self._rate, reset=False)[:, :missing])
            n_given += silence.shape[-1]
        self.reset()
        return np.concatenate([*parts, np.zeros((self.channels, max(missing, 0)), np.float32)], 1)

    def mix(self, stems: np.ndarray) -> np.ndarray:
        """Sum of the stems through their controls, without boards.

        Args:
            stems: float32 [stems, channels, n].

        Returns:
            float32 [channels, n].

        Raises:
            ShapeError: The first two axes are not those of this mixer.
        """
        self._check(stems)
        wanted, n = self._wanted(), stems.shape[-1]
        if not np.array_equal(wanted, self._target):
            self._start, self._target, self._n_done = self._now, wanted, 0
        n_moving = min(n, self._n_ramp - self._n_done)
        mixed = np.empty(stems.shape[1:], np.float32)
        if n_moving:
            done = (self._n_done + 1 + np.arange(n_moving)) / self._n_ramp
            path = self._start[..., None] + (self._target - self._start)[..., None] * done
            mixed[:, :n_moving] = _apply(path, stems[..., :n_moving])
            self._n_done += n_moving
            self._now = path[..., -1] if self._n_done < self._n_ramp else self._target
        if n > n_moving:
            mixed[:, n_moving:] = _apply(self._target[..., None], stems[..., n_moving:])
        return mixed

    def _check(self, stems: np.ndarray) -> None:
        if stems.ndim != 3 or stems.shape[:2] != (len(self.stems), self.channels):
            raise ShapeError(
                f"stems have shape {stems.shape}; expected [{len(self.stems)}, {self.channels}, samples]"
            )

    def _wanted(self) -> np.ndarray:
        solo = any(control.solo for control in self._controls.values())
        return np.stack(
            [
                control.matrix(self.channels, not control.mute and (control.solo or not solo))
                for control in self._controls.values()
            ]
        )
