"""What can be evaluated: anything that turns a song into stems."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Protocol

import numpy as np

from streamsep_offline.evaluation.score import SongAudio

Estimate = Callable[[SongAudio], tuple[tuple[str, ...], np.ndarray]]
"""From a song to names and stems [stems, channels, n], aligned with it."""


class Method(Protocol):
    """A way to separate, as data: it is sent to other processes, and opened there."""

    @property
    def title(self) -> str:
        """One line for people."""
        ...

    @property
    def settings(self) -> Mapping[str, Any]:
        """What decides the figures: JSON values."""
        ...

    def open(self) -> Estimate:
        """Load what it takes; raises `StreamsepError`s."""
        ...
