"""Names and shapes of the weights of `cue_lstm`, checked without PyTorch."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from streamsep.errors import CheckpointError
from streamsep.features.cue_tables import BAND_CUES, CUES, N_BAND_INPUTS, N_BANDS
from streamsep.features.fine_grid import FINE_CUES, points_heard
from streamsep.model import Model
from streamsep.models.cue_prior import N_MASKS


def checked_weights(model: Model) -> Mapping[str, np.ndarray]:
    """The weights of a model of kind "cue_lstm", if they are complete.

    Raises:
        CheckpointError: Weights are missing, foreign or have the wrong shape.
    """
    expected = _shapes(model)
    found = {name: array.shape for name, array in model.weights.items()}
    if found == expected:
        return model.weights
    lists = {
        "missing": sorted(expected.keys() - found.keys()),
        "foreign": sorted(found.keys() - expected.keys()),
        "of another shape": sorted(
            name for name in expected.keys() & found.keys() if expected[name] != found[name]
        ),
    }
    listed = ", ".join(f"{what} {' '.join(names)}" for what, names in lists.items() if names)
    raise CheckpointError(f"weights of this cue_lstm model do not fit: {listed}; export it again")


def _shapes(model: Model) -> dict[str, tuple[int, ...]]:
    """Shapes of all weights, given the widths that they themselves tell."""

    def size(name: str, axis: int) -> int:
        array = model.weights.get(name, np.zeros((1, 1)))
        return array.shape[axis] if array.ndim == 2 else 1

    n_targets, n_cues, n_band_cues = len(model.classes), len(CUES), len(BAND_CUES)
    n_input, hidden = size("context_input.weight", 0), size("lstm.weight_hidden", 1)
    n_points = points_heard(size("context_input.weight", 1))
    n_heard, n_said = N_BAND_INPUTS + len(FINE_CUES) * n_points, N_BANDS + n_points
    shapes: dict[str, tuple[int, ...]] = {
        "cue_logits": (N_BANDS, n_targets, N_MASKS),
        "bias": (N_BANDS, n_targets),
        "slopes": (N_BANDS, n_targets, n_cues),
        "context_input.weight": (n_input, n_heard),
        "context_input.bias": (n_input,),
        "lstm.weight_input": (4 * hidden, n_input),
        "lstm.weight_hidden": (4 * hidden, hidden),
        "lstm.bias": (4 * hidden,),
        "context_output.weight": (n_said * n_targets, hidden),
        "context_output.bias": (n_said * n_targets,),
    }
    if "local_input.weight" in model.weights:
        first, second = size("local_input.weight", 0), size("local_middle.weight", 0)
        n_position = size("position", 1)
        shapes |= {
            "position": (N_BANDS, n_position),
            "local_input.weight": (first, n_cues + n_band_cues + n_position),
            "local_input.bias": (first,),
            "local_middle.weight": (second, first),
            "local_middle.bias": (second,),
            "local_output.weight": (n_targets, second),
            "local_output.bias": (n_targets,),
        }
    return shapes
