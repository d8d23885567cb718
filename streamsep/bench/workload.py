"""The load: causal Open-Unmix networks with random weights, one frame of magnitudes at a time."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

from streamsep.model import Model
from streamsep.models.open_unmix_random import random_model, typical_magnitude
from streamsep.models.open_unmix_weights import OpenUnmixSettings, network_weights
from streamsep.spec import PROFILES, STEM_SETS, StreamSpec

FULL_HIDDEN_SIZE = 512
"""Hidden size of the published models."""

N_FRAMES = 16
"""Different frames of input, taken in turn."""

PIP_BENCH = "not installed (pip install 'streamsep[bench]')"
"""What the row of a missing peer says."""


@dataclass(frozen=True)
class Workload:
    """What every candidate computes.

    Attributes:
        model: Four causal Open-Unmix networks.
        spec: Windows, rate, channels, targets.
        settings: Sizes of the networks.
        weights: {target: {key: array}}.
        magnitudes: Input frames, >= 0. [N_FRAMES, channels, bins]
    """

    model: Model
    spec: StreamSpec
    settings: OpenUnmixSettings
    weights: Mapping[str, Mapping[str, np.ndarray]]
    magnitudes: np.ndarray

    @property
    def n_matrix_weights(self) -> int:
        """Weights that a step must read: those of the matrices, each once."""
        return sum(w.size for net in self.weights.values() for w in net.values() if w.ndim == 2)


@dataclass(frozen=True)
class Candidate:
    """One implementation of the load.

    Attributes:
        name: For people.
        precision: "float32" or "int8": of the weights.
        step: Magnitudes of a frame [channels, bins] to gains before their ReLU [networks, channels
            x
            bins], carrying its own state; None where a package is missing.
        remark: Why `step` is None, or what people should know.
    """

    name: str
    precision: str
    step: Callable[[np.ndarray], np.ndarray] | None
    remark: str = ""


def make_workload(hidden_size: int = FULL_HIDDEN_SIZE, profile: str = "studio") -> Workload:
    """Four targets at a profile; the full size reads 41.9 million weights per step."""
    targets = STEM_SETS["4stems"]
    spec = StreamSpec(PROFILES[profile], 44100, 2, targets)
    model = random_model(spec.profile, targets, hidden_size)
    shape = (N_FRAMES, spec.channels, spec.profile.n_bins)
    noise = np.abs(np.random.default_rng(1).standard_normal(shape))
    magnitudes = (noise * typical_magnitude(spec.profile)).astype(np.float32)
    return Workload(
        model, spec, OpenUnmixSettings.of(model), network_weights(model, spec), magnitudes
    )
