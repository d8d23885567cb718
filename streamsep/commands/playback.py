"""Hearing a song taken apart while it plays: everything, each stem alone in turn, the band without voice."""

from __future__ import annotations

import importlib
from types import TracebackType
from typing import Any

import numpy as np

from streamsep.errors import MissingExtraError, StreamsepError
from streamsep.mixer import StemMixer

TURN_S = 4.0
"""Seconds until the next turn."""


class DeviceError(StreamsepError, OSError):
    """There is no sound device to play on."""


class TourPlayer:
    """Plays stems on the default sound device, soloing each in turn.

    Args:
        stems: Their names.
        sample_rate: In Hz.
        channels: Of the stems.

    Attributes:
        turn: What sounds now, for people.

    Raises:
        MissingExtraError: sounddevice is not installed.
        DeviceError: PortAudio or a device is missing.
    """

    def __init__(self, stems: tuple[str, ...], sample_rate: int, channels: int) -> None:
        self._mixer = StemMixer(stems, sample_rate, channels)
        self._turns = ["everything", *stems, "without vocals", "everything"]
        self._turn_samples = int(TURN_S * sample_rate)
        self._n_played = 0
        self.turn = self._turns[0]
        try:
            sounddevice: Any = importlib.import_module("sounddevice")
        except ImportError as error:
            raise MissingExtraError("--play", "sounddevice", "live") from error
        except OSError as error:
            raise DeviceError(
                f"--play needs the PortAudio library ({error}); install it"
            ) from error
        try:
            self._stream = sounddevice.OutputStream(
                samplerate=sample_rate, channels=channels, dtype="float32"
            )
            self._stream.start()
        except sounddevice.PortAudioError as error:
            raise DeviceError(f"--play found no sound device ({error}); leave it out") from error

    def write(self, stems: np.ndarray) -> None:
        """Play a block, float32 [stems, channels, n]; returns when the device has taken it."""
        self._take_turn()
        mix = self._mixer.mix(stems)
        self._n_played += mix.shape[1]
        self._stream.write(np.ascontiguousarray(mix.T))

    def _take_turn(self) -> None:
        turn = self._turns[self._n_played // self._turn_samples % len(self._turns)]
        if turn == self.turn:
            return
        self.turn = turn
        for name in self._mixer.stems:
            self._mixer[name].solo = name == turn
            self._mixer[name].mute = turn == "without vocals" and name == "vocals"

    def __enter__(self) -> TourPlayer:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if kind is None:
            self._stream.stop()  # plays what the device still holds
        self._stream.close()
