"""Audio as the engine takes it: one type of array, so that the compiled code exists once."""

from __future__ import annotations

import numpy as np

from streamsep.errors import ShapeError


def as_audio(audio: np.ndarray) -> np.ndarray:
    """[channels, samples] as C-contiguous, writeable float32; the array itself where it is that already.

    Raises:
        ShapeError: It has not two axes, or does not hold floating-point samples.
    """
    audio = np.asarray(audio)
    if audio.ndim != 2:
        raise ShapeError(
            f"audio of shape {audio.shape} is not [channels, samples]; for mono pass audio[None, :]"
        )
    if audio.dtype.kind != "f":
        raise ShapeError(
            f"audio of type {audio.dtype} is not floating-point; scale it to float32 in -1 to 1"
        )
    plain = audio.dtype == np.float32 and audio.flags.c_contiguous and audio.flags.writeable
    return audio if plain else np.array(audio, np.float32, order="C")
