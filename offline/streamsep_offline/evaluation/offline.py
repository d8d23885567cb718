"""The offline path: what `streamsep separate` does, with its Wiener filter and its look ahead."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from streamsep_offline.evaluation.method import Estimate
from streamsep_offline.evaluation.score import SongAudio
from streamsep_offline.separation.pipeline import Separation
from streamsep_offline.separation.settings import SeparationSettings

_PIECE = 44100


@dataclass(frozen=True)
class OfflineMethod:
    """A preset, a model folder or a set of bidirectional networks, as `streamsep separate` runs it.

    Attributes:
        separation: Settings of the separation.
    """

    separation: SeparationSettings

    @property
    def title(self) -> str:
        """One line for people."""
        s = self.separation
        shifts = f", {s.shifts} shifts" if s.shifts else ""
        softmask = " softmask" if s.softmask else ""
        return f"{Path(s.chosen_model).name}, offline, niter {s.niter}{softmask}{shifts}"

    @property
    def settings(self) -> Mapping[str, Any]:
        """All settings of the separation."""
        return {"path": "offline", **asdict(self.separation)}

    def open(self) -> Estimate:
        """Loads the model."""
        separation = Separation(self.separation)

        def estimate(song: SongAudio) -> tuple[tuple[str, ...], np.ndarray]:
            mixture = song.mixture

            def pieces() -> Iterator[np.ndarray]:
                starts = range(0, mixture.shape[1], _PIECE)
                return (mixture[:, at : at + _PIECE] for at in starts)

            run = separation.run(pieces, song.sample_rate, len(mixture), mixture.shape[1])
            return separation.stems, np.concatenate(list(run), axis=-1)

        return estimate
