"""A causal preset as what streams stems: the real-time engine over a whole song, without its delay."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import numpy as np

from streamsep.engine import HopEngine, create_engine
from streamsep.model import Model
from streamsep.whole import separate_blocks
from streamsep_offline.separation.streamed import song_spec


class CausalStems:
    """A `StemStream` of a model that hears the past.

    Args:
        model: Any that the compiled engine runs.

    Attributes:
        targets: Names of its stems.
    """

    def __init__(self, model: Model) -> None:
        self._model, self.targets = model, model.targets
        self._engines: dict[tuple[int, int], HopEngine] = {}

    def separate(
        self, blocks: Iterable[np.ndarray], sample_rate: int, channels: int
    ) -> Iterator[np.ndarray]:
        """See `StemStream`."""
        spec = song_spec(self._model, sample_rate, channels)
        key = spec.sample_rate, spec.channels
        if key not in self._engines:
            self._engines[key] = create_engine("compiled", self._model, spec)
        return separate_blocks(self._engines[key], blocks, sample_rate, channels)
