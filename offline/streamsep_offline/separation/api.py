"""`separate`: an array in, a stem by name out.

    stems = separate(audio, 44100)
    stems["vocals"]  # as long as the audio, with its channels

Files are the business of `streamsep_offline.files`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields
from typing import Any

import numpy as np

from streamsep.arrays import as_audio
from streamsep.errors import ParameterError
from streamsep_offline.separation.estimator import Estimator
from streamsep_offline.separation.pipeline import Separation
from streamsep_offline.separation.settings import SeparationSettings
from streamsep_offline.separation.song import Progress

_FEED_S = 1.0


def separate(
    audio: np.ndarray,
    sample_rate: int,
    model: str | Estimator | None = None,
    *,
    progress: Progress | None = None,
    **settings: Any,
) -> dict[str, np.ndarray]:
    """Separate a recording.

    Args:
        audio: Floating-point samples, [channels, samples] or, mono, [samples]; not modified. NaN and
            infinity count as 0.
        sample_rate: In Hz, 8000 to 192000.
        model: A name or folder, or an `Estimator`; None is the best bundled model.
        progress: Told after each block the seconds of the audio that are done. To cancel, raise in it; what
            it raises comes out of here.
        **settings: Fields of `SeparationSettings`: targets=("vocals",), niter=0, shifts=2 and so on.

    Returns:
        Stems by name, float32, each of the shape of the audio. A full set of stems sums to the audio.

    Raises:
        ShapeError: The audio has no samples or no channels, more axes, or no floating-point samples.
        SampleRateError: The rate lies outside 8 to 192 kHz.
        ParameterError: A setting or a target is unknown or out of range.
        PresetError: There is no such model.
        CheckpointError: The model's folder is damaged, or the set was not fetched.
        MissingExtraError: Something that was asked for needs a package that is not installed.

    Thread: any; each call loads its model, so for many songs make one `Separation`.
    """
    known = {field.name for field in fields(SeparationSettings)} - {"model"}
    unknown = sorted(set(settings) - known)
    if unknown:
        raise ParameterError(
            f"setting '{unknown[0]}' is unknown; there are: {', '.join(sorted(known))}"
        )
    audio = np.asarray(audio)
    rows = as_audio(audio[None] if audio.ndim == 1 else audio)
    named, estimator = (model, None) if model is None or isinstance(model, str) else (None, model)
    separation = Separation(SeparationSettings(model=named, **settings), estimator)

    def pieces() -> Iterator[np.ndarray]:
        n = round(_FEED_S * sample_rate)
        return (rows[:, at : at + n] for at in range(0, rows.shape[1], n))

    run = separation.run(pieces, sample_rate, len(rows), rows.shape[1], progress=progress)
    stems = np.concatenate(list(run), axis=-1)
    return {
        name: stem.reshape(audio.shape) for name, stem in zip(separation.stems, stems, strict=True)
    }
