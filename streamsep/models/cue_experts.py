"""The two experts of a `cue_bilstm` as models of their own; numpy only. See `cue_bilstm`."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping

import numpy as np

from streamsep.errors import CheckpointError
from streamsep.model import Model

EXPERTS = ("forwards", "backwards")
"""What the names of an expert's weights begin with, before a dot: how it hears the song."""


def split_experts(model: Model) -> tuple[Model, Model]:
    """The experts of a model of kind "cue_bilstm", each of kind "cue_lstm".

    Args:
        model: Both; its arrays are shared, not copied.

    Returns:
        The one that hears the song forwards, and the one that hears it backwards.

    Raises:
        CheckpointError: There are weights of neither.
    """
    parts: dict[str, dict[str, np.ndarray]] = {expert: {} for expert in EXPERTS}
    for name, array in model.weights.items():
        expert, _, rest = name.partition(".")
        if expert not in parts:
            raise CheckpointError(
                f"weights '{name}' of this {model.kind} model belong to none of its experts "
                f"({', '.join(EXPERTS)}); export it again"
            )
        parts[expert][rest] = array
    forwards, backwards = (
        dataclasses.replace(model, kind="cue_lstm", weights=parts[expert]) for expert in EXPERTS
    )
    return forwards, backwards


def join_experts(forwards: Model, backwards: Model) -> Mapping[str, np.ndarray]:
    """Weights of both experts, each name with its expert's in front."""
    return {
        f"{expert}.{name}": array
        for expert, model in zip(EXPERTS, (forwards, backwards), strict=True)
        for name, array in model.weights.items()
    }
