"""Parts moved between left and right: where a mixer puts an instrument is taste."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from streamsep_offline.augment.piece import EachPart
from streamsep_offline.tables import number


@dataclass(frozen=True)
class Rotate(EachPart):
    """The stereo image of a part turned by an angle; its power stays. Mono audio stays as it is.

    With 45 degrees what was in the middle is all on the left.

    Attributes:
        chance: That a part is turned.
        most_degrees: Largest angle, to both sides alike, 0 to 90.
    """

    most_degrees: float = number(30.0, 0.0, 90.0)

    def change(self, rng: np.random.Generator, audio: np.ndarray, sample_rate: int) -> np.ndarray:
        """See `EachPart`."""
        angle = np.deg2rad(rng.uniform(-self.most_degrees, self.most_degrees))
        if len(audio) != 2:
            return audio
        cosine, sine = np.float32(np.cos(angle)), np.float32(np.sin(angle))
        return np.stack([cosine * audio[0] + sine * audio[1], cosine * audio[1] - sine * audio[0]])
